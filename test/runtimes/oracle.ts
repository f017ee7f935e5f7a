/**
 * Knows what a signature must be: rebuilds the base from what arrived (RFC 9421 section 2.5) and signs it with Node's
 * crypto and the vectors' key. Shares no code with the client, and is itself held to the vectors before it judges.
 */
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { oracleKeyIds, type Algorithm, type Vectors } from "./plan.js";

/** A request as it came over the wire. */
export interface Arrived {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
}

export interface Oracle {
  /** Why the signature is not the one it must be; undefined when it is. */
  readonly fault: (arrived: Arrived) => string | undefined;
}

/** @throws Error when the oracle does not agree with the vectors */
export function createOracle({ keys, requests }: Vectors): Oracle {
  const isGood: Readonly<Record<Algorithm, (base: Buffer, signature: Buffer) => boolean>> = {
    ed25519: (base, signature) => sign(null, base, createPrivateKey(keys.ed25519.pkcs8)).equals(signature),
    // OpenSSL writes what it read anew and compares: only strict DER passes.
    "ecdsa-p521": (base, signature) => {
      const key = createPublicKey(keys["ecdsa-p521"].spki);
      return verify("sha512", base, { key, dsaEncoding: "der" }, signature);
    },
  };

  for (const vector of requests.vectors.filter(({ profile }) => profile === 15)) {
    const base = baseOf(new Map(vector.components), vector.params);
    if (base !== vector.base) throw new Error(`the oracle builds another base than ${vector.name}`);
    for (const algorithm of ["ed25519", "ecdsa-p521"] as const) {
      const signature = Buffer.from(vector[algorithm], "base64");
      if (!isGood[algorithm](Buffer.from(base), signature))
        throw new Error(`the oracle refuses ${vector.name}`);
      signature.writeUInt8(signature.readUInt8(signature.length - 1) ^ 1, signature.length - 1);
      if (isGood[algorithm](Buffer.from(base), signature))
        throw new Error(`the oracle takes a changed ${vector.name}`);
    }
  }

  return {
    fault({ method, url, headers }) {
      const params = /^sig1=(.+)$/.exec(headers.get("signature-input") ?? "")?.[1];
      const signature = /^sig1=:([A-Za-z0-9+/]+=*):$/.exec(headers.get("signature") ?? "")?.[1];
      if (params === undefined || signature === undefined) return "it is not signed";
      const keyId = /;keyid="([^"]+)"/.exec(params)?.[1];
      const algorithm = (["ed25519", "ecdsa-p521"] as const).find((name) => oracleKeyIds[name] === keyId);
      if (algorithm === undefined) return `its keyid ${keyId} is unknown`;
      const at = url.indexOf("?");
      const values = new Map(headers)
        .set("@method", method)
        .set("@path", at === -1 ? url : url.slice(0, at))
        .set("@query", at === -1 ? "" : url.slice(at));
      const names = [...(/^\(([^)]*)\)/.exec(params)?.[1] ?? "").matchAll(/"([^"]+)"/g)].map(
        ([, name]) => name ?? "",
      );
      const absent = names.find((name) => !values.has(name));
      if (absent !== undefined) return `${absent} is covered and did not arrive`;
      const base = baseOf(new Map(names.map((name) => [name, values.get(name) ?? ""])), params);
      return isGood[algorithm](Buffer.from(base, "latin1"), Buffer.from(signature, "base64"))
        ? undefined
        : `its ${algorithm} signature is not what the vectors' key gives over:\n${base}`;
    },
  };
}

const baseOf = (components: ReadonlyMap<string, string>, params: string): string =>
  [...components, ["@signature-params", params] as const]
    .map(([name, value]) => `"${name}": ${value}`)
    .join("\n");

import { createHash, randomUUID, sign, type KeyObject } from "node:crypto";
import type { DeliveryKey } from "./verification-keys.js";

/** 6: how Upvest signs deliveries (Upvest docs, Choosing HTTP signature versions). 15: as requests are signed. */
export type DeliveryVersion = 6 | 15;

/** A delivery that is ready to be signed. */
export interface Draft {
  readonly url: URL;
  readonly body: Buffer;
  readonly version: DeliveryVersion;
  readonly key: DeliveryKey;
  /** Unix seconds. */
  readonly created: number;
  /** Covered, in this order. */
  readonly components: readonly string[];
}

/** A delivery that is ready to be sent. */
export interface Sealed {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The text that was signed. */
  readonly base: string;
}

/** Seconds from `created` to `expires`. How long Upvest gives is not documented. */
const LIFETIME = 60;

const DIGEST_HEADER = { 6: "digest", 15: "content-digest" } as const satisfies Record<
  DeliveryVersion,
  string
>;

/** What a delivery covers. Which components Upvest covers is not documented: these are all that a delivery has. */
export function coverOf(url: URL, version: DeliveryVersion): readonly string[] {
  const query = url.search === "" ? [] : ["@query"];
  return ["@method", "@path", ...query, "content-length", "content-type", DIGEST_HEADER[version]];
}

/** The headers that tell about the body. */
export function bodyHeaders(body: Buffer, version: DeliveryVersion): Readonly<Record<string, string>> {
  const hash = (name: string): string => createHash(name).update(body).digest("base64");
  return {
    "content-type": "application/json",
    "content-length": String(body.length),
    [DIGEST_HEADER[version]]: version === 6 ? `SHA-256=${hash("sha256")}` : `sha-512=:${hash("sha512")}:`,
  };
}

/** Signs a delivery with a nonce of its own: ECDSA on P-521 with SHA-512, in ASN.1 DER (Upvest docs, algorithms). */
export async function seal({ url, body, version, key, created, components }: Draft): Promise<Sealed> {
  const headers = bodyHeaders(body, version);
  const values: Readonly<Record<string, string>> = {
    ...headers,
    "@method": "POST",
    "@path": url.pathname,
    "@query": url.search,
  };
  const nonce = randomUUID().replaceAll("-", "");
  const params =
    `(${components.map((name) => `"${name}"`).join(" ")})` +
    `;keyid="${key.kid}";created=${created};expires=${created + LIFETIME};nonce="${nonce}"`;
  const base = signatureBase(
    version,
    components.map((name) => [name, values[name] ?? ""]),
    params,
  );
  const signature = await signBytes(Buffer.from(base), key.privateKey);
  return {
    headers: {
      ...headers,
      ...(version === 15 ? { "upvest-signature-version": "15" } : {}),
      "signature-input": `sig1=${params}`,
      signature: `sig1=:${signature.toString("base64")}:`,
    },
    body,
    base,
  };
}

/**
 * The text that is signed: a line for each component, then the parameters. A line begins with the name in quotes; in
 * v6 without them, which is a known fault that is kept for compatibility (Upvest docs, Implementing v6).
 */
export function signatureBase(
  version: DeliveryVersion,
  components: readonly (readonly [name: string, value: string])[],
  params: string,
): string {
  const quote = version === 6 ? "" : '"';
  return [...components, ["@signature-params", params] as const]
    .map(([name, value]) => `${quote}${name}${quote}: ${value}`)
    .join("\n");
}

/** Off the event loop: P-521 takes milliseconds. */
function signBytes(bytes: Buffer, key: KeyObject): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    sign("sha512", bytes, { key, dsaEncoding: "der" }, (error, signature) =>
      error === null ? resolve(signature) : reject(error),
    );
  });
}

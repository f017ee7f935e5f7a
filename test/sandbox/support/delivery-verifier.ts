import { createHash, createPublicKey, verify, type KeyObject } from "node:crypto";

/** A delivery as an endpoint receives it. */
export interface Delivered {
  readonly method: string;
  /** Path and query, as on the request line. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Checked {
  /** Empty when a receiver may accept the delivery. */
  readonly faults: readonly Fault[];
  readonly base: string;
  readonly components: readonly string[];
  readonly parameters: ReadonlyMap<string, string>;
}

export type Fault =
  | "no signature"
  | "cover"
  | "digest"
  | "times"
  | "unknown key"
  | "bad signature"
  | "replay"
  | "content-length";

/** The keys by kid, read from the answer of `GET /auth/verify_keys`. */
export function readKeys(jwks: unknown): ReadonlyMap<string, KeyObject> {
  const keys = Object(jwks).keys.map((jwk: Record<string, string>) => [
    jwk["kid"],
    createPublicKey({ key: { ...jwk }, format: "jwk" }),
  ]);
  return new Map(keys);
}

/**
 * A receiver's check with nothing but Node, written from the Upvest docs: it shares no code with the sandbox that
 * signs, nor with the receiver of this package. It names all that is wrong, not only the first thing.
 */
export function createDeliveryVerifier(clock: () => number = Date.now) {
  const nonces = new Set<string>();
  return (delivered: Delivered, keys: ReadonlyMap<string, KeyObject>): Checked => {
    const faults: Fault[] = [];
    const fault = (name: Fault, wrong: boolean): void => void (wrong && faults.push(name));
    const { method, target, headers, body } = delivered;
    const v15 = headers["upvest-signature-version"] === "15";
    const digestName = v15 ? "content-digest" : "digest";
    const digest = v15
      ? `sha-512=:${createHash("sha512").update(body).digest("base64")}:`
      : `SHA-256=${createHash("sha256").update(body).digest("base64")}`;
    fault("digest", headers[digestName] !== digest);
    fault("content-length", headers["content-length"] !== String(body.length));

    const input = /^sig1=(\((.*)\)(;.*))$/.exec(headers["signature-input"] ?? "");
    const signature = /^sig1=:([A-Za-z0-9+/]+={0,2}):$/.exec(headers["signature"] ?? "");
    const [, params = "", list = "", tail = ""] = input ?? [];
    const components = list.split(" ").map((name) => name.slice(1, -1));
    const parameters = new Map(
      [...tail.matchAll(/;([a-z]+)=(?:"([^"]*)"|(\d+))/g)].map((m) => [m[1] ?? "", m[2] ?? m[3] ?? ""]),
    );
    if (input === null || signature === null) {
      return { faults: [...faults, "no signature"], base: "", components: [], parameters };
    }
    const query = target.includes("?") ? target.slice(target.indexOf("?")) : "";
    const wanted = ["@method", "@path", ...(query === "" ? [] : ["@query"]), digestName];
    fault("cover", !wanted.every((name) => components.includes(name)));

    const values: Record<string, string> = {
      "@method": method,
      "@path": target.slice(0, target.length - query.length),
      "@query": query,
    };
    const quote = v15 ? '"' : "";
    const lines = components.map((name) => `${quote}${name}${quote}: ${values[name] ?? headers[name] ?? ""}`);
    const base = [...lines, `${quote}@signature-params${quote}: ${params}`].join("\n");

    const [created, expires] = [Number(parameters.get("created")), Number(parameters.get("expires"))];
    const now = Math.floor(clock() / 1000);
    fault("times", !(created <= now && now <= expires));
    const key = keys.get(parameters.get("keyid") ?? "");
    fault("unknown key", key === undefined);
    const bytes = Buffer.from(signature[1] ?? "", "base64");
    const good = key !== undefined && verify("sha512", Buffer.from(base), { key, dsaEncoding: "der" }, bytes);
    fault("bad signature", key !== undefined && !good);
    const nonce = parameters.get("nonce") ?? "";
    fault("replay", nonce === "" || nonces.has(nonce));
    nonces.add(nonce);
    return { faults, base, components, parameters };
  };
}

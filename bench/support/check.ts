/** A figure counts only if what was measured is right: the signature of a request, checked from the request alone. */
import { verify, type KeyObject } from "node:crypto";

export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The platform sends its `content-length`. */
  readonly body?: string | Uint8Array | undefined;
}

/** @throws Error where the signature does not hold @returns the names that it covers, sorted */
export function coveredBy({ method, url, headers, body }: Sent, publicKey: KeyObject): readonly string[] {
  const { pathname, search } = new URL(url);
  const params = (headers["signature-input"] ?? "").replace(/^sig1=/, "");
  const names = [...(/^\(([^)]*)\)/.exec(params)?.[1] ?? "").matchAll(/"([^"]+)"/g)].map(
    ([, name = ""]) => name,
  );
  const derived: Readonly<Record<string, string>> = {
    "@method": method,
    "@path": pathname,
    "@query": search,
    ...(body !== undefined && { "content-length": String(Buffer.byteLength(body)) }),
  };
  const lines = names.map((name) => `"${name}": ${derived[name] ?? headers[name] ?? ""}`);
  const base = [...lines, `"@signature-params": ${params}`].join("\n");
  const signature = Buffer.from(/^sig1=:(.*):$/.exec(headers["signature"] ?? "")?.[1] ?? "", "base64");
  const digest = publicKey.asymmetricKeyType === "ec" ? "sha512" : null;
  if (names.length === 0 || !verify(digest, Buffer.from(base), publicKey, signature)) {
    throw new Error(`${method} ${pathname} carries a signature that does not hold`);
  }
  return names.toSorted();
}

/** @throws Error where they differ */
export function requireSame(what: string, a: readonly string[], b: readonly string[]): void {
  if (a.join(" ") !== b.join(" ")) throw new Error(`${what} differ: ${a.join(" ")}; ${b.join(" ")}`);
}

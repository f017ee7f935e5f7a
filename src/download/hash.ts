import { UpvestConfigError } from "../base-errors.js";
import { detectPlatform, unshared } from "../signature/platform.js";

/** SHA-256 of bytes that come piece by piece. */
export interface Hash {
  readonly update: (bytes: Uint8Array) => Promise<void> | void;
  /** Lower-case hex. */
  readonly end: () => Promise<string>;
}

/** What Cloudflare's runtime has for it: WebCrypto itself digests only what is wholly in memory. */
type DigestStream = new (algorithm: "SHA-256") => WritableStream<Uint8Array> & {
  readonly digest: Promise<ArrayBuffer>;
};

const digestStream = (): DigestStream | undefined =>
  (globalThis.crypto as Crypto & { readonly DigestStream?: DigestStream }).DigestStream;

/** @throws UpvestConfigError where the platform has none */
export function createHash({ node } = detectPlatform(), Stream = digestStream()): Hash {
  if (node !== undefined) {
    const hash = node.createHash("sha256");
    return { update: (bytes) => void hash.update(bytes), end: async () => hash.digest("hex") };
  }
  if (Stream === undefined) {
    throw new UpvestConfigError(
      "this platform has neither Node's crypto nor DigestStream to check a download with",
    );
  }
  const stream = new Stream("SHA-256");
  const writer = stream.getWriter();
  return {
    update: (bytes) => writer.write(unshared(bytes)),
    async end() {
      await writer.close();
      return Array.from(new Uint8Array(await stream.digest), (byte) =>
        byte.toString(16).padStart(2, "0"),
      ).join("");
    },
  };
}

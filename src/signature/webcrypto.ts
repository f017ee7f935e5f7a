import type { SignatureAlgorithm } from "./algorithms.js";

type ImportAlgorithm = EcKeyImportParams | { readonly name: "Ed25519" };
type UseAlgorithm = EcdsaParams | { readonly name: "Ed25519" };

/** The names WebCrypto has for each algorithm: when a key is imported, and when it is used. */
export const webCryptoNames: Readonly<
  Record<SignatureAlgorithm, { readonly key: ImportAlgorithm; readonly use: UseAlgorithm }>
> = {
  ed25519: { key: { name: "Ed25519" }, use: { name: "Ed25519" } },
  "ecdsa-p521": {
    key: { name: "ECDSA", namedCurve: "P-521" },
    use: { name: "ECDSA", hash: "SHA-512" },
  },
};

export const noP521 = (cause: unknown): Error =>
  new Error(
    "this platform's WebCrypto does not take the P-521 key: it has no P-521, or the point in the key is not on the " +
      "curve. An Ed25519 key works everywhere; so does a Signer of your own",
    { cause },
  );

/**
 * What `make` comes to, kept once it is there. Not its promise: on Cloudflare Workers one that was begun by a request which
 * has ended meanwhile never settles, and all later callers would wait for it.
 */
export function kept<T>(make: () => Promise<T>): () => Promise<T> {
  let made: { readonly value: T } | undefined;
  return async () => (made ??= { value: await make() }).value;
}

/** A CryptoKey, whichever global object it comes from. */
export const isCryptoKey = (key: unknown): key is CryptoKey =>
  typeof key === "object" && key !== null && "usages" in key && "algorithm" in key && "type" in key;

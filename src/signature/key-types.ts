/**
 * The two types of WebCrypto that stand in our options. Their global names are the DOM library's; `@types/node` knows them
 * by others, and a program for Node alone should type-check too.
 */

/** A key as JSON (RFC 7517), with the members that WebCrypto names. */
export interface JsonWebKey {
  alg?: string;
  crv?: string;
  d?: string;
  dp?: string;
  dq?: string;
  e?: string;
  ext?: boolean;
  k?: string;
  key_ops?: string[];
  kty?: string;
  n?: string;
  oth?: { d?: string; r?: string; t?: string }[];
  p?: string;
  q?: string;
  qi?: string;
  use?: string;
  x?: string;
  y?: string;
}

/** A key of WebCrypto: that of the DOM library where there is one, else that of `@types/node`. */
export type CryptoKey = typeof globalThis extends { CryptoKey: { prototype: infer Key } } ? Key : never;

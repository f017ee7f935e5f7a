import type { Identified, SignatureAlgorithm } from "./algorithms.js";
import { decodeBase64Url } from "./base64.js";
import { padStart } from "./der.js";

/** A public key that was read and judged. */
export interface PublicKey {
  readonly algorithm: SignatureAlgorithm;
  /** The 32 bytes of an Ed25519 key, or a P-521 point in uncompressed form (0x04, x, y). */
  readonly point: Uint8Array<ArrayBuffer>;
}

/** Reads `kty` and `crv` of a JWK. */
export function identifyJwk({ kty, crv }: JsonWebKey): Identified {
  if (kty === "OKP" && crv === "Ed25519") return { algorithm: "ed25519" };
  if (kty === "EC" && crv === "P-521") return { algorithm: "ecdsa-p521" };
  return { found: `a JWK with kty ${JSON.stringify(kty)} and crv ${JSON.stringify(crv)}` };
}

/**
 * Reads a public JWK (RFC 7517; OKP keys: RFC 8037).
 *
 * @param refuse makes the error for a key that cannot be used from what the key turned out to be.
 */
export function readPublicJwk(jwk: JsonWebKey, refuse: (found: string) => Error): PublicKey {
  const identified = identifyJwk(jwk);
  const { algorithm } = identified;
  if (!algorithm) throw refuse(identified.found);
  if (jwk.d !== undefined) throw refuse("a private JWK (it has d)");
  const coordinate = (member: "x" | "y"): Uint8Array<ArrayBuffer> => {
    const text: unknown = jwk[member];
    const bytes = typeof text === "string" ? decodeBase64Url(text) : undefined;
    if (!bytes) throw refuse(`a JWK whose ${member} is not base64url without padding`);
    return bytes;
  };
  if (algorithm === "ed25519") {
    const point = coordinate("x");
    if (point.length !== 32) throw refuse(`an Ed25519 key of ${point.length} bytes instead of 32`);
    return { algorithm, point };
  }
  // Some writers drop leading zeros.
  const [x, y] = [padStart(coordinate("x"), 66), padStart(coordinate("y"), 66)];
  if (!x || !y) throw refuse("a P-521 JWK with an x or y longer than 66 bytes");
  return { algorithm, point: Uint8Array.of(0x04, ...x, ...y) };
}

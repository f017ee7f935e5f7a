import { algorithmIdentifiers, identify, identifyJwk } from "./algorithms.js";
import type { SignatureAlgorithm } from "./algorithms.js";
import { decodeBase64Url } from "./base64.js";
import { der, derSequence, padStart, tags } from "./der.js";
import { pemBlocks } from "./pem.js";
import { kindOf, refuseVerificationKey } from "./refusal.js";

/** A public key that was read and judged. */
export interface PublicKey {
  readonly algorithm: SignatureAlgorithm;
  /** The 32 bytes of an Ed25519 key, or a P-521 point in uncompressed form (0x04, x, y). */
  readonly point: Uint8Array<ArrayBuffer>;
  /** The key written anew as SubjectPublicKeyInfo. */
  readonly spki: Uint8Array<ArrayBuffer>;
}

/** Reads a public key from SPKI PEM or a JWK. @throws TypeError that says what was found instead. */
export function readVerificationKey(key: string | JsonWebKey): PublicKey {
  if (typeof key === "string") return fromPem(key);
  if (typeof key === "object" && key !== null && "kty" in key) return fromJwk(key);
  throw refuseVerificationKey(kindOf(key));
}

function fromPem(text: string): PublicKey {
  const [block, second] = pemBlocks(text);
  if (!block) throw refuseVerificationKey("a text that is not PEM (no BEGIN and END lines that match)");
  if (block.label.includes("PRIVATE KEY")) throw refuseVerificationKey("a private key");
  if (block.label !== "PUBLIC KEY") throw refuseVerificationKey(`a PEM block "${block.label}"`);
  if (second) throw refuseVerificationKey("a PEM file with more than one block");
  const elements = block.der && derSequence(block.der);
  const [identifier, bits] = elements ?? [];
  if (
    elements?.length !== 2 ||
    identifier?.tag !== tags.sequence ||
    bits?.tag !== tags.bitString ||
    bits.content[0] !== 0
  ) {
    throw refuseVerificationKey("damaged (its structure cannot be read)");
  }
  const identified = identify(identifier.content);
  if (!identified.algorithm) throw refuseVerificationKey(identified.found);
  return publicKey(identified.algorithm, bits.content.subarray(1));
}

function fromJwk(jwk: JsonWebKey): PublicKey {
  const identified = identifyJwk(jwk);
  if (!identified.algorithm) throw refuseVerificationKey(identified.found);
  if (jwk.d !== undefined) throw refuseVerificationKey("a private JWK (it has d)");
  const x = coordinate(jwk.x, "x");
  if (identified.algorithm === "ed25519") return publicKey("ed25519", x);
  const y = padStart(coordinate(jwk.y, "y"), 66);
  const padded = padStart(x, 66);
  if (!padded || !y) throw refuseVerificationKey("a P-521 JWK with an x or y longer than 66 bytes");
  return publicKey("ecdsa-p521", Uint8Array.of(0x04, ...padded, ...y));
}

function publicKey(algorithm: SignatureAlgorithm, point: Uint8Array): PublicKey {
  if (algorithm === "ed25519" && point.length !== 32) {
    throw refuseVerificationKey(`an Ed25519 key of ${point.length} bytes instead of 32`);
  }
  if (algorithm === "ecdsa-p521" && (point.length !== 133 || point[0] !== 0x04)) {
    throw refuseVerificationKey(
      "a P-521 key whose point is not in uncompressed form (openssl ec -pubin -conv_form uncompressed)",
    );
  }
  const identifier = der(tags.sequence, algorithmIdentifiers[algorithm]);
  return {
    algorithm,
    point: new Uint8Array(point),
    spki: der(tags.sequence, identifier, der(tags.bitString, new Uint8Array(1), point)),
  };
}

function coordinate(text: unknown, member: string): Uint8Array {
  const bytes = typeof text === "string" ? decodeBase64Url(text) : undefined;
  if (!bytes) throw refuseVerificationKey(`a JWK whose ${member} is not base64url without padding`);
  return bytes;
}

import { identify } from "./algorithms.js";
import { derSequence, tags } from "./der.js";
import { readPublicJwk } from "./jwk.js";
import type { PublicKey } from "./jwk.js";
import { pemBlocks } from "./pem.js";
import { kindOf, refuseVerificationKey } from "./refusal.js";

/** Reads a public key from SPKI PEM or a JWK. @throws TypeError that says what was found instead. */
export function readVerificationKey(key: string | JsonWebKey): PublicKey {
  if (typeof key === "string") return fromPem(key);
  if (typeof key === "object" && key !== null && "kty" in key)
    return readPublicJwk(key, refuseVerificationKey);
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
  const { algorithm } = identified;
  const point = new Uint8Array(bits.content.subarray(1));
  if (algorithm === "ed25519" && point.length !== 32) {
    throw refuseVerificationKey(`an Ed25519 key of ${point.length} bytes instead of 32`);
  }
  if (algorithm === "ecdsa-p521" && (point.length !== 133 || point[0] !== 0x04)) {
    throw refuseVerificationKey(
      "a P-521 key whose point is not in uncompressed form (openssl ec -pubin -conv_form uncompressed)",
    );
  }
  return { algorithm, point };
}

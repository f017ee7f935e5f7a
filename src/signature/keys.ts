import { identifyCryptoKey } from "./algorithms.js";
import type { SignatureAlgorithm } from "./algorithms.js";
import { isPlainString } from "./base.js";
import { detectPlatform, noCrypto } from "./platform.js";
import type { Platform } from "./platform.js";
import { readVerificationKey } from "./public-key.js";
import { refuseSigningKey, refuseVerificationKey } from "./refusal.js";
import type { CryptoKey, JsonWebKey } from "./key-types.js";
import { signWith, signWithCryptoKey } from "./signers.js";
import { readSigningKey } from "./signing-key.js";
import { verifyWith, verifyWithCryptoKey } from "./verifiers.js";
import { isCryptoKey } from "./webcrypto.js";

export type { SignatureAlgorithm } from "./algorithms.js";

/** What signs requests. Write your own to keep the private key in a KMS or an HSM. */
export interface Signer {
  /** The id that Upvest gave the key: the `keyid` of every signature. */
  readonly keyId: string;
  readonly algorithm: SignatureAlgorithm;
  /**
   * Signs the bytes of a signature base.
   *
   * Ed25519: pure Ed25519 over the bytes, 64 bytes out. P-521: ECDSA over their SHA-512, out as ASN.1 DER or as raw r
   * and s (132 bytes), which the client writes as the DER that Upvest wants. Anything else ends the call in an
   * UpvestConfigError before it is sent; what this function rejects with, the call rejects with.
   */
  sign(base: Uint8Array): Promise<Uint8Array>;
}

/** A private key in one of the usual containers. */
export interface SigningKey {
  /** The id that Upvest gave the key: printable ASCII without `"` and `\`. */
  readonly keyId: string;
  /**
   * Ed25519 or P-521: PEM (PKCS#8 or SEC1, plain or encrypted) as text or bytes, PKCS#8 or SEC1 in DER, a private
   * JWK, or a CryptoKey that may sign. An encrypted container is read on Node only.
   */
  readonly privateKey: string | Uint8Array | JsonWebKey | CryptoKey;
  /** For an encrypted container; not looked at for any other. */
  readonly passphrase?: string;
}

/** Checks signatures of one public key. */
export interface Verifier {
  readonly algorithm: SignatureAlgorithm;
  /** `signature`: 64 bytes for Ed25519; ASN.1 DER or raw r and s (132 bytes) for P-521. */
  verify(base: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

/**
 * Reads a private key once and gives what signs with it. A `Signer` is checked and given back as it is. The key stays
 * inside: neither `inspect` nor JSON of the result shows it.
 *
 * @throws TypeError for a key that cannot be used: what was found, what is accepted, how to make one. The key itself
 * and the passphrase are never part of the message.
 */
export function createSigner(key: SigningKey | Signer, platform: Platform = detectPlatform()): Signer {
  if (typeof key !== "object" || key === null) {
    throw new TypeError(
      "signingKey must be an object { keyId, privateKey } or a Signer { keyId, algorithm, sign }",
    );
  }
  requireKeyId(key.keyId);
  if ("sign" in key || !("privateKey" in key)) return requireSigner(key);
  const { keyId, privateKey, passphrase } = key;
  if (passphrase !== undefined && typeof passphrase !== "string") {
    throw new TypeError(`signingKey.passphrase must be a string, got ${typeof passphrase}`);
  }
  if (isCryptoKey(privateKey)) {
    const { algorithm, subtle } = requireCryptoKey(privateKey, "private", "sign", refuseSigningKey, platform);
    return Object.freeze({ keyId, algorithm, sign: signWithCryptoKey(privateKey, algorithm, subtle) });
  }
  const read = readSigningKey(privateKey, passphrase, platform);
  return Object.freeze({ keyId, algorithm: read.algorithm, sign: signWith(read, platform) });
}

/**
 * Reads a public key once and gives what verifies with it.
 *
 * @param key SPKI PEM, a public JWK, or a CryptoKey that may verify.
 * @throws TypeError for a key that cannot be used: what was found and what is accepted.
 */
export function createVerifier(
  key: string | JsonWebKey | CryptoKey,
  platform: Platform = detectPlatform(),
): Verifier {
  if (isCryptoKey(key)) {
    const { algorithm, subtle } = requireCryptoKey(key, "public", "verify", refuseVerificationKey, platform);
    return Object.freeze({ algorithm, verify: verifyWithCryptoKey(key, algorithm, subtle) });
  }
  const read = readVerificationKey(key);
  return Object.freeze({
    algorithm: read.algorithm,
    verify: verifyWith(read, platform, refuseVerificationKey),
  });
}

function requireKeyId(keyId: unknown): void {
  if (isPlainString(keyId)) return;
  // The value stays out: somebody may have given the key in place of its id.
  throw new TypeError(
    `signingKey.keyId must be the id that Upvest gave the key: non-empty printable ASCII without " and \\, ` +
      `got ${typeof keyId === "string" ? `a text of ${keyId.length} characters that is not` : typeof keyId}`,
  );
}

function requireSigner(signer: Signer): Signer {
  if (typeof signer.sign !== "function") {
    throw new TypeError(
      "signingKey has neither privateKey nor a function sign: give { keyId, privateKey } or a Signer { keyId, algorithm, sign }",
    );
  }
  const { algorithm }: { readonly algorithm: unknown } = signer;
  if (algorithm !== "ed25519" && algorithm !== "ecdsa-p521") {
    throw new TypeError(
      `a Signer's algorithm must be "ed25519" or "ecdsa-p521", got ${JSON.stringify(algorithm)}`,
    );
  }
  return signer;
}

function requireCryptoKey(
  key: CryptoKey,
  type: "private" | "public",
  usage: "sign" | "verify",
  refuse: (found: string) => TypeError,
  { subtle }: Platform,
): { readonly algorithm: SignatureAlgorithm; readonly subtle: SubtleCrypto } {
  const identified = identifyCryptoKey(key);
  if (!identified.algorithm) throw refuse(identified.found);
  if (key.type !== type) throw refuse(`a ${key.type} CryptoKey`);
  if (!key.usages.includes(usage)) throw refuse(`a CryptoKey without the usage "${usage}"`);
  if (!subtle) throw noCrypto();
  return { algorithm: identified.algorithm, subtle };
}

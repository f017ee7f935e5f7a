import type * as NodeCrypto from "node:crypto";
import type { SignatureAlgorithm } from "./algorithms.js";
import { ecdsaToDer, ecdsaToRaw } from "./ecdsa-signature.js";
import type { PublicKey } from "./jwk.js";
import { noCrypto, unshared } from "./platform.js";
import type { Platform } from "./platform.js";
import { kept, noP521, webCryptoNames } from "./webcrypto.js";

/** True when the signature over these bytes is good. A signature that cannot even be read is merely false. */
export type Verify = (base: Uint8Array, signature: Uint8Array) => Promise<boolean>;

/**
 * The fastest way to verify with this key here: Node's crypto, else WebCrypto, else (Ed25519 only) noble.
 *
 * @param refuse makes the error for a key that cannot be used from what the key turned out to be.
 */
export function verifyWith(
  key: PublicKey,
  { node, subtle }: Platform,
  refuse: (found: string) => Error,
): Verify {
  if (node) return nodeVerify(key, node, refuse);
  if (!subtle) throw noCrypto();
  return webCryptoVerify(key, subtle);
}

/** Verifies with a CryptoKey. */
export const verifyWithCryptoKey =
  (key: CryptoKey, algorithm: SignatureAlgorithm, subtle: SubtleCrypto): Verify =>
  async (base, signature) => {
    const raw = algorithm === "ed25519" ? unshared(signature) : ecdsaToRaw(signature);
    return raw !== undefined && subtle.verify(webCryptoNames[algorithm].use, key, raw, unshared(base));
  };

function nodeVerify(publicKey: PublicKey, node: typeof NodeCrypto, refuse: (found: string) => Error): Verify {
  const key = nodePublicKey(publicKey, node, refuse);
  if (publicKey.algorithm === "ed25519")
    return async (base, signature) => node.verify(null, base, key, signature);
  return (base, signature) =>
    new Promise((resolve, reject) => {
      const raw = ecdsaToRaw(signature);
      if (!raw) {
        resolve(false);
        return;
      }
      // The callback form: P-521 takes milliseconds, and they belong to the thread pool. The key alone, and so DER:
      // workerd's node:crypto takes no options beside a key object.
      node.verify("sha512", base, key, ecdsaToDer(raw), (error, good) => {
        if (error) reject(error);
        else resolve(good);
      });
    });
}

function nodePublicKey(
  { algorithm, point }: PublicKey,
  node: typeof NodeCrypto,
  refuse: (found: string) => Error,
): NodeCrypto.KeyObject {
  const part = (from: number, to?: number): string =>
    Buffer.from(point.subarray(from, to)).toString("base64url");
  const key: NodeCrypto.JsonWebKey =
    algorithm === "ed25519"
      ? { kty: "OKP", crv: "Ed25519", x: part(0) }
      : { kty: "EC", crv: "P-521", x: part(1, 67), y: part(67) };
  try {
    return node.createPublicKey({ key, format: "jwk" });
  } catch {
    throw refuse("not a point on its curve");
  }
}

function webCryptoVerify({ algorithm, point }: PublicKey, subtle: SubtleCrypto): Verify {
  const load = kept(async (): Promise<Verify> => {
    try {
      const key = await subtle.importKey("raw", point, webCryptoNames[algorithm].key, false, ["verify"]);
      return verifyWithCryptoKey(key, algorithm, subtle);
    } catch (error) {
      if (algorithm === "ecdsa-p521") throw noP521(error);
      const { verifyAsync } = await import("@noble/ed25519");
      // RFC 8032 to the letter, as the platforms have it; noble's default lets more pass (ZIP 215).
      return (base, signature) =>
        signature.length === 64
          ? verifyAsync(signature, base, point, { zip215: false })
          : Promise.resolve(false);
    }
  });
  return async (base, signature) => (await load())(base, signature);
}

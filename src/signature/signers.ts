import type * as NodeCrypto from "node:crypto";
import type { SignatureAlgorithm } from "./algorithms.js";
import { ecdsaToDer } from "./ecdsa-signature.js";
import { noCrypto, unshared } from "./platform.js";
import type { Platform } from "./platform.js";
import type { PrivateKey } from "./private-key.js";
import { refuseSigningKey } from "./refusal.js";
import { kept, noP521, webCryptoNames } from "./webcrypto.js";

/** Signs the bytes of a signature base; what comes out is what goes on the wire, before base64. */
export type Sign = (base: Uint8Array) => Promise<Uint8Array>;

/** The fastest way to sign with this key here: Node's crypto, else WebCrypto, else (Ed25519 only) noble. */
export function signWith(key: PrivateKey, { node, subtle }: Platform): Sign {
  if (node) return nodeSign(key, node);
  if (!subtle) throw noCrypto();
  return webCryptoSign(key, subtle);
}

/** Signs with a CryptoKey, whose secret may be out of reach. */
export const signWithCryptoKey =
  (key: CryptoKey, algorithm: SignatureAlgorithm, subtle: SubtleCrypto): Sign =>
  async (base) => {
    const signature = new Uint8Array(await subtle.sign(webCryptoNames[algorithm].use, key, unshared(base)));
    return algorithm === "ed25519" ? signature : ecdsaToDer(signature);
  };

function nodeSign({ algorithm, pkcs8 }: PrivateKey, node: typeof NodeCrypto): Sign {
  // Parsed once: handing a PEM to every `sign` costs many times the signature itself.
  const key = nodePrivateKey(pkcs8, node);
  // Ed25519 takes less time than a trip to the thread pool and back; P-521 takes milliseconds and must not be waited for.
  if (algorithm === "ed25519") return async (base) => plainBytes(node.sign(null, base, key));
  return (base) =>
    new Promise((resolve, reject) => {
      // DER is the default. Said beside the key it would be refused by workerd's node:crypto, which takes no such object.
      node.sign("sha512", base, key, (error, signature) => {
        if (error) reject(error);
        else resolve(plainBytes(signature));
      });
    });
}

function nodePrivateKey(pkcs8: Uint8Array, node: typeof NodeCrypto): NodeCrypto.KeyObject {
  try {
    return node.createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" });
  } catch {
    // Secret and structure were judged before; what is left is the public point beside the secret.
    throw refuseSigningKey("a key whose public half is not a point on its curve");
  }
}

const plainBytes = (buffer: Buffer): Uint8Array =>
  new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);

function webCryptoSign({ algorithm, pkcs8, secret }: PrivateKey, subtle: SubtleCrypto): Sign {
  const load = kept(async (): Promise<Sign> => {
    try {
      const key = await subtle.importKey("pkcs8", pkcs8, webCryptoNames[algorithm].key, false, ["sign"]);
      return signWithCryptoKey(key, algorithm, subtle);
    } catch (error) {
      // The key was judged before, so what failed is the algorithm, under whatever name the platform gives to that.
      if (algorithm === "ecdsa-p521") throw noP521(error);
      const { signAsync } = await import("@noble/ed25519");
      return (base) => signAsync(base, secret);
    }
  });
  return async (base) => (await load())(base);
}

/**
 * Watches which cryptography signs. Loaded before the package, so that nothing it looks up is missed.
 */
import type { Algorithm, Cryptography } from "../plan.js";

const signedBySubtle = new Set<Algorithm>();
let nodeCryptoFound = false;

const { subtle } = crypto;
const sign = subtle.sign.bind(subtle);
Object.defineProperty(subtle, "sign", {
  configurable: true,
  value: (algorithm: AlgorithmIdentifier, key: CryptoKey, data: BufferSource) => {
    signedBySubtle.add(key.algorithm.name === "Ed25519" ? "ed25519" : "ecdsa-p521");
    return sign(algorithm, key, data);
  },
});

const host = globalThis.process as { getBuiltinModule?: (name: string) => unknown } | undefined;
const load = host?.getBuiltinModule;
if (host !== undefined && typeof load === "function") {
  host.getBuiltinModule = (name) => {
    const found = load.call(host, name);
    if (name.endsWith("crypto") && found !== undefined) nodeCryptoFound = true;
    return found;
  };
}

/** What has signed so far. What neither platform did, though it was signed, was done by noble. */
export function cryptographyOf(algorithm: Algorithm): Cryptography {
  if (signedBySubtle.has(algorithm)) return "WebCrypto";
  if (nodeCryptoFound) return "node:crypto";
  return algorithm === "ed25519" ? "noble" : "nothing";
}

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import type { Algorithm } from "./verify.js";

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export const makeKeyPair = (algorithm: Algorithm): KeyPair =>
  readBack(
    algorithm === "ed25519"
      ? generateKeyPairSync("ed25519")
      : generateKeyPairSync("ec", { namedCurve: "P-521" }),
  );

/**
 * The same pair, read back from DER. Node 20 may wait for ever when the details or the JWK of a key are asked for that came
 * right from `generateKeyPairSync`: both hold the key's lock while they make strings, and if those make the garbage collector
 * run, it takes the same lock to clear away what made the key.
 */
export function readBack(made: Pick<KeyPair, "privateKey">): KeyPair {
  const container = { format: "der", type: "pkcs8" } as const;
  const privateKey = createPrivateKey({ key: made.privateKey.export(container), ...container });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

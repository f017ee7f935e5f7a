import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

/**
 * The pair of a key that was just made, for whoever reads its JWK or its details: Node 20 may wait for ever otherwise (see
 * test/sandbox/key-pair.test.ts, which shows it).
 */
export function readBack(made: { readonly privateKey: KeyObject }): {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
} {
  const container = { format: "der", type: "pkcs8" } as const;
  const privateKey = createPrivateKey({ key: made.privateKey.export(container), ...container });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

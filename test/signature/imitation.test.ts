import type * as NodeCrypto from "node:crypto";
import { createPrivateKey, createPublicKey, KeyObject, sign, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createSigner, createVerifier } from "../../src/signature/keys.js";
import { algorithms, platforms, utf8, vectors } from "./support.js";

const requireKeyAlone = (key: unknown): void => {
  if (!(key instanceof KeyObject)) throw new TypeError('The "options.key" property must be of type string');
};

/** As workerd imitates it: `sign` and `verify` take a key object, and no options around one. */
const imitation = {
  ...platforms.node.node,
  createPrivateKey,
  createPublicKey,
  sign: (...given: Parameters<typeof sign>) => {
    requireKeyAlone(given[2]);
    return sign(...given);
  },
  verify: (...given: Parameters<typeof verify>) => {
    requireKeyAlone(given[2]);
    return verify(...given);
  },
} as typeof NodeCrypto;

describe.each(algorithms)("where node:crypto is imitated, %s", (algorithm) => {
  const { pkcs8, spki } = vectors("keys")[algorithm];

  it("signs and verifies", async () => {
    const signer = createSigner({ keyId: "k", privateKey: pkcs8 }, { node: imitation });
    const verifier = createVerifier(spki, { node: imitation });
    const signature = await signer.sign(utf8("base"));
    expect(await verifier.verify(utf8("base"), signature)).toBe(true);
    expect(await verifier.verify(utf8("bases"), signature)).toBe(false);
  });
});

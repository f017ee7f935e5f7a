import { describe, expect, it } from "vitest";
import { ecdsaToDer, ecdsaToRaw } from "../../src/signature/ecdsa-signature.js";
import { createSigner, createVerifier } from "../../src/signature/keys.js";
import { algorithms, base64, platforms, utf8, vectors } from "./support.js";

const keys = vectors("keys");
const { node, webCrypto, noEd25519 } = platforms;

describe.each([
  ["Node", node],
  ["WebCrypto", webCrypto],
  ["noble", noEd25519],
])("Ed25519 by %s", (_, platform) => {
  const signer = createSigner({ keyId: "k", privateKey: keys.ed25519.pkcs8 }, platform);
  const verifier = createVerifier(keys.ed25519.spki, platform);

  it("RFC 9421 section B.2.6", async () => {
    const { base, signature } = vectors("rfc9421-b26");
    expect(await signer.sign(utf8(base))).toEqual(base64(signature));
    expect(await verifier.verify(utf8(base), base64(signature))).toBe(true);
    expect(await verifier.verify(utf8(`${base}\n`), base64(signature))).toBe(false);
  });

  it.each(vectors("requests").vectors)("$name", async ({ base, ed25519 }) => {
    expect(await signer.sign(utf8(base))).toEqual(base64(ed25519));
    expect(await verifier.verify(utf8(base), base64(ed25519))).toBe(true);
  });
});

describe.each([
  ["Node", node],
  ["WebCrypto", webCrypto],
])("P-521 by %s", (_, platform) => {
  const verifier = createVerifier(keys["ecdsa-p521"].spki, platform);

  it("RFC 6979 section A.2.7", async () => {
    const { message, r, s, signature } = vectors("rfc6979-p521");
    const raw = Uint8Array.from(Buffer.from(r + s, "hex"));
    expect(ecdsaToDer(raw)).toEqual(base64(signature));
    expect(ecdsaToRaw(base64(signature))).toEqual(raw);
    expect(await verifier.verify(utf8(message), base64(signature))).toBe(true);
    expect(await verifier.verify(utf8(message), raw)).toBe(true);
    expect(await verifier.verify(utf8("samplE"), raw)).toBe(false);
  });

  it.each(vectors("requests").vectors)("$name", async ({ base, "ecdsa-p521": signature }) => {
    expect(await verifier.verify(utf8(base), base64(signature))).toBe(true);
    expect(await verifier.verify(utf8(`${base} `), base64(signature))).toBe(false);
    const signer = createSigner({ keyId: "k", privateKey: keys["ecdsa-p521"].pkcs8 }, platform);
    const own = await signer.sign(utf8(base));
    expect(own[0]).toBe(0x30);
    // By Node's own verifier, in DER, with nothing of ours between.
    const { createPublicKey, verify } = node.node;
    expect(verify("sha512", utf8(base), createPublicKey(keys["ecdsa-p521"].spki), own)).toBe(true);
  });
});

describe.each(algorithms)("%s: a JWK verifies as the PEM does", (algorithm) => {
  it.each([
    ["Node", node],
    ["WebCrypto", webCrypto],
    ["noble", noEd25519],
  ])("by %s", async (_, platform) => {
    const [vector] = vectors("requests").vectors;
    const verifier = createVerifier(keys[algorithm].publicJwk, platform);
    expect(verifier.algorithm).toBe(algorithm);
    const signature = base64(vector?.[algorithm] ?? "");
    expect(await verifier.verify(utf8(vector?.base ?? ""), signature)).toBe(true);
  });
});

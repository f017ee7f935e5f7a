import { generateKeyPairSync, verify } from "node:crypto";
import type { KeyObject, KeyPairKeyObjectResult } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createSigner, createVerifier } from "../../src/signature/keys.js";
import type { Signer, SigningKey } from "../../src/signature/keys.js";
import { privateKeyFromDer } from "../../src/signature/private-key.js";
import { readBack } from "../../src/sandbox/key-pair.js";
import { algorithms, derOf, platforms, utf8, vectors } from "./support.js";

const base = utf8("a signature base");
const { node, webCrypto, noEd25519 } = platforms;
const keys = vectors("keys");

const pairs: Record<(typeof algorithms)[number], KeyPairKeyObjectResult> = {
  ed25519: readBack(generateKeyPairSync("ed25519")),
  "ecdsa-p521": readBack(generateKeyPairSync("ec", { namedCurve: "secp521r1" })),
};

async function expectSigns(signer: Signer, publicKey: KeyObject | string): Promise<void> {
  const digest = signer.algorithm === "ed25519" ? null : "sha512";
  expect(verify(digest, base, publicKey, await signer.sign(base))).toBe(true);
}

describe("the containers of test/vectors", () => {
  it.each(vectors("containers").accepted)("$name, $algorithm", async ({ algorithm, pem, passphrase }) => {
    const key = { keyId: "k", privateKey: pem, ...(passphrase === undefined ? {} : { passphrase }) };
    const signer = createSigner(key);
    expect(signer).toMatchObject({ keyId: "k", algorithm });
    await expectSigns(signer, keys[algorithm].spki);
    if (passphrase === undefined) {
      await expectSigns(createSigner(key, webCrypto), keys[algorithm].spki);
    } else {
      expect(() => createSigner(key, webCrypto)).toThrow(/encrypted, and this platform.*openssl pkcs8/);
    }
  });
});

describe.each(algorithms)("%s", (algorithm) => {
  const { privateKey, publicKey } = pairs[algorithm];
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const pkcs8 = privateKey.export({ type: "pkcs8", format: "der" });
  const cipher = { cipher: "aes-256-cbc", passphrase: "correct horse" };
  const plain: readonly (readonly [string, SigningKey["privateKey"]])[] = [
    ["PKCS#8 PEM", pem],
    ["PEM bytes", utf8(pem)],
    ["PKCS#8 DER", new Uint8Array(pkcs8)],
    ["PKCS#8 DER in a Buffer", pkcs8],
    ["JWK", privateKey.export({ format: "jwk" })],
    ...(algorithm === "ed25519"
      ? []
      : ([
          ["SEC1 PEM", privateKey.export({ type: "sec1", format: "pem" }).toString()],
          ["SEC1 DER", privateKey.export({ type: "sec1", format: "der" })],
        ] as const)),
  ];

  it.each(plain)("%s, on every platform", async (_, privateKey) => {
    for (const platform of [node, webCrypto, noEd25519]) {
      const signer = createSigner({ keyId: "k", privateKey }, platform);
      expect(signer.algorithm).toBe(algorithm);
      await expectSigns(signer, publicKey);
    }
  });

  it.each([
    ["PKCS#8 PEM", privateKey.export({ type: "pkcs8", format: "pem", ...cipher })],
    ["PKCS#8 DER", privateKey.export({ type: "pkcs8", format: "der", ...cipher })],
  ])("encrypted %s", async (_, privateKey) => {
    const signer = createSigner({ keyId: "k", privateKey, passphrase: cipher.passphrase });
    await expectSigns(signer, publicKey);
    const told = (passphrase?: string) => () =>
      createSigner({ keyId: "k", privateKey, ...(passphrase === undefined ? {} : { passphrase }) });
    expect(told()).toThrow("encrypted, and no passphrase was given");
    expect(told("")).toThrow("encrypted, and no passphrase was given");
    expect(told("wrong horse")).toThrow(/passphrase is wrong/);
    expect(told("wrong horse")).not.toThrow(/horse/);
    expect(() => createSigner({ keyId: "k", privateKey, passphrase: cipher.passphrase }, webCrypto)).toThrow(
      /only Node has.*openssl pkcs8/,
    );
  });

  it("a passphrase beside a key that needs none is not looked at", async () => {
    await expectSigns(createSigner({ keyId: "k", privateKey: pem, passphrase: "unused" }), publicKey);
  });

  it.each([
    ["literal \\n", pem.replaceAll("\n", "\\n")],
    ["literal \\r\\n", pem.replaceAll("\n", "\\r\\n")],
    ["CRLF", pem.replaceAll("\n", "\r\n")],
    ["CR", pem.replaceAll("\n", "\r")],
    ["spaces for line breaks", pem.replaceAll("\n", " ")],
    ["white space around", `\n\t  ${pem}  \n\n`],
    ["indentation", pem.replaceAll(/^/gm, "    ")],
    ["quotes left over", `"${pem}"`],
    ["no last line break", pem.trimEnd()],
    ["text in front", `Bag Attributes\n    friendlyName: signing\n${pem}`],
    ["a byte order mark", `\uFEFF${pem}`],
    ["the public key beside it", `${publicKey.export({ type: "spki", format: "pem" }).toString()}${pem}`],
  ])("a PEM with %s", async (_, privateKey) => {
    await expectSigns(createSigner({ keyId: "k", privateKey }), publicKey);
    await expectSigns(createSigner({ keyId: "k", privateKey: utf8(privateKey) }), publicKey);
  });

  it("a CryptoKey that gives its secret to nobody", async () => {
    const named = algorithm === "ed25519" ? { name: "Ed25519" } : { name: "ECDSA", namedCurve: "P-521" };
    const pair = await crypto.subtle.generateKey(named, false, ["sign", "verify"]);
    if (!("privateKey" in pair)) throw new Error("expected a pair");
    const signer = createSigner({ keyId: "k", privateKey: pair.privateKey });
    const verifier = createVerifier(pair.publicKey);
    expect([signer.algorithm, verifier.algorithm]).toEqual([algorithm, algorithm]);
    const signature = await signer.sign(base);
    expect(await verifier.verify(base, signature)).toBe(true);
    expect(await verifier.verify(utf8("another base"), signature)).toBe(false);
    const spki = Buffer.from(await crypto.subtle.exportKey("spki", pair.publicKey)).toString("base64");
    const pem = `-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----`;
    expect(await createVerifier(pem).verify(base, signature)).toBe(true);
  });

  it("keeps its own copy of the key bytes", async () => {
    const bytes = new Uint8Array(pkcs8);
    const signers = [node, webCrypto, noEd25519].map((platform) =>
      createSigner({ keyId: "k", privateKey: bytes }, platform),
    );
    bytes.fill(0);
    for (const signer of signers) await expectSigns(signer, publicKey);
  });
});

describe("SEC1 with a compressed public key", () => {
  it("is handed on without it, as not every platform reads compressed points", () => {
    const [compressed, bare] = ["with a compressed public key", "without the public key"].map((ending) => {
      const container = vectors("containers").accepted.find(({ name }) => name.endsWith(ending));
      return privateKeyFromDer(derOf(container?.pem ?? ""));
    });
    expect(compressed).toEqual(bare);
  });
});

describe("legacy encryption (Proc-Type: 4,ENCRYPTED)", () => {
  const legacy = vectors("containers").accepted.filter(({ name }) => name.includes("legacy"));

  it.each(legacy)("$name survives an environment variable", async ({ algorithm, pem, passphrase = "" }) => {
    for (const privateKey of [
      pem.replaceAll("\n", "\\n"),
      pem.replaceAll("\n", "\r\n"),
      pem.replaceAll(/^/gm, "  "),
    ]) {
      await expectSigns(createSigner({ keyId: "k", privateKey, passphrase }), keys[algorithm].spki);
    }
  });

  it.each(legacy)("$name without its passphrase, and with a wrong one", ({ pem: privateKey }) => {
    expect(() => createSigner({ keyId: "k", privateKey })).toThrow("no passphrase was given");
    expect(() => createSigner({ keyId: "k", privateKey, passphrase: "wrong" })).toThrow(
      "passphrase is wrong",
    );
  });
});

const stripped = (text = ""): string => {
  const bytes = Buffer.from(text, "base64url");
  return bytes.subarray(bytes.findIndex((byte) => byte !== 0)).toString("base64url");
};

describe("a JWK from a writer that drops leading zeros", () => {
  it("is padded", async () => {
    const jwk = keys["ecdsa-p521"].jwk;
    const privateKey = { ...jwk, d: stripped(jwk.d), y: stripped(jwk.y) };
    expect([privateKey.d, privateKey.y]).not.toEqual([jwk.d, jwk.y]);
    for (const platform of [node, webCrypto]) {
      await expectSigns(createSigner({ keyId: "k", privateKey }, platform), keys["ecdsa-p521"].spki);
    }
    const { kty, crv, x } = keys["ecdsa-p521"].publicJwk;
    const signature = await createSigner({ keyId: "k", privateKey: derOf(keys["ecdsa-p521"].pkcs8) }).sign(
      base,
    );
    const verifier = createVerifier({ kty: kty ?? "", crv: crv ?? "", x: x ?? "", y: privateKey.y });
    expect(await verifier.verify(base, signature)).toBe(true);
  });

  it("may lack the public half", async () => {
    const { x: _x, y: _y, ...privateKey } = keys["ecdsa-p521"].jwk;
    await expectSigns(createSigner({ keyId: "k", privateKey }), keys["ecdsa-p521"].spki);
  });
});

import { generateKeyPairSync } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { createSigner, createVerifier } from "../../src/signature/keys.js";
import type { SigningKey } from "../../src/signature/keys.js";
import { readBack } from "../../src/sandbox/key-pair.js";
import { derOf, platforms, utf8, vectors } from "./support.js";

const keys = vectors("keys");
const { node, webCrypto, nothing } = platforms;
const pem = (key: KeyObject, type: "pkcs8" | "sec1" | "pkcs1"): string =>
  key.export({ type, format: "pem" }).toString();
const ec = (namedCurve: string): KeyObject => readBack(generateKeyPairSync("ec", { namedCurve })).privateKey;
const rsa = readBack(generateKeyPairSync("rsa", { modulusLength: 1024 })).privateKey;
const p256 = ec("prime256v1");
const spki = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();
const p521 = keys["ecdsa-p521"];
const signer = (privateKey: CryptoKey) => () => createSigner({ keyId: "k", privateKey });
const hexBytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));
const block = (label: string, content: string): string =>
  `-----BEGIN ${label}-----\n${content}\n-----END ${label}-----\n`;
const scalar = (first: number, last: number, fill = 0): string => {
  const bytes = Buffer.alloc(66, fill);
  bytes[0] = first;
  bytes[65] = last;
  return bytes.toString("base64url");
};
const order =
  "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409";
const explicit = vectors("containers").refused.find(({ name }) => name.includes("explicit"))?.pem ?? "";

const signingKeys: readonly (readonly [string, SigningKey["privateKey"], string])[] = [
  ["P-256 PKCS#8", pem(p256, "pkcs8"), "P-256 (prime256v1)"],
  ["P-256 SEC1", pem(p256, "sec1"), "P-256 (prime256v1)"],
  ["P-384", pem(ec("secp384r1"), "pkcs8"), "P-384 (secp384r1)"],
  ["secp256k1", pem(ec("secp256k1"), "sec1"), "secp256k1"],
  ["an unnamed curve", pem(ec("brainpoolP512r1"), "pkcs8"), "the EC curve 1.3.36.3.3.2.8.1.1.13"],
  ["explicit parameters", explicit, "without a named curve (name it: openssl ec"],
  ["RSA", pem(rsa, "pkcs8"), "the signing key is RSA."],
  ["RSA, traditional", pem(rsa, "pkcs1"), 'a PEM block "RSA PRIVATE KEY"'],
  ["RSA, traditional DER", rsa.export({ type: "pkcs1", format: "der" }), "RSA or DSA"],
  [
    "RSA-PSS",
    pem(generateKeyPairSync("rsa-pss", { modulusLength: 1024 }).privateKey, "pkcs8"),
    "the signing key is RSA-PSS.",
  ],
  ["Ed448", pem(generateKeyPairSync("ed448").privateKey, "pkcs8"), "Ed448"],
  ["X25519", pem(generateKeyPairSync("x25519").privateKey, "pkcs8"), "X25519"],
  ["a public key", keys.ed25519.spki, "a public key"],
  ["public key DER", derOf(p521.spki), "a public key"],
  ["a public JWK", keys.ed25519.publicJwk, "without d, so a public key"],
  ["a certificate", block("CERTIFICATE", "MIIB"), 'a PEM block "CERTIFICATE"'],
  ["certificate DER", hexBytes("3006300030000300"), "a certificate"],
  ["an OpenSSH key", block("OPENSSH PRIVATE KEY", "b3BlbnNzaA=="), 'a PEM block "OPENSSH PRIVATE KEY"'],
  ["two keys", keys.ed25519.pkcs8 + p521.pkcs8, "more than one private key"],
  ["parameters only", block("EC PARAMETERS", "BgUrgQQAIw=="), "EC PARAMETERS but without the key"],
  ["an empty text", " \n", "the signing key is empty"],
  ["no bytes", new Uint8Array(), "the signing key is empty"],
  ["a text that is no PEM", "s3cr3t", "not PEM"],
  ["a missing END line", keys.ed25519.pkcs8.split("-----END")[0] ?? "", "not PEM"],
  ["damaged base64", keys.ed25519.pkcs8.replace("MC4", "M.4"), "content is not base64"],
  ["a PEM cut short", block("PRIVATE KEY", "MC4CAQAwBQYDK2VwBCIE"), "damaged"],
  ["DER with bytes behind", Uint8Array.of(...derOf(p521.sec1), 0), "damaged"],
  ["an indefinite length", hexBytes("30800000"), "damaged"],
  ["an empty sequence", hexBytes("3000"), "damaged"],
  ["a sequence of other things", hexBytes("30060201000c0141"), "damaged"],
  ["PKCS#8 without an algorithm", hexBytes("300702010030000400"), "no algorithm can be read"],
  ["a P-521 key with no content", hexBytes("3017020100301006072a8648ce3d020106052b810400230400"), "damaged"],
  ["SEC1 without a curve", hexBytes("3006020101040101"), "without a named curve"],
  [
    "Ed25519 of 31 bytes",
    hexBytes(`302d020100300506032b65700421041f${"11".repeat(31)}`),
    "an Ed25519 key of 31 bytes instead of 32",
  ],
  [
    "Ed25519 with something behind the seed",
    hexBytes(`3030020100300506032b657004240420${"11".repeat(32)}0500`),
    "damaged",
  ],
  ["a zero scalar", { ...p521.jwk, d: scalar(0, 0) }, "outside the curve's range"],
  ["a scalar above the order", { ...p521.jwk, d: scalar(2, 0) }, "outside the curve's range"],
  [
    "the order itself",
    { ...p521.jwk, d: Buffer.from(order, "hex").toString("base64url") },
    "outside the curve's",
  ],
  ["a scalar of 67 bytes", { ...p521.jwk, d: `AQ${scalar(0, 1)}` }, "outside the curve's range"],
  ["a P-256 JWK", p256.export({ format: "jwk" }), 'a JWK with kty "EC" and crv "P-256"'],
  ["an RSA JWK", rsa.export({ format: "jwk" }), 'a JWK with kty "RSA" and crv undefined'],
  ["an Ed25519 JWK cut short", { ...keys.ed25519.jwk, d: "AAAA" }, "an Ed25519 key of 3 bytes"],
  [
    "a JWK in padded base64",
    { ...keys.ed25519.jwk, d: `${keys.ed25519.jwk.d}=` },
    "whose d is not base64url",
  ],
  ["a JWK with a long x", { ...p521.jwk, x: "AQ".repeat(70) }, "longer than 66 bytes"],
];

/** No piece of the key's own text may reach a message. */
function expectSilent(message: string, key: unknown): void {
  const text =
    typeof key === "string"
      ? key.replaceAll(/-----.*?-----/g, "")
      : ArrayBuffer.isView(key)
        ? Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("base64")
        : JSON.stringify(key);
  for (const word of text.match(/[A-Za-z0-9+/_-]{8,}/g) ?? []) {
    expect(message).not.toContain(word.slice(0, 12));
  }
}

describe("signing keys that are refused, by every platform in the same words", () => {
  it.each(signingKeys)("%s", (_, privateKey, found) => {
    const messages = [node, webCrypto].map((platform) => {
      try {
        createSigner({ keyId: "k", privateKey }, platform);
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
        expectSilent(inspect(error, { depth: 9 }).split("\n    at ")[0] ?? "", privateKey);
        return error instanceof Error ? error.message : "";
      }
      return "not refused";
    });
    expect(messages[0]).toContain(found);
    expect(messages[0]).toContain("Accepted are Ed25519 and ECDSA P-521 (secp521r1) private keys");
    expect(messages[0]).toContain("openssl genpkey -algorithm ed25519");
    expect(messages[1]).toBe(messages[0]);
  });

  it.each([undefined, null, 42, true, {}, [], () => "key"])("%s is no key", (privateKey) => {
    // @ts-expect-error What plain JavaScript may pass.
    expect(() => createSigner({ keyId: "k", privateKey })).toThrow(/the signing key is (missing|no key)/);
  });

  it.each(vectors("containers").refused)("$name", ({ pem: privateKey, passphrase, found }) => {
    const key = { keyId: "k", privateKey, ...(passphrase === undefined ? {} : { passphrase }) };
    expect(() => createSigner(key)).toThrow(`the signing key is ${found}`);
    if (passphrase === undefined) return;
    // Decrypted first and judged then: a wrong passphrase is another complaint than a wrong curve.
    const wrong = (): unknown => createSigner({ ...key, passphrase: "not-the-one" });
    expect(wrong).toThrow(/passphrase is wrong/);
    expect(wrong).not.toThrow(/P-256|not-the-one/);
  });

  it("an encrypted file whose content is damaged", () => {
    const { pem: encrypted, passphrase = "" } = vectors("containers").accepted[1] ?? { pem: "" };
    const bytes = derOf(encrypted);
    bytes[20] = (bytes[20] ?? 0) ^ 0xff;
    expect(() => createSigner({ keyId: "k", privateKey: bytes, passphrase })).toThrow(
      /could not be decrypted|passphrase is wrong/,
    );
  });

  it("a public half that is not on the curve", () => {
    const privateKey = { ...p521.jwk, y: p521.jwk.x ?? "" };
    expect(() => createSigner({ keyId: "k", privateKey })).toThrow("public half is not a point on its curve");
  });

  it("a passphrase that is no text", () => {
    // @ts-expect-error What plain JavaScript may pass.
    expect(() => createSigner({ keyId: "k", privateKey: keys.ed25519.pkcs8, passphrase: 1234 })).toThrow(
      "signingKey.passphrase must be a string, got number",
    );
  });

  it("CryptoKeys of another kind, another type, another use", async () => {
    const { subtle } = globalThis.crypto;
    const pair = async (algorithm: EcKeyGenParams): Promise<CryptoKeyPair> =>
      subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const p384 = await pair({ name: "ECDSA", namedCurve: "P-384" });
    const good = await pair({ name: "ECDSA", namedCurve: "P-521" });
    const hmac = await subtle.generateKey({ name: "HMAC", hash: "SHA-512" }, false, ["sign"]);
    const agreement = await subtle.generateKey({ name: "ECDH", namedCurve: "P-521" }, false, ["deriveBits"]);
    const unused = { ...good.privateKey, type: "private", usages: [], algorithm: good.privateKey.algorithm };
    expect(signer(p384.privateKey)).toThrow("a CryptoKey for ECDSA on P-384");
    expect(signer(hmac)).toThrow("a CryptoKey for HMAC");
    expect(signer(agreement.privateKey)).toThrow("a CryptoKey for ECDH on P-521");
    expect(signer(good.publicKey)).toThrow("a public CryptoKey");
    // @ts-expect-error As good as a CryptoKey to whoever looks at its members.
    expect(signer(unused)).toThrow('without the usage "sign"');
    expect(() => createVerifier(good.privateKey)).toThrow("the verification key is a private CryptoKey");
    expect(() => createVerifier(p384.publicKey)).toThrow("a CryptoKey for ECDSA on P-384");
  });

  it("any key where there is no cryptography at all", () => {
    expect(() => createSigner({ keyId: "k", privateKey: keys.ed25519.pkcs8 }, nothing)).toThrow(
      "neither Node's",
    );
    expect(() => createVerifier(keys.ed25519.spki, nothing)).toThrow("neither Node's");
  });
});

describe("key ids", () => {
  it.each(["", "a\nb", 'a"b', "a\\b", "schlüssel", "\u007f", undefined, 7])("refuses %j", (keyId) => {
    // @ts-expect-error What plain JavaScript may pass.
    const create = (): unknown => createSigner({ keyId, privateKey: keys.ed25519.pkcs8 });
    expect(create).toThrow(TypeError);
    expect(create).toThrow("signingKey.keyId must be");
  });

  it("never shows a key given in place of its id", () => {
    expect(() => createSigner({ keyId: keys.ed25519.pkcs8, privateKey: "k" })).not.toThrow(/MC4C|BEGIN/);
  });

  it.each(["8d4997a8-cf7a-4e51-adbb-401656a3e5c2", "a", "key id ~!"])("takes %j", (keyId) => {
    expect(createSigner({ keyId, privateKey: keys.ed25519.pkcs8 }).keyId).toBe(keyId);
  });
});

describe("a Signer of the user's own", () => {
  const own = { keyId: "hsm-1", algorithm: "ecdsa-p521", sign: async () => utf8("signed") } as const;

  it("is given back as it is", () => {
    expect(createSigner(own)).toBe(own);
    class Hsm {
      readonly keyId = "hsm-2";
      readonly algorithm = "ed25519";
      readonly privateKey = "arn:key/1";
      async sign(): Promise<Uint8Array> {
        return utf8("signed");
      }
    }
    const hsm = new Hsm();
    expect(createSigner(hsm)).toBe(hsm);
  });

  it.each([
    [{ ...own, keyId: "" }, "signingKey.keyId must be"],
    [{ ...own, algorithm: "rsa" }, 'algorithm must be "ed25519" or "ecdsa-p521", got "rsa"'],
    [{ keyId: "k", sign: own.sign }, 'algorithm must be "ed25519" or "ecdsa-p521", got undefined'],
    [{ ...own, sign: "no function" }, "neither privateKey nor a function sign"],
    [{ keyId: "k" }, "neither privateKey nor a function sign"],
    [{}, "signingKey.keyId must be"],
    [undefined, "signingKey must be an object"],
    [null, "signingKey must be an object"],
    ["a PEM", "signingKey must be an object"],
  ])("refuses %j", (signer, reason) => {
    // @ts-expect-error What plain JavaScript may pass.
    const create = (): unknown => createSigner(signer);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(reason);
  });
});

describe("verification keys that are refused", () => {
  const { x = "", y = "" } = p521.publicJwk;
  const compressed =
    "3058301006072a8648ce3d020106052b81040023034400" +
    Buffer.from(x, "base64url").toString("hex").padStart(134, "03");
  it.each<readonly [string, string | JsonWebKey, string]>([
    ["a private PEM", keys.ed25519.pkcs8, "a private key"],
    ["a private JWK", keys.ed25519.jwk, "a private JWK"],
    ["P-256", spki(generateKeyPairSync("ec", { namedCurve: "prime256v1" }).publicKey), "P-256 (prime256v1)"],
    ["RSA", spki(generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey), "RSA"],
    ["a certificate", block("CERTIFICATE", "MIIB"), 'a PEM block "CERTIFICATE"'],
    ["two keys", keys.ed25519.spki + p521.spki, "more than one block"],
    ["no PEM", "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=", "not PEM"],
    ["damage", block("PUBLIC KEY", "MCowBQYDK2VwAyEA"), "damaged"],
    ["no base64", block("PUBLIC KEY", "M."), "damaged"],
    [
      "unused bits",
      block("PUBLIC KEY", "MCowBQYDK2VwAyEBJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="),
      "damaged",
    ],
    ["a short Ed25519 JWK", { kty: "OKP", crv: "Ed25519", x: "AAAA" }, "an Ed25519 key of 3 bytes"],
    ["a P-256 JWK", { kty: "EC", crv: "P-256", x, y }, 'crv "P-256"'],
    ["a JWK without y", { kty: "EC", crv: "P-521", x }, "whose y is not base64url"],
    ["a JWK with a long y", { kty: "EC", crv: "P-521", x, y: `AQ${y}AA` }, "longer than 66 bytes"],
    ["a point off the curve", { kty: "EC", crv: "P-521", x, y: x }, "not a point on its curve"],
    [
      "a compressed point",
      block("PUBLIC KEY", Buffer.from(compressed, "hex").toString("base64")),
      "not in uncompressed form",
    ],
  ])("%s", (_, key, found) => {
    const create = (): unknown => createVerifier(key);
    expect(create).toThrow(TypeError);
    expect(create).toThrow("the verification key is ");
    expect(create).toThrow(found);
  });

  it("a point off the curve where only WebCrypto can tell", async () => {
    const verifier = createVerifier({ kty: "EC", crv: "P-521", x, y: x }, webCrypto);
    await expect(verifier.verify(utf8("a"), new Uint8Array(132))).rejects.toThrow(
      "does not take the P-521 key",
    );
  });

  it.each([undefined, null, 42, {}])("%s is no key", (key) => {
    // @ts-expect-error What plain JavaScript may pass.
    expect(() => createVerifier(key)).toThrow(/the verification key is (missing|no key)/);
  });
});

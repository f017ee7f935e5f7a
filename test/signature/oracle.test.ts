import { createPublicKey, verify } from "node:crypto";
import { p521 } from "@noble/curves/nist.js";
import * as noble from "@noble/ed25519";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSigner, createVerifier } from "../../src/signature/keys.js";
import { platforms, utf8, vectors } from "./support.js";

const { node, webCrypto, noEd25519 } = platforms;
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const base = fc.uint8Array({ maxLength: 1000 });
const prefix = Buffer.from("302e020100300506032b657004220420", "hex");
const pkcs8 = (seed: Uint8Array): Uint8Array => Uint8Array.from(Buffer.concat([prefix, seed]));

const flip = (of: Uint8Array, [at, by]: readonly [number, number]): Uint8Array =>
  of.map((byte, index) => (index === at % of.length ? byte ^ by : byte));

describe("Ed25519 against noble", () => {
  it("the platform signs as noble does: any key, any base", async () => {
    await fc.assert(
      fc.asyncProperty(bytes(32), base, async (seed, message) => {
        const signer = createSigner({ keyId: "k", privateKey: pkcs8(seed) }, node);
        expect(await signer.sign(message)).toEqual(await noble.signAsync(message, seed));
      }),
      { numRuns: 2500 },
    );
  });

  it("WebCrypto and the path without Ed25519 sign the same", async () => {
    await fc.assert(
      fc.asyncProperty(bytes(32), base, async (seed, message) => {
        const [first, ...others] = await Promise.all(
          [node, webCrypto, noEd25519].map((platform) =>
            createSigner({ keyId: "k", privateKey: pkcs8(seed) }, platform).sign(message),
          ),
        );
        for (const other of others) expect(other).toEqual(first);
      }),
      { numRuns: 300 },
    );
  });

  it("every path takes the good signature and refuses any changed byte of it or of the base", async () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(
        bytes(32),
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        change,
        async (seed, message, changed) => {
          const x = Buffer.from(await noble.getPublicKeyAsync(seed)).toString("base64url");
          const signature = await noble.signAsync(message, seed);
          for (const platform of [node, webCrypto, noEd25519]) {
            const verifier = createVerifier({ kty: "OKP", crv: "Ed25519", x }, platform);
            expect(await verifier.verify(message, signature)).toBe(true);
            expect(await verifier.verify(flip(message, changed), signature)).toBe(false);
            expect(await verifier.verify(message, flip(signature, changed))).toBe(false);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it.each([0, 63, 65, 132])("a signature of %d bytes is false, not an error", async (length) => {
    for (const platform of [node, webCrypto, noEd25519]) {
      const verifier = createVerifier(vectors("keys").ed25519.spki, platform);
      expect(await verifier.verify(utf8("a"), new Uint8Array(length))).toBe(false);
    }
  });

  it("no path takes a signature by a key of small order, as ZIP 215 would", async () => {
    // The identity as key and as R, with S = 0, satisfies the cofactored equation for every message.
    const identity = Uint8Array.from({ length: 32 }, (_, index) => (index === 0 ? 1 : 0));
    const signature = new Uint8Array(64);
    signature.set(identity);
    expect(await noble.verifyAsync(signature, utf8("a"), identity, { zip215: true })).toBe(true);
    const x = Buffer.from(identity).toString("base64url");
    const verifier = createVerifier({ kty: "OKP", crv: "Ed25519", x }, noEd25519);
    expect(await verifier.verify(utf8("a"), signature)).toBe(false);
  });
});

describe("P-521 against noble", () => {
  const keys = vectors("keys")["ecdsa-p521"];
  const secret = Buffer.from(keys.jwk.d ?? "", "base64url");
  const publicKey = p521.getPublicKey(secret, false);

  it.each([
    ["Node", node],
    ["WebCrypto", webCrypto],
  ])("noble and Node verify what %s signs; it verifies what noble signs", async (_, platform) => {
    const signer = createSigner({ keyId: "k", privateKey: keys.pkcs8 }, platform);
    const verifier = createVerifier(keys.spki, platform);
    const nodeKey = createPublicKey(keys.spki);
    await fc.assert(
      fc.asyncProperty(base, async (message) => {
        const signature = await signer.sign(message);
        expect(verify("sha512", message, nodeKey, signature)).toBe(true);
        expect(p521.verify(signature, message, publicKey, { format: "der", lowS: false })).toBe(true);
        for (const format of ["der", "compact"] as const) {
          const theirs = p521.sign(message, secret, { format, lowS: false });
          expect(await verifier.verify(message, theirs)).toBe(true);
          expect(await verifier.verify(Uint8Array.of(...message, 0), theirs)).toBe(false);
        }
      }),
      { numRuns: 25 },
    );
  });
});

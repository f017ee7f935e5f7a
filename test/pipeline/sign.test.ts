import { createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createUpvestClient, UpvestConfigError, type Signer } from "upvest-client";
import { json, startApi } from "../support/api.js";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-521" });
const keyId = "8d4997a8-cf7a-4e51-adbb-401656a3e5c2";

/** A key store that answers as it does. */
const store = (algorithm: Signer["algorithm"], answer: (base: Uint8Array) => unknown): Signer => ({
  keyId,
  algorithm,
  sign: async (base) => answer(base) as Uint8Array,
});

describe("what a Signer of the caller's gives", () => {
  it.each(["der", "ieee-p1363"] as const)("P-521 as %s goes out as DER", async (dsaEncoding) => {
    const api = await startApi(() => json({ data: [], meta: {} }));
    let signed: Uint8Array = new Uint8Array();
    const signingKey = store("ecdsa-p521", (base) => {
      signed = base;
      return sign("sha512", base, { key: privateKey, dsaEncoding });
    });
    await createUpvestClient({ ...api.options, signingKey }).GET("/accounts");
    const [, encoded = ""] = /^sig1=:(.+):$/.exec(String(api.calls[0]?.headers["signature"])) ?? [];
    const key = createPublicKey(publicKey.export({ type: "spki", format: "pem" }));
    expect(verify("sha512", signed, { key, dsaEncoding: "der" }, Buffer.from(encoded, "base64"))).toBe(true);
  });

  it.each([
    ["ed25519", new Uint8Array(63), /must give 64 bytes for ed25519; it gave 63/],
    ["ed25519", undefined, /must give 64 bytes for ed25519; it gave undefined/],
    [
      "ecdsa-p521",
      new Uint8Array(10),
      /must give ASN.1 DER, or r and s in 132 bytes for ecdsa-p521; it gave 10/,
    ],
    ["ecdsa-p521", "MIGIAkIB", /it gave string/],
  ] as const)("%s: %o is refused before anything is sent", async (algorithm, answer, message) => {
    const api = await startApi(() => json({}));
    const client = createUpvestClient({ ...api.options, signingKey: store(algorithm, () => answer) });
    const call = client.GET("/accounts");
    await expect(call).rejects.toThrow(UpvestConfigError);
    await expect(call).rejects.toThrow(message);
    expect([...api.calls, ...api.tokenRequests]).toEqual([]);
  });

  it("its own failure comes as it is, and nothing is sent", async () => {
    const api = await startApi(() => json({}));
    const failure = new Error("KMS throttled");
    const signingKey = store("ed25519", () => {
      throw failure;
    });
    const call = createUpvestClient({ ...api.options, signingKey }).GET("/accounts");
    await expect(call).rejects.toBe(failure);
    expect([...api.calls, ...api.tokenRequests]).toEqual([]);
  });
});

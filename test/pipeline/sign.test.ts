import { createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createUpvestClient, UpvestConfigError, type Signer } from "upvest-client";
import { json, startApi } from "../support/api.js";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-521" });
const ed25519 = generateKeyPairSync("ed25519");
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

  it("may hang: the call ends with its timeout, its deadline or the caller's signal", async () => {
    const api = await startApi(() => json({}));
    let times = 0;
    const leaving = new AbortController();
    // The first signature is that of the token request.
    const signingKey = store("ed25519", (base) => {
      times += 1;
      if (times === 1) return sign(null, base, ed25519.privateKey);
      if (times === 2) leaving.abort(new Error("left"));
      return new Promise(() => undefined);
    });
    const client = createUpvestClient({ ...api.options, signingKey });
    await expect(client.GET("/accounts", { signal: leaving.signal })).rejects.toThrow("left");
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    for (const limit of ["timeout", "deadline"] as const) {
      const call = client.GET("/accounts", { [limit]: 700, retry: false });
      const ended = expect(call).rejects.toMatchObject({ name: "UpvestTimeoutError", limit, attempts: 0 });
      await vi.advanceTimersByTimeAsync(700);
      await ended;
    }
    expect(api.calls).toEqual([]);
  });

  it("may give its bytes at once, without a promise", async () => {
    const api = await startApi(() => json({ data: [], meta: {} }));
    const signingKey = {
      keyId,
      algorithm: "ed25519",
      sign: (base: Uint8Array) => sign(null, base, ed25519.privateKey),
    } as unknown as Signer;
    expect((await createUpvestClient({ ...api.options, signingKey }).GET("/accounts")).response.status).toBe(
      200,
    );
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

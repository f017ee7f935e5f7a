import { createHash, createPublicKey, verify } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Tampering } from "upvest-client/sandbox";
import { signatureBase } from "../../src/sandbox/delivery-signature.js";
import { readContract } from "./support/contract.js";
import type { Fault } from "./support/delivery-verifier.js";
import { order, openWorkbench, type Workbench } from "./support/webhooks.js";
import { description } from "../../generated/description.js";

let now = Date.parse("2024-03-01T10:00:00Z");
let bench: Workbench;

beforeAll(async () => {
  bench = await openWorkbench({ clock: () => now, tokenLifetime: 1_000_000 });
});
afterAll(() => bench.close());

describe("the base of version 6", () => {
  // Inputs from the Upvest docs (Implementing HTTP signatures v6); signed for these tests with public test keys:
  // RFC 6979 section A.2.7 and RFC 9421 section B.1.4. Upvest publishes no signature of its own.
  const names =
    '("@method" "@path" "@query" "accept" "authorization" "content-length" "content-type" "digest" "idempotency-key" "upvest-client-id")';
  const params = `${names};keyid="8d4997a8-cf7a-4e51-adbb-401656a3e5c2";created=1633529659;expires=1633529664;nonce="o085M4cMgpbicuOL"`;
  const components = [
    ["@method", "POST"],
    ["@path", "/endpoint"],
    ["@query", "?a=b"],
    ["accept", "application/json"],
    ["authorization", "Bearer access-token"],
    ["content-length", "16"],
    ["content-type", "application/json"],
    ["digest", "SHA-256=lyTB4g5uPk1/V+0l+dTvsAblCFkNUoyQ2ll/andcE+U="],
    ["idempotency-key", "2133825797664cad"],
    ["upvest-client-id", "5ec16164-6173-461d-b90d-116d68f55b40"],
  ] as const;
  const base = Buffer.from(signatureBase(6, components, params));

  test("is the documented one, byte for byte", () => {
    expect(base.length).toBe(562);
    expect(createHash("sha512").update(base).digest("hex")).toBe(
      "6bf023e67a31e7e6abb418d2102c5cbcdbfceb60ffd3145c9146f96daf1de9e058c461daa0da750cbd3309acc5317b0c8e6e090f13796c81528573267fe161f8",
    );
  });

  test.each([
    [
      "P-521",
      "sha512",
      {
        kty: "EC",
        crv: "P-521",
        x: "AYlFUNB4WTLgDqojtpTyE_jDEh-G3JegTlpxZ9tOW803ESPUbkXba11TcKfyD7YzFV04_6FtK9dh3KxHS5ovUCOk",
        y: "AEkxAclizU0v3feCKF5kWEE5wvkbR_h_-CNU1mMPdGoooNsldBtbNKgoAIsirMI_kk-q-9TTP4HqZpVt_qor_fz1",
      },
      "MIGHAkFuv07Y6SJGc5Bjl770SgEoF3zoLY1b4l/jvcOMr9LWRYGPE/z5PQmiuF+3Yubv2iCFYy0Exeq/U+b+F89VVK2BAAJCAN0zdhdGUZikfqCR8bmmHkOdl33yKWX8kBxUmyus+OHlkHDJKVsXMWIxYOvAJ4qC2lqi0YTwo32bT0JUH3fYS7ss",
    ],
    [
      "Ed25519",
      null,
      { kty: "OKP", crv: "Ed25519", x: "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs" },
      "3tFYO8QDSVHo/PlrG4nax03Su1Cte1dWoWDDHI3J5226/qlzT8bxE7LuYfKNnSwJwe+oSgLwPIJSfUCgakCmDg==",
    ],
  ])("has the signature by %s that was made elsewhere", (_, hash, jwk, signature) => {
    const key = createPublicKey({ key: jwk, format: "jwk" });
    expect(verify(hash, base, key, Buffer.from(signature, "base64"))).toBe(true);
    const quoted = Buffer.from(signatureBase(15, components, params));
    expect(verify(hash, quoted, key, Buffer.from(signature, "base64"))).toBe(false);
  });
});

describe("a delivery", () => {
  const deliver = async (path: string, version?: 6 | 15) => {
    const options = version === undefined ? {} : { version };
    await bench.sandbox.deliver([order("NEW")], `${bench.endpoint.url}${path}`, options);
    const delivered = bench.endpoint.received.at(-1);
    if (delivered === undefined) throw new Error("There was no delivery.");
    return { delivered, checked: await bench.check(delivered) };
  };

  test("is signed as version 6, by a published key", async () => {
    const { delivered, checked } = await deliver("/hook");
    expect(checked.faults).toEqual([]);
    expect(delivered.method).toBe("POST");
    expect(checked.components).toEqual(["@method", "@path", "content-length", "content-type", "digest"]);
    expect(delivered.headers).toMatchObject({ "content-type": "application/json", host: expect.any(String) });
    expect(delivered.headers).not.toHaveProperty("upvest-signature-version");
    expect(delivered.headers).not.toHaveProperty("content-digest");
    expect([...checked.parameters.keys()]).toEqual(["keyid", "created", "expires", "nonce"]);
    expect(checked.parameters.get("created")).toBe(String(now / 1000));
    expect(checked.parameters.get("expires")).toBe(String(now / 1000 + 60));
    expect(checked.base).toMatch(
      /^@method: POST\n@path: \/hook\ncontent-length: \d+\ncontent-type: application\/json\n/,
    );
    expect(checked.base).toMatch(/\ndigest: SHA-256=[^\n]{44}\n@signature-params: \("@method" [^\n]*$/);
  });

  test("has its query covered, when there is one", async () => {
    const { delivered, checked } = await deliver("/a%20b/%2f?from=upvest&x=%3F?y");
    expect(checked.faults).toEqual([]);
    expect(delivered.target).toBe("/a%20b/%2f?from=upvest&x=%3F?y");
    expect(checked.components).toEqual([
      "@method",
      "@path",
      "@query",
      "content-length",
      "content-type",
      "digest",
    ]);
    expect((await deliver("/hook?")).checked).toMatchObject({ faults: [] });
    expect((await deliver("")).delivered.target).toBe("/");
  });

  test("is signed as version 15 when that is asked for", async () => {
    const { delivered, checked } = await deliver("/hook?a=b", 15);
    expect(checked.faults).toEqual([]);
    expect(delivered.headers["upvest-signature-version"]).toBe("15");
    expect(delivered.headers).not.toHaveProperty("digest");
    expect(checked.components).toEqual([
      "@method",
      "@path",
      "@query",
      "content-length",
      "content-type",
      "content-digest",
    ]);
    expect(checked.base).toMatch(/^"@method": POST\n"@path": \/hook\n"@query": \?a=b\n/);
  });

  test("is not taken for one of the other version", async () => {
    const { delivered } = await deliver("/hook");
    const { "upvest-signature-version": _, ...headers } = delivered.headers;
    const claimed = { ...delivered, headers: { ...headers, "upvest-signature-version": "15" } };
    expect((await bench.check(claimed)).faults).toContain("bad signature");
  });
});

describe("the keys", () => {
  test("are published as described", async () => {
    const reply = await bench.call("GET", "/auth/verify_keys");
    expect(reply.status).toBe(200);
    const contract = readContract(description);
    const operation = contract.operations.find(({ id }) => id === "get_jwks");
    if (operation === undefined) throw new Error("get_jwks is not in the description");
    expect(contract.faults(operation, 200, "application/json", reply.json)).toEqual([]);
    const [key, ...others] = Object(reply.json["keys"]);
    expect(others).toEqual([]);
    expect(Object.keys(key)).toEqual(["kid", "kty", "crv", "x", "y"]);
    expect(key).toMatchObject({ kty: "EC", crv: "P-521" });
    expect([key.x, key.y].map((text: string) => Buffer.from(text, "base64url").length)).toEqual([66, 66]);
  });

  test("change when they are told to, and the one before stays published", async () => {
    const before = await bench.keys();
    await bench.sandbox.deliver([order("NEW")], bench.endpoint.url);
    const old = bench.endpoint.received.at(-1);
    const kid = bench.sandbox.rotateVerificationKey();
    expect([...before.keys()]).not.toContain(kid);
    expect([...(await bench.keys()).keys()]).toEqual([kid, [...before.keys()][0]]);
    await bench.sandbox.deliver([order("NEW")], bench.endpoint.url);
    const checked = await bench.check(bench.endpoint.received.at(-1));
    expect(checked).toMatchObject({ faults: [] });
    expect(checked.parameters.get("keyid")).toBe(kid);
    expect((await bench.check(old)).faults).toEqual([]);
    bench.sandbox.rotateVerificationKey();
    expect((await bench.keys()).size).toBe(2);
    if (old !== undefined) expect((await bench.check(old)).faults).toContain("unknown key");
  });
});

describe("a delivery that was tampered with", () => {
  const cases: [Tampering, Fault[]][] = [
    ["body", ["digest"]],
    ["digest", ["bad signature"]],
    ["signature", ["bad signature"]],
    ["unsigned", ["no signature"]],
    ["uncovered", ["cover"]],
    ["key", ["unknown key"]],
    ["expired", ["times"]],
  ];
  describe.each([6, 15] as const)("in version %i", (version) => {
    test.each(cases)("%s: has this fault and no other", async (tamper, faults) => {
      bench.endpoint.behave(() => ({ status: 401, body: "no" }));
      const before = bench.endpoint.received.length;
      const url = `${bench.endpoint.url}/hook`;
      const [delivery] = await bench.sandbox.deliver([order("NEW")], url, { tamper, version });
      expect(delivery).toMatchObject({ outcome: "refused", status: 401, attempts: 1 });
      expect(bench.endpoint.received.length).toBe(before + 1);
      const delivered = bench.endpoint.received.at(-1);
      expect((await bench.check(delivered)).faults).toEqual(faults);
      expect(() => JSON.parse(delivered?.body.toString() ?? "")).not.toThrow();
      expect(bench.sandbox.deliveries.at(-1)).toMatchObject({ tamper, version, status: 401, answer: "no" });
      bench.endpoint.behave(() => ({ status: 200 }));
    });
  });

  test("replay: is good the first time, and the same bytes the second", async () => {
    bench.endpoint.behave((_, n) => ({ status: n === before ? 200 : 409 }));
    const before = bench.endpoint.received.length;
    const [delivery] = await bench.sandbox.deliver([order("NEW")], bench.endpoint.url, { tamper: "replay" });
    expect(delivery).toMatchObject({ outcome: "refused", status: 409, attempts: 2 });
    const [first, second, ...others] = bench.endpoint.received.slice(before);
    expect(others).toEqual([]);
    expect(second).toEqual(first);
    expect((await bench.check(first)).faults).toEqual([]);
    expect((await bench.check(second)).faults).toEqual(["replay"]);
    const told = bench.sandbox.deliveries.slice(-2).map(({ attempt, status }) => [attempt, status]);
    expect(told).toEqual([
      [1, 200],
      [2, 409],
    ]);
    bench.endpoint.behave(() => ({ status: 200 }));
  });

  test("is told to be delivered where a receiver takes it: that is a receiver to mend", async () => {
    const options = { tamper: "unsigned" } as const;
    const [delivery] = await bench.sandbox.deliver([order("NEW")], bench.endpoint.url, options);
    expect(delivery).toMatchObject({ outcome: "delivered", status: 200 });
  });
});

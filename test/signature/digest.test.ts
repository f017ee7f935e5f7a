import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase64, decodeBase64Url, encodeBase64 } from "../../src/signature/base64.js";
import { digestValue } from "../../src/signature/digest.js";
import { v15, v6 } from "../../src/signature/profile.js";
import { platforms, utf8, vectors } from "./support.js";

describe("digestValue", () => {
  it.each(vectors("digests").vectors)("$body", async (vector) => {
    const body = utf8(vector.body);
    expect(body.length).toBe(vector.bytes);
    // At once where Node is: the value is no promise.
    expect(digestValue(body, v15)).toBe(vector["content-digest"]);
    expect(digestValue(body, v6)).toBe(vector.digest);
    const { webCrypto } = platforms;
    expect(await digestValue(body, v15, webCrypto)).toBe(vector["content-digest"]);
    expect(await digestValue(body, v6, webCrypto)).toBe(vector.digest);
  });

  it("is the same without the one-shot hash, and over shared memory", async () => {
    const { hash: _, ...older } = platforms.node.node;
    const body = new Uint8Array(new SharedArrayBuffer(5));
    body.set([1, 2, 3]);
    const expected = `sha-512=:${createHash("sha512").update(body).digest("base64")}:`;
    // @ts-expect-error The types know only runtimes that have it.
    expect(digestValue(body, v15, { node: older })).toBe(expected);
    expect(digestValue(body, v15, platforms.node)).toBe(expected);
    expect(await digestValue(body, v15, platforms.webCrypto)).toBe(expected);
  });

  it("covers the bytes of a view and no more", async () => {
    const whole = utf8("xx{}xx");
    const view = whole.subarray(2, 4);
    const expected = digestValue(utf8("{}"), v15);
    expect(digestValue(view, v15)).toBe(expected);
    expect(await digestValue(view, v15, platforms.webCrypto)).toBe(expected);
  });

  it("says so where there is no cryptography", () => {
    expect(() => digestValue(utf8(""), v15, platforms.nothing)).toThrow(
      "neither Node's crypto nor WebCrypto",
    );
  });
});

describe("base64", () => {
  it.each(vectors("base64").vectors)("$text", ({ text, base64 }) => {
    expect(encodeBase64(utf8(text))).toBe(base64);
    expect(decodeBase64(base64)).toEqual(utf8(text));
  });

  it("is what Node has, both ways", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const buffer = Buffer.from(bytes);
        expect(encodeBase64(bytes)).toBe(buffer.toString("base64"));
        expect(decodeBase64(buffer.toString("base64"))).toEqual(bytes);
        expect(decodeBase64Url(buffer.toString("base64url"))).toEqual(bytes);
      }),
    );
  });

  it.each(["QQ", "QQ=", "QUI", "QU-_", "Q Q==", "QQ==\n", "QQ==QQ==", "====", "Q==="])(
    "refuses %j as padded base64",
    (text) => {
      expect(decodeBase64(text)).toBeUndefined();
    },
  );

  it.each(["QQ==", "Q", "QUI+", "QUI/", "Q Q", "QUIxQ"])("refuses %j as base64url", (text) => {
    expect(decodeBase64Url(text)).toBeUndefined();
  });
});

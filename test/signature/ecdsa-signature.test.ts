import { p521 } from "@noble/curves/nist.js";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ecdsaToDer, ecdsaToRaw } from "../../src/signature/ecdsa-signature.js";
import { createVerifier } from "../../src/signature/keys.js";
import { base64, platforms, utf8, vectors } from "./support.js";

const order = p521.Point.CURVE().n;
const number = (hex: string): bigint => BigInt(`0x${hex}`);
// Numbers of every length: short ones come about once in 256 signatures for each byte, so never by chance here.
const scalar = fc
  .tuple(fc.integer({ min: 1, max: 66 }), fc.uint8Array({ minLength: 66, maxLength: 66 }))
  .map(([length, bytes]) => number(Buffer.from(bytes.subarray(0, length)).toString("hex")) % (order - 1n))
  .map((value) => value + 1n);
const ones = (bytes: number): bigint => number("11".repeat(bytes));
const rawOf = (...numbers: readonly bigint[]): Uint8Array =>
  Uint8Array.from(Buffer.from(numbers.map((n) => n.toString(16).padStart(132, "0")).join(""), "hex"));

describe("raw to DER and back", () => {
  it("gives the DER that noble gives, for r and s of any length", () => {
    fc.assert(
      fc.property(scalar, scalar, (r, s) => {
        const raw = rawOf(r, s);
        const der = ecdsaToDer(raw);
        expect(Buffer.from(der).toString("hex")).toBe(
          Buffer.from(new p521.Signature(r, s).toBytes("der")).toString("hex"),
        );
        expect(ecdsaToRaw(der)).toEqual(raw);
        expect(ecdsaToRaw(raw)).toEqual(raw);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["one byte each", 1n, 2n, "3006020101020102"],
    ["a high bit", 0x80n, 0xffn, "300802020080020200ff"],
    ["a zero", 0n, 0x7fn, "300602010002017f"],
  ])("%s", (_, r, s, der) => {
    expect(Buffer.from(ecdsaToDer(rawOf(r, s))).toString("hex")).toBe(der);
  });

  it("the long form of the length starts at 128 bytes of content", () => {
    // Two integers of 61 + 63 and 62 + 62 bytes of content and header: 127 and 128 in all.
    expect(Buffer.from(ecdsaToDer(rawOf(ones(61), ones(62)))).subarray(0, 3)).toEqual(
      Buffer.from("307f02", "hex"),
    );
    expect(Buffer.from(ecdsaToDer(rawOf(ones(62), ones(62)))).subarray(0, 3)).toEqual(
      Buffer.from("308180", "hex"),
    );
  });

  it("refuses raw bytes of another length", () => {
    expect(() => ecdsaToDer(new Uint8Array(64))).toThrow("a raw P-521 signature has 132 bytes, got 64");
  });
});

const malformed: readonly (readonly [string, string])[] = [
  ["nothing", ""],
  ["a tag alone", "30"],
  ["an empty sequence", "3000"],
  ["one integer", "3003020101"],
  ["three integers", "3009020101020101020101"],
  ["bytes behind", "300602010102010200"],
  ["an element behind", "30060201010201020500"],
  ["bytes behind, inside", "30080201010201020500"],
  ["another outer tag", "3106020101020102"],
  ["another inner tag", "3006040101020102"],
  ["another second tag", "3006020101040102"],
  ["cut short", "30060201010201"],
  ["an inner length too long", "3006020101020202"],
  ["an indefinite length", "30800201010201020000"],
  ["an indefinite length that would be right as a number", `3080${`023e${"11".repeat(62)}`.repeat(2)}`],
  ["a length in long form without need", "308106020101020102"],
  ["an inner length in long form without need", "300702810101020102"],
  ["a length in two bytes without need", "30820006020101020102"],
  ["a length in two bytes where one would do", `30820080${`023e${"11".repeat(62)}`.repeat(2)}`],
  ["a length of three bytes", "3083000006020101020102"],
  ["a zero in front without need", "300702020001020102"],
  ["a negative number", "3006020181020102"],
  ["an integer of no bytes", "30050200020102"],
  ["a number that fills 67 bytes", `304a0245${"01".repeat(69)}020101`],
  ["131 raw bytes", "00".repeat(131)],
  ["133 raw bytes", "00".repeat(133)],
  ["132 raw bytes that are too large", `02${"00".repeat(131)}`],
];

describe("what is no signature", () => {
  const verifiers = [platforms.node, platforms.webCrypto].map((platform) =>
    createVerifier(vectors("keys")["ecdsa-p521"].spki, platform),
  );

  it.each(malformed)("%s", async (_, hex) => {
    const signature = Uint8Array.from(Buffer.from(hex, "hex"));
    expect(ecdsaToRaw(signature)).toBeUndefined();
    for (const verifier of verifiers) expect(await verifier.verify(utf8("sample"), signature)).toBe(false);
  });

  it.each([
    ["all zeros", "00".repeat(132)],
    ["zeros in DER", "3006020100020100"],
  ])("%s", async (_, hex) => {
    const signature = Uint8Array.from(Buffer.from(hex, "hex"));
    for (const verifier of verifiers) expect(await verifier.verify(utf8("sample"), signature)).toBe(false);
  });

  it("any changed byte of a good one", async () => {
    const good = base64(vectors("rfc6979-p521").signature);
    const bytes = fc.tuple(fc.nat({ max: good.length - 1 }), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(bytes, async ([at, change]) => {
        const changed = Uint8Array.from(good);
        changed[at] = (changed[at] ?? 0) ^ change;
        for (const verifier of verifiers) expect(await verifier.verify(utf8("sample"), changed)).toBe(false);
      }),
      { numRuns: 150 },
    );
  });
});

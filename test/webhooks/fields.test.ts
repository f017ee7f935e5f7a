import fc from "fast-check";
import { isInnerList, parseDictionary, type BareItem } from "structured-headers";
import { describe, expect, it } from "vitest";
import { WebhookVerificationError } from "../../src/webhooks/index.js";
import { readSignatures } from "../../src/webhooks/fields.js";
import { mutatedText, runs } from "./mutations.js";

// The reader takes less than structured fields allow. What it takes must be what a reader of the whole grammar reads.

/** What both readers say of a pair of headers, in one form. */
interface Read {
  readonly label: string;
  readonly components: readonly string[];
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly signature: string;
}

const used = new Set(["keyid", "nonce", "alg", "created", "expires"]);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

function ours(input: string, signature: string): readonly Read[] | undefined {
  try {
    return readSignatures(input, signature).map((read) => ({
      label: read.label,
      components: read.components,
      parameters: Object.fromEntries(
        [...read.texts, ...read.times].filter(([name]) => used.has(name)).sort(),
      ),
      signature: hex(read.signature),
    }));
  } catch (error) {
    if (error instanceof WebhookVerificationError) return undefined;
    throw error;
  }
}

const plain = (value: BareItem): string | number => {
  if (typeof value === "string" || typeof value === "number") return value;
  throw new Error("neither a string nor a number");
};

function theirs(input: string, signature: string): readonly Read[] | undefined {
  try {
    const signatures = parseDictionary(signature);
    return Array.from(parseDictionary(input), ([label, member]) => {
      const signed = signatures.get(label);
      if (!isInnerList(member) || !signed || isInnerList(signed)) throw new Error("another kind of value");
      if (!(signed[0] instanceof ArrayBuffer)) throw new Error("no bytes");
      const [items, parameters] = member;
      return {
        label,
        components: items.map(([name]) => String(plain(name))),
        parameters: Object.fromEntries(
          [...parameters]
            .filter(([name]) => used.has(name))
            .map(([name, value]) => [name, plain(value)])
            .sort(),
        ),
        signature: hex(new Uint8Array(signed[0])),
      };
    });
  } catch {
    return undefined;
  }
}

const text = fc
  .string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    maxLength: 9,
  })
  .map((content) => `"${content.replace(/["\\]/g, "\\$&")}"`);
const integer = fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 }).map(String);
const spaces = fc.nat({ max: 2 }).map((length) => " ".repeat(length));
const commas = fc.constantFrom(",", ", ", " ,", "\t, \t");
const parameters = fc
  .uniqueArray(
    fc.oneof(
      fc.tuple(fc.constantFrom("keyid", "nonce", "alg", "tag"), text),
      fc.tuple(fc.constantFrom("created", "expires", "x-1"), integer),
      fc.tuple(fc.constantFrom("*", "flag", "constructor"), fc.constant(undefined)),
    ),
    { selector: ([name]) => name, maxLength: 7 },
  )
  .chain((list) => fc.tuple(fc.constant(list), fc.array(spaces, { minLength: 7, maxLength: 7 })))
  .map(([list, gaps]) =>
    list.map(([name, value], at) => `;${gaps[at]}${name}${value === undefined ? "" : `=${value}`}`).join(""),
  );
const components = fc
  .uniqueArray(fc.constantFrom("@method", "@path", "@query", "digest", "x-a.b~c", "signature-inputs"))
  .chain((names) => fc.tuple(fc.constant(names), fc.array(spaces, { minLength: 8, maxLength: 8 })))
  .map(([names, gaps]) => `(${gaps[7]}${names.map((name, at) => `"${name}"${gaps[at]}`).join(" ")})`);
const bytes = fc
  .uint8Array({ minLength: 1, maxLength: 9 })
  .map((content) => `:${Buffer.from(content).toString("base64")}:`);

/** Pairs of headers in which nothing is amiss, written in every way that is allowed. */
const pair: fc.Arbitrary<readonly [string, string]> = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom("sig1", "*", "a-b_c.d*", "z9"), { minLength: 1 }),
    fc.array(fc.tuple(components, parameters, bytes), { minLength: 4, maxLength: 4 }),
    commas,
  )
  .map(([labels, values, comma]) => [
    labels.map((label, at) => `${label}=${values[at]?.[0]}${values[at]?.[1]}`).join(comma),
    labels.map((label, at) => `${label}=${values[at]?.[2]}`).join(comma),
  ]);

describe("the reader of the signature headers", () => {
  it("reads whatever is well-formed as structured-headers does", () => {
    fc.assert(
      fc.property(pair, ([input, signature]) => {
        const read = ours(input, signature);
        expect(read).toBeDefined();
        expect(read).toEqual(theirs(input, signature));
      }),
      { numRuns: runs(10_000) },
    );
  });

  it("agrees with structured-headers on whatever it takes, and so refuses what that one refuses", () => {
    const verdicts = { taken: 0, refusedByBoth: 0, refusedByOurs: 0 };
    const changed = pair.chain(([input, signature]) =>
      fc.oneof(
        mutatedText(input).map((one) => [one, signature] as const),
        mutatedText(signature).map((one) => [input, one] as const),
        mutatedText(input)
          .chain(mutatedText)
          .map((one) => [one, signature] as const),
      ),
    );
    fc.assert(
      fc.property(changed, ([input, signature]) => {
        const [read, oracle] = [ours(input, signature), theirs(input, signature)];
        verdicts[read ? "taken" : oracle ? "refusedByOurs" : "refusedByBoth"] += 1;
        if (read) expect(read).toEqual(oracle);
      }),
      { numRuns: runs(40_000) },
    );
    // Each of the three must have been put to the test.
    for (const times of Object.values(verdicts)) expect(times).toBeGreaterThan(runs(400));
  });

  it.each([
    ["signature-input", 'sig1=("@method" "@path);created=1', "component in double quotes at character 16"],
    ["signature-input", 'sig1=("@method");created=soon', "whole number for created at character 25"],
    ["signature-input", 'sig1=("@method");keyid=k', "string for keyid at character 23"],
    ["signature-input", 'sig1=("@method");created=1 x', "comma or end at character 27"],
    ["signature-input", 'sig1=("@method"),', "label with a value at character 18"],
    ["signature-input", 'Sig1=("@method")', "label with a value at character 1"],
  ])("%s %s: says what is missing, and where", (header, input, message) => {
    expect(() => readSignatures(input, "sig1=:AA==:")).toThrow(`${header} has no ${message}`);
  });

  it("does not take long over a header made to take long", () => {
    for (const hostile of [
      " ".repeat(60_000),
      '"a" '.repeat(15_000),
      ";a".repeat(30_000),
      "\\".repeat(60_000),
    ]) {
      for (const input of [
        `sig1=(${hostile}`,
        `sig1=("${hostile}`,
        `sig1=()${hostile}x`,
        `sig1=()${hostile},`,
      ]) {
        expect(ours(input, "sig1=:AA==:")).toBeUndefined();
      }
    }
  });
});

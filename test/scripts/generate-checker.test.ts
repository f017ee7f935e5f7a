/** The checker of events against ajv, which it stands in for: the same verdict, in the same words. */
import { Ajv } from "ajv";
import { fastFormats } from "ajv-formats/dist/formats.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { description } from "../../generated/description.js";
import { validateEvent } from "../../generated/validators.js";
import { createCheck, type Problem, type Rule } from "../../scripts/generate/checker.js";
import { describedEvents } from "../../scripts/generate/events.js";
import type { JsonObject } from "../../scripts/generate/json.js";
import { DEFINITIONS, validationView } from "../../scripts/generate/validation-view.js";
import { eventExamples } from "../contract/description.js";

/** ajv also says which items are equal. */
const reported = (problems: readonly { instancePath: string; message?: string }[]): Problem[] =>
  problems.map(({ instancePath, message = "" }) => ({
    path: instancePath,
    message: message.replace(/ \(items .*/, ""),
  }));

/** Keywords that no event has beside each other may be told in another order. */
const sorted = (problems: readonly Problem[]): readonly string[] =>
  problems.map(({ path, message }) => `${path} ${message}`).toSorted();

describe("events", () => {
  const document = description as JsonObject;
  const events = describedEvents(document);
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
  for (const [name, format] of Object.entries(fastFormats)) ajv.addFormat(name, format);
  ajv.addSchema(validationView(document, events));
  const byType = new Map(
    events.flatMap(({ name, types }) =>
      types.map((type) => [type, ajv.getSchema(`events${DEFINITIONS}${name}`)] as const),
    ),
  );

  /** A place in a value: where to go at each step, as a share of what is there. */
  const place = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 6 });
  const replacement = fc.option(
    fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom("", "x".repeat(300), "2026-01-01", "1.5", -1, 0.5, 1e9, null, [], {}),
    ),
    { nil: undefined },
  );

  it("broken in one or two places are judged alike", () => {
    const example = fc.constantFrom(...eventExamples.map(({ value }) => value));
    let refused = 0;
    fc.assert(
      fc.property(example, fc.array(fc.tuple(place, replacement), { maxLength: 2 }), (value, changes) => {
        const event = changes.reduce<unknown>((one, [where, to]) => changed(one, where, to), value);
        const type = (event as { type?: unknown } | null)?.type;
        const judge = typeof type === "string" ? byType.get(type) : undefined;
        fc.pre(judge !== undefined);
        const valid = judge(event);
        refused += valid ? 0 : 1;
        expect(validateEvent(event)).toEqual(
          valid ? { valid } : { valid, errors: reported(judge.errors ?? []) },
        );
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(50);
  });
});

/** The value with one member of it replaced, or taken out. */
function changed(value: unknown, [step, ...rest]: readonly number[], to: unknown): unknown {
  if (step === undefined || typeof value !== "object" || value === null) return to;
  const keys = Object.keys(value);
  const key = keys[Math.floor(step * keys.length)];
  if (key === undefined) return to;
  const copy = structuredClone(value) as Record<string, unknown>;
  const member = changed(copy[key], rest, to);
  if (member === undefined && !Array.isArray(copy)) Reflect.deleteProperty(copy, key);
  else copy[key] = member ?? null;
  return copy;
}

describe("every keyword", () => {
  const name = fc.constantFrom("a", "b", "x~/y", "constructor");
  const small = fc.integer({ min: 0, max: 3 });
  const plain = fc.constantFrom(null, true, 0, 1, 2.5, 4, "", "a", "ab", "😀😀😀😀", "2026-01-01");
  const nested = (depth: number): fc.Arbitrary<unknown> =>
    depth === 0
      ? plain
      : fc.oneof(
          plain,
          fc.array(nested(depth - 1), { maxLength: 4 }),
          fc.dictionary(name, nested(depth - 1), { maxKeys: 4, noNullPrototype: true }),
        );
  const value = nested(2);
  const type = fc.constantFrom("null", "boolean", "string", "number", "integer", "array", "object");

  /** A schema of one to three keywords. */
  const schema = (depth: number): fc.Arbitrary<JsonObject> => {
    const keywords: Record<string, fc.Arbitrary<unknown>> = {
      type: fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 })),
      const: value,
      enum: fc.uniqueArray(plain, { minLength: 1, maxLength: 3 }),
      maximum: small,
      minimum: small,
      exclusiveMaximum: small,
      exclusiveMinimum: small,
      multipleOf: fc.constantFrom(1, 2, 0.5),
      maxLength: small,
      minLength: small,
      pattern: fc.constantFrom("^a", "b$", "^.$", "\\p{L}"),
      format: fc.constantFrom("date", "uuid", "int32"),
      maxItems: small,
      minItems: small,
      uniqueItems: fc.boolean(),
      maxProperties: small,
      minProperties: small,
      required: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
    };
    if (depth > 0) {
      const inner = schema(depth - 1);
      const alternatives = fc.array(inner, { minLength: 1, maxLength: 2 });
      const members = (keys: fc.Arbitrary<string>): fc.Arbitrary<unknown> =>
        fc.dictionary(keys, inner, { minKeys: 1, maxKeys: 2, noNullPrototype: true });
      Object.assign(keywords, {
        items: inner,
        additionalProperties: inner,
        properties: members(name),
        patternProperties: members(fc.constantFrom("^a", "/")),
        not: inner,
        anyOf: alternatives,
        oneOf: alternatives,
        allOf: alternatives,
      });
    }
    const one = fc.oneof(...Object.entries(keywords).map(([key, rule]) => fc.tuple(fc.constant(key), rule)));
    return fc
      .uniqueArray(one, { selector: ([key]) => key, minLength: 1, maxLength: 3 })
      .map((members) => Object.fromEntries(members) as JsonObject);
  };

  it("means what it means to ajv", () => {
    const formats = { date: /^\d{4}-\d\d-\d\d$/, uuid: /^[0-9a-f-]{36}$/ };
    const check = createCheck(formats);
    const verdicts = new Set<boolean>();
    fc.assert(
      fc.property(schema(2), fc.array(value, { minLength: 1, maxLength: 8 }), (rule, values) => {
        const ajv = new Ajv({
          strict: false,
          allErrors: true,
          logger: false,
          ownProperties: true,
          formats: { ...formats, int32: true },
        });
        const judge = ajv.compile(rule);
        for (const one of values) {
          const problems: Problem[] = [];
          const valid = check(rule as Rule, one, "", problems);
          verdicts.add(valid);
          expect([valid, sorted(problems)]).toEqual([judge(one), sorted(reported(judge.errors ?? []))]);
        }
      }),
      { numRuns: 200 },
    );
    expect(verdicts).toEqual(new Set([true, false]));
  });
});

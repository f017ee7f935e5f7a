import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isObject, type Json, type JsonObject } from "../../scripts/generate/json.js";
import { parseObject } from "../../scripts/generate/read.js";
import { jsonReport } from "../../scripts/spec/report-json.js";
import { textReport } from "../../scripts/spec/report-text.js";
import { AFTER, BEFORE } from "./spec-fixtures.js";
import { difference, shuffled } from "./spec-support.js";

describe("the order of a file", () => {
  /** Lists that say the same in any order. */
  const SETS = new Set(["required", "enum", "parameters", "oneOf", "security", "tags"]);
  const shuffle = (document: JsonObject, numbers: readonly number[]): JsonObject => {
    let next = 0;
    const mixed = shuffled(document, () => numbers[(next += 1) % numbers.length] ?? 0, SETS);
    return isObject(mixed) ? mixed : {};
  };
  const numbers = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 50, maxLength: 120 });

  it("makes no change", () => {
    fc.assert(
      fc.property(numbers, (order) => {
        expect(difference(BEFORE, shuffle(BEFORE, order)).changes).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it("does not show in what is reported", () => {
    const expected = difference(BEFORE, AFTER);
    fc.assert(
      fc.property(numbers, numbers, (one, other) => {
        const found = difference(shuffle(BEFORE, one), shuffle(AFTER, other));
        expect(jsonReport(found)).toBe(jsonReport(expected));
        expect(textReport(found)).toBe(textReport(expected));
      }),
      { numRuns: 60 },
    );
  });

  it("makes no change of our own description", async () => {
    const ours = parseObject("upvest.yaml", await readFile("openapi/upvest.yaml", "utf8"));
    let seed = 1;
    // Park and Miller's generator: all that matters is that the order is another one.
    const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    const mixed: Json = shuffled(ours, random);
    expect(difference(ours, isObject(mixed) ? mixed : {}).changes).toEqual([]);
  });
});

describe("the report for people", () => {
  it("tells what breaks first, by tag, and ends with the bump", () => {
    expect(textReport(difference(BEFORE, AFTER))).toMatchInlineSnapshot(`
      "Upvest Investment API 1.0.0 -> 1.1.0

      9 changes: 3 break code, 0 break calls only, 6 compatible.

      BREAKS CODE WRITTEN AGAINST OUR TYPES (3)

      Things
        - operation removed: DELETE /gone (delete_gone)  [calls of it no longer compile]
        Thing, sent and received in get_thing, create_thing, ThingsEvent
          ~ field now optional: state  [readers must do without it]
          - field removed: note  [code that sends it no longer compiles]

      COMPATIBLE (6)

      Events
        ThingsEvent
          + event type added: THING.GONE

      Novelties
        + operation added: GET /new (get_new)

      Things
        GET /things get_thing
          + parameter added: sort (query)
        POST /things create_thing
          ~ deprecated
        Thing, sent and received in get_thing, create_thing, ThingsEvent
          ~ state: value added: ODD
          + field added: size

      Asks for a major release, because of:
        1 field now optional (sent and received)
        1 field removed (sent and received)
        1 operation removed
      "
    `);
  });

  it("says so when nothing changed", () => {
    expect(textReport(difference(BEFORE, BEFORE))).toBe(
      "Upvest Investment API 1.0.0 -> 1.0.0\n\nNo changes. Asks for no release.\n",
    );
  });
});

describe("the report for machines", () => {
  it("has a form that can be relied on", () => {
    const report: unknown = JSON.parse(jsonReport(difference(BEFORE, AFTER)));
    expect(report).toMatchObject({
      formatVersion: 1,
      before: { title: "Upvest Investment API", version: "1.0.0", operations: 3 },
      after: { title: "Upvest Investment API", version: "1.1.0", operations: 3 },
      bump: "major",
      breaking: true,
      summary: { changes: 9, breakCode: 3, breakWireOnly: 0, compatible: 6 },
    });
    expect(report).toHaveProperty(
      "changes",
      expect.arrayContaining([
        {
          kind: "field.optional",
          in: "schema",
          name: "Thing",
          pointer: "/properties/state",
          place: "state",
          positions: ["request", "response"],
          operations: ["GET /things", "POST /things"],
          events: ["ThingsEvent"],
          publisher: "breaking",
          types: "major",
          why: "readers must do without it",
        },
        {
          kind: "operation.removed",
          in: "operation",
          pointer: "",
          place: "",
          before: "DELETE /gone",
          positions: [],
          operations: ["DELETE /gone"],
          events: [],
          publisher: "breaking",
          types: "major",
          why: "calls of it no longer compile",
        },
      ]),
    );
  });
});

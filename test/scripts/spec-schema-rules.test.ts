import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../scripts/generate/json.js";
import { exchanged, judgements, received, sent } from "./spec-support.js";

const TEXT = { type: "string" };
const NUMBERED = { type: "integer" };

/** A change of the field `value`, and what it means in what callers send, in what they receive, and in both. */
interface Case {
  readonly change: string;
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly sent: string;
  readonly received: string;
  readonly both: string;
}

const inside = (fields: JsonObject, ...required: string[]): JsonObject => ({
  type: "object",
  required: ["kept", ...required],
  properties: { kept: TEXT, ...fields },
});

const oneOf = (...choices: JsonObject[]): JsonObject => ({ oneOf: choices });
const tagged = (kind: string, fields: JsonObject = {}): JsonObject => ({
  type: "object",
  required: ["kind"],
  properties: { kind: { type: "string", enum: [kind] }, id: TEXT, ...fields },
});
const untagged = (name: string): JsonObject => ({
  type: "object",
  properties: { [name]: TEXT, [`${name}_at`]: TEXT },
});

const CASES: readonly Case[] = [
  {
    change: "an optional field is added",
    before: inside({}),
    after: inside({ more: TEXT }),
    sent: "field.added: compatible, minor",
    received: "field.added: compatible, minor",
    both: "field.added: compatible, minor",
  },
  {
    change: "a required field is added",
    before: inside({}),
    after: inside({ more: TEXT }, "more"),
    sent: "field.added-required: breaking, major",
    received: "field.added-required: compatible, minor",
    both: "field.added-required: breaking, major",
  },
  {
    change: "a field is removed",
    before: inside({ more: TEXT }),
    after: inside({}),
    sent: "field.removed: breaking, major",
    received: "field.removed: breaking, major",
    both: "field.removed: breaking, major",
  },
  {
    change: "a field becomes required",
    before: inside({ more: TEXT }),
    after: inside({ more: TEXT }, "more"),
    sent: "field.required: breaking, major",
    received: "field.required: compatible, patch",
    both: "field.required: breaking, major",
  },
  {
    change: "a field becomes optional",
    before: inside({ more: TEXT }, "more"),
    after: inside({ more: TEXT }),
    sent: "field.optional: compatible, minor",
    received: "field.optional: breaking, major",
    both: "field.optional: breaking, major",
  },
  {
    change: "a field is deprecated",
    before: inside({ more: TEXT }),
    after: inside({ more: { ...TEXT, deprecated: true } }),
    sent: "field.deprecated: compatible, minor",
    received: "field.deprecated: compatible, minor",
    both: "field.deprecated: compatible, minor",
  },
  {
    change: "a field is no longer deprecated",
    before: inside({ more: { ...TEXT, deprecated: true } }),
    after: inside({ more: TEXT }),
    sent: "field.undeprecated: compatible, patch",
    received: "field.undeprecated: compatible, patch",
    both: "field.undeprecated: compatible, patch",
  },
  {
    change: "an integer becomes any number",
    before: NUMBERED,
    after: { type: "number" },
    sent: "value-type.widened: compatible, minor",
    received: "value-type.widened: breaking, major",
    both: "value-type.widened: breaking, major",
  },
  {
    change: "a number becomes an integer",
    before: { type: "number" },
    after: NUMBERED,
    sent: "value-type.narrowed: breaking, major",
    received: "value-type.narrowed: compatible, patch",
    both: "value-type.narrowed: breaking, major",
  },
  {
    change: "anything becomes a text",
    before: {},
    after: TEXT,
    sent: "value-type.narrowed: breaking, major",
    received: "value-type.narrowed: compatible, patch",
    both: "value-type.narrowed: breaking, major",
  },
  {
    change: "a text becomes a number",
    before: TEXT,
    after: NUMBERED,
    sent: "value-type.changed: breaking, major",
    received: "value-type.changed: breaking, major",
    both: "value-type.changed: breaking, major",
  },
  {
    change: "a value may be null",
    before: TEXT,
    after: { ...TEXT, nullable: true },
    sent: "null.added: compatible, minor",
    received: "null.added: breaking, major",
    both: "null.added: breaking, major",
  },
  {
    change: "a value is never null any more",
    before: { ...TEXT, nullable: true },
    after: TEXT,
    sent: "null.removed: breaking, major",
    received: "null.removed: compatible, patch",
    both: "null.removed: breaking, major",
  },
  {
    change: "an enum has a new value",
    before: { ...TEXT, enum: ["A", "B"] },
    after: { ...TEXT, enum: ["A", "B", "C"] },
    sent: "enum.value-added: compatible, minor",
    received: "enum.value-added: compatible, minor",
    both: "enum.value-added: compatible, minor",
  },
  {
    change: "an enum has a value less",
    before: { ...TEXT, enum: ["A", "B"] },
    after: { ...TEXT, enum: ["A"] },
    sent: "enum.value-removed: breaking, major",
    received: "enum.value-removed: compatible, patch",
    both: "enum.value-removed: breaking, major",
  },
  {
    change: "values are listed where any text would do",
    before: TEXT,
    after: { ...TEXT, enum: ["A"] },
    sent: "enum.introduced: breaking, major",
    received: "enum.introduced: compatible, patch",
    both: "enum.introduced: breaking, major",
  },
  {
    change: "values are no longer listed",
    before: { ...TEXT, enum: ["A"] },
    after: TEXT,
    sent: "enum.lifted: compatible, minor",
    received: "enum.lifted: compatible, patch",
    both: "enum.lifted: compatible, minor",
  },
  {
    change: "a format is asked for",
    before: TEXT,
    after: { ...TEXT, format: "uuid" },
    sent: "format.added: breaking, patch",
    received: "format.added: compatible, patch",
    both: "format.added: breaking, patch",
  },
  {
    change: "a format is given up",
    before: { ...TEXT, format: "uuid" },
    after: TEXT,
    sent: "format.removed: compatible, patch",
    received: "format.removed: compatible, patch",
    both: "format.removed: compatible, patch",
  },
  {
    change: "a format is another",
    before: { ...TEXT, format: "date" },
    after: { ...TEXT, format: "date-time" },
    sent: "format.changed: breaking, patch",
    received: "format.changed: breaking, patch",
    both: "format.changed: breaking, patch",
  },
  {
    change: "a pattern is asked for",
    before: TEXT,
    after: { ...TEXT, pattern: "^A" },
    sent: "pattern.added: breaking, patch",
    received: "pattern.added: compatible, patch",
    both: "pattern.added: breaking, patch",
  },
  {
    change: "a pattern is given up",
    before: { ...TEXT, pattern: "^A" },
    after: TEXT,
    sent: "pattern.removed: compatible, patch",
    received: "pattern.removed: compatible, patch",
    both: "pattern.removed: compatible, patch",
  },
  {
    change: "a pattern is another",
    before: { ...TEXT, pattern: "^A" },
    after: { ...TEXT, pattern: "^B" },
    sent: "pattern.changed: breaking, patch",
    received: "pattern.changed: compatible, patch",
    both: "pattern.changed: breaking, patch",
  },
  {
    change: "a greatest length is set",
    before: TEXT,
    after: { ...TEXT, maxLength: 5 },
    sent: "limit.tightened: breaking, patch",
    received: "limit.tightened: compatible, patch",
    both: "limit.tightened: breaking, patch",
  },
  {
    change: "a smallest number grows",
    before: { ...NUMBERED, minimum: 0 },
    after: { ...NUMBERED, minimum: 1 },
    sent: "limit.tightened: breaking, patch",
    received: "limit.tightened: compatible, patch",
    both: "limit.tightened: breaking, patch",
  },
  {
    change: "a greatest length grows",
    before: { ...TEXT, maxLength: 5 },
    after: { ...TEXT, maxLength: 9 },
    sent: "limit.loosened: compatible, patch",
    received: "limit.loosened: compatible, patch",
    both: "limit.loosened: compatible, patch",
  },
  {
    change: "a list may be shorter",
    before: { type: "array", minItems: 2, items: TEXT },
    after: { type: "array", minItems: 1, items: TEXT },
    sent: "limit.loosened: compatible, patch",
    received: "limit.loosened: compatible, patch",
    both: "limit.loosened: compatible, patch",
  },
  {
    change: "a default is told",
    before: TEXT,
    after: { ...TEXT, default: "A" },
    sent: "default.added: compatible, patch",
    received: "default.added: compatible, patch",
    both: "default.added: compatible, patch",
  },
  {
    change: "a default is another",
    before: { ...TEXT, default: "A" },
    after: { ...TEXT, default: "B" },
    sent: "default.changed: breaking, patch",
    received: "default.changed: compatible, patch",
    both: "default.changed: breaking, patch",
  },
  {
    change: "a default is no longer told",
    before: { ...TEXT, default: "A" },
    after: TEXT,
    sent: "default.removed: compatible, patch",
    received: "default.removed: compatible, patch",
    both: "default.removed: compatible, patch",
  },
  {
    change: "a union with a tag gets a choice with all that the others share",
    before: oneOf(tagged("A"), tagged("B")),
    after: oneOf(tagged("A"), tagged("B"), tagged("C")),
    sent: "alternative.added: compatible, minor",
    received: "alternative.added: compatible, minor",
    both: "alternative.added: compatible, minor",
  },
  {
    change: "a union with a tag gets a choice that lacks what the others share",
    before: oneOf(tagged("A", { amount: TEXT }), tagged("B", { amount: TEXT })),
    after: oneOf(tagged("A", { amount: TEXT }), tagged("B", { amount: TEXT }), tagged("C")),
    sent: "alternative.added-unseen: compatible, minor",
    received: "alternative.added-unseen: compatible, major",
    both: "alternative.added-unseen: compatible, major",
  },
  {
    change: "what was one object becomes a choice",
    before: tagged("A"),
    after: oneOf(tagged("A"), tagged("B")),
    sent: "alternative.added-unseen: compatible, minor",
    received: "alternative.added-unseen: compatible, major",
    both: "alternative.added-unseen: compatible, major",
  },
  {
    change: "a union without a tag gets a choice",
    before: oneOf(untagged("a"), untagged("b")),
    after: oneOf(untagged("a"), untagged("b"), untagged("c")),
    sent: "alternative.added-untagged: compatible, minor",
    received: "alternative.added-untagged: breaking, major",
    both: "alternative.added-untagged: breaking, major",
  },
  {
    change: "a union loses a choice",
    before: oneOf(untagged("a"), untagged("b"), untagged("c")),
    after: oneOf(untagged("a"), untagged("b")),
    sent: "alternative.removed: breaking, major",
    received: "alternative.removed: compatible, major",
    both: "alternative.removed: breaking, major",
  },
  {
    change: "a value of the field that tells choices apart is added",
    before: oneOf(tagged("A"), tagged("B")),
    after: oneOf({ ...tagged("A"), properties: { kind: { ...TEXT, enum: ["A", "AA"] }, id: TEXT } }, tagged("B")),
    sent: "tag.value-added: compatible, minor",
    received: "tag.value-added: compatible, minor",
    both: "tag.value-added: compatible, minor",
  },
  {
    change: "a value of the field that tells choices apart is removed",
    before: oneOf({ ...tagged("A"), properties: { kind: { ...TEXT, enum: ["A", "AA"] }, id: TEXT } }, tagged("B")),
    after: oneOf(tagged("A"), tagged("B")),
    sent: "tag.value-removed: breaking, major",
    received: "tag.value-removed: compatible, major",
    both: "tag.value-removed: breaking, major",
  },
  {
    change: "the fields of an object are no longer described",
    before: inside({}),
    after: { type: "object" },
    sent: "object.opened: compatible, minor",
    received: "object.opened: breaking, major",
    both: "object.opened: breaking, major",
  },
  {
    change: "the fields of an object are described at last",
    before: { type: "object" },
    after: inside({}),
    sent: "object.described: breaking, major",
    received: "object.described: compatible, minor",
    both: "object.described: breaking, major",
  },
  {
    change: "fields that are not described are refused",
    before: inside({}),
    after: { ...inside({}), additionalProperties: false },
    sent: "unknown-fields.refused: breaking, patch",
    received: "unknown-fields.refused: compatible, none",
    both: "unknown-fields.refused: breaking, patch",
  },
  {
    change: "fields that are not described are allowed",
    before: { ...inside({}), additionalProperties: false },
    after: inside({}),
    sent: "unknown-fields.allowed: compatible, patch",
    received: "unknown-fields.allowed: compatible, none",
    both: "unknown-fields.allowed: compatible, patch",
  },
];

describe("a change inside a schema", () => {
  for (const { change, before, after, ...expected } of CASES) {
    it(`when ${change}`, () => {
      expect(judgements(sent(before), sent(after)), "in what callers send").toEqual([expected.sent]);
      expect(judgements(received(before), received(after)), "in what they receive").toEqual([expected.received]);
      expect(judgements(exchanged(before), exchanged(after)), "in both").toEqual([expected.both]);
    });
  }
});

/** Two ways to say the same thing. */
const SAME: readonly { readonly change: string; readonly before: JsonObject; readonly after: JsonObject }[] = [
  { change: "another description", before: { ...TEXT, description: "One." }, after: { ...TEXT, description: "Two." } },
  { change: "another example", before: { ...TEXT, example: "One" }, after: { ...TEXT, example: "Two" } },
  {
    change: "null as a type and null as an alternative",
    before: { ...inside({}), nullable: true },
    after: { oneOf: [inside({}), { type: "object", nullable: true, enum: [null] }] },
  },
  { change: "a union of one", before: oneOf(inside({})), after: inside({}) },
  { change: "a text in `allOf`", before: { allOf: [TEXT, { format: "uuid" }] }, after: { ...TEXT, format: "uuid" } },
  {
    change: "an object in parts",
    before: { allOf: [inside({}), { type: "object", required: ["more"], properties: { more: TEXT } }] },
    after: inside({ more: TEXT }, "more"),
  },
  { change: "a constant and an enum of one", before: { ...TEXT, const: "A" }, after: { ...TEXT, enum: ["A"] } },
  {
    change: "a choice between lists and a list of choices",
    before: oneOf(
      { type: "array", items: tagged("A") },
      { type: "array", items: tagged("B") },
      { type: "array", maxItems: 0, items: {} },
    ),
    after: { type: "array", items: oneOf(tagged("A"), tagged("B")) },
  },
  { change: "the order of choices", before: oneOf(tagged("A"), tagged("B")), after: oneOf(tagged("B"), tagged("A")) },
  { change: "the order of values", before: { ...TEXT, enum: ["A", "B"] }, after: { ...TEXT, enum: ["B", "A"] } },
];

describe("no change", () => {
  for (const { change, before, after } of SAME) {
    it(change, () => {
      expect(judgements(sent(before), sent(after))).toEqual([]);
      expect(judgements(received(after), received(before))).toEqual([]);
    });
  }
});

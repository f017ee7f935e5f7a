import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../scripts/generate/json.js";
import { outcome, type SchemaCase } from "./spec-support.js";

const TEXT = { type: "string" };
const NUMBERED = { type: "integer" };

const inside = (fields: JsonObject, ...required: string[]): JsonObject => ({
  type: "object",
  required: ["kept", ...required],
  properties: { kept: TEXT, ...fields },
});

const CASES: readonly SchemaCase[] = [
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

describe("a change of fields, types and values", () => {
  for (const item of CASES) {
    it(`when ${item.change}`, () => {
      const { sent, received, both } = item;
      expect(outcome(item)).toEqual({ sent, received, both });
    });
  }
});

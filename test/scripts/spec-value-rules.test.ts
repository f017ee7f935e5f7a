import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../scripts/generate/json.js";
import { outcome, type SchemaCase } from "./spec-support.js";

const TEXT = { type: "string" };
const NUMBERED = { type: "integer" };

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

const CASES: readonly SchemaCase[] = [
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
    after: oneOf(
      { ...tagged("A"), properties: { kind: { ...TEXT, enum: ["A", "AA"] }, id: TEXT } },
      tagged("B"),
    ),
    sent: "tag.value-added: compatible, minor",
    received: "tag.value-added: compatible, minor",
    both: "tag.value-added: compatible, minor",
  },
  {
    change: "a value of the field that tells choices apart is removed",
    before: oneOf(
      { ...tagged("A"), properties: { kind: { ...TEXT, enum: ["A", "AA"] }, id: TEXT } },
      tagged("B"),
    ),
    after: oneOf(tagged("A"), tagged("B")),
    sent: "tag.value-removed: breaking, major",
    received: "tag.value-removed: compatible, major",
    both: "tag.value-removed: breaking, major",
  },
];

describe("a change of formats, limits, defaults and unions", () => {
  for (const item of CASES) {
    it(`when ${item.change}`, () => {
      const { sent, received, both } = item;
      expect(outcome(item)).toEqual({ sent, received, both });
    });
  }
});

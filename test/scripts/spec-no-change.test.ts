import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../scripts/generate/json.js";
import { judgements, received, sent } from "./spec-support.js";

const TEXT = { type: "string" };

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
/** Two ways to say the same thing. */
const SAME: readonly { readonly change: string; readonly before: JsonObject; readonly after: JsonObject }[] =
  [
    {
      change: "another description",
      before: { ...TEXT, description: "One." },
      after: { ...TEXT, description: "Two." },
    },
    { change: "another example", before: { ...TEXT, example: "One" }, after: { ...TEXT, example: "Two" } },
    {
      change: "null as a type and null as an alternative",
      before: { ...inside({}), nullable: true },
      after: { oneOf: [inside({}), { type: "object", nullable: true, enum: [null] }] },
    },
    { change: "a union of one", before: oneOf(inside({})), after: inside({}) },
    {
      change: "a text in `allOf`",
      before: { allOf: [TEXT, { format: "uuid" }] },
      after: { ...TEXT, format: "uuid" },
    },
    {
      change: "an object in parts",
      before: { allOf: [inside({}), { type: "object", required: ["more"], properties: { more: TEXT } }] },
      after: inside({ more: TEXT }, "more"),
    },
    {
      change: "fields beside the parts of an object and in a part",
      before: { allOf: [inside({}), { type: "object", required: ["more"], properties: { more: TEXT } }] },
      after: {
        allOf: [inside({})],
        type: "object",
        required: ["more"],
        properties: { more: TEXT },
      },
    },
    {
      change: "a constant and an enum of one",
      before: { ...TEXT, const: "A" },
      after: { ...TEXT, enum: ["A"] },
    },
    {
      change: "a choice between lists and a list of choices",
      before: oneOf(
        { type: "array", items: tagged("A") },
        { type: "array", items: tagged("B") },
        { type: "array", maxItems: 0, items: {} },
      ),
      after: { type: "array", items: oneOf(tagged("A"), tagged("B")) },
    },
    {
      change: "the order of choices",
      before: oneOf(tagged("A"), tagged("B")),
      after: oneOf(tagged("B"), tagged("A")),
    },
    {
      change: "the order of values",
      before: { ...TEXT, enum: ["A", "B"] },
      after: { ...TEXT, enum: ["B", "A"] },
    },
  ];

describe("no change", () => {
  for (const { change, before, after } of SAME) {
    it(change, () => {
      expect(judgements(sent(before), sent(after))).toEqual([]);
      expect(judgements(received(after), received(before))).toEqual([]);
    });
  }
});

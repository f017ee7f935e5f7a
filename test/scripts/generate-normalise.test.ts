import { expect, test } from "vitest";
import type { JsonObject } from "../../scripts/generate/json.js";
import { normalise, normaliseSchema } from "../../scripts/generate/normalise.js";
import { parseObject } from "../../scripts/generate/read.js";
import { answering, describing, event } from "./generate-support.js";

const address: JsonObject = { title: "Address", type: "object", properties: { city: { type: "string" } } };

test.each<[string, JsonObject, JsonObject]>([
  ["nullable text", { type: "string", nullable: true }, { type: ["string", "null"] }],
  ["not nullable", { type: "string", nullable: false }, { type: "string" }],
  [
    "nullable enum",
    { type: "string", nullable: true, enum: ["A"] },
    { type: ["string", "null"], enum: ["A", null] },
  ],
  [
    "nullable enum that lists null",
    { type: "string", nullable: true, enum: ["A", null] },
    { type: ["string", "null"], enum: ["A", null] },
  ],
  [
    "nullable reference",
    { nullable: true, description: "d", allOf: [{ $ref: "#/components/schemas/A" }] },
    { description: "d", anyOf: [{ $ref: "#/components/schemas/A" }, { type: "null" }] },
  ],
  [
    "nullable union",
    { nullable: true, oneOf: [{ type: "string" }, { type: "integer" }] },
    { oneOf: [{ type: "string" }, { type: "integer" }, { type: "null" }] },
  ],
  ["nullable titled object", { ...address, nullable: true }, { anyOf: [address, { type: "null" }] }],
  [
    "nullable titled object behind allOf, with a remark",
    { nullable: true, allOf: [address, { nullable: true, description: "Where to write." }] },
    {
      description: "Where to write.",
      anyOf: [{ allOf: [address] }, { type: "null" }],
    },
  ],
  [
    "3.1's null in a 3.0 file",
    { oneOf: [address, { type: "null" }] },
    { oneOf: [address, { type: "null" }] },
  ],
  ["exclusive bound", { minimum: 0, exclusiveMinimum: true }, { exclusiveMinimum: 0 }],
  ["bound that is not exclusive", { maximum: 9, exclusiveMaximum: false }, { maximum: 9 }],
  ["bound of 3.1", { exclusiveMinimum: 0 }, { exclusiveMinimum: 0 }],
  [
    "titled scalar with a remark",
    { allOf: [{ title: "Amount", type: "string", pattern: "^\\d+$" }, { description: "What it costs." }] },
    { title: "Amount", type: "string", pattern: "^\\d+$", description: "What it costs." },
  ],
  [
    "scalars that agree",
    { allOf: [{ type: "string" }, { type: "string", maxLength: 3 }] },
    { type: "string", maxLength: 3 },
  ],
  [
    "scalars that do not agree stay apart",
    { allOf: [{ pattern: "^a" }, { pattern: "b$" }] },
    { allOf: [{ pattern: "^a" }, { pattern: "b$" }] },
  ],
  [
    "a union of one",
    { title: "Report", oneOf: [{ ...address, title: "Report" }] },
    { ...address, title: "Report" },
  ],
  [
    "objects put together",
    { allOf: [{ $ref: "#/components/schemas/A" }, { type: "object" }] },
    { allOf: [{ $ref: "#/components/schemas/A" }, { type: "object" }] },
  ],
  [
    "what stands beside the parts is a part",
    { description: "d", allOf: [{ $ref: "#/a" }], type: "object", required: ["b"], nullable: true },
    {
      description: "d",
      anyOf: [{ allOf: [{ $ref: "#/a" }, { type: "object", required: ["b"] }] }, { type: "null" }],
    },
  ],
  [
    "what stands beside a reference of 3.1 extends it",
    { $ref: "#/a", description: "d", properties: { b: {} } },
    { description: "d", allOf: [{ $ref: "#/a" }, { properties: { b: {} } }] },
  ],
  [
    "a type beside a reference says no more, a null does",
    { type: "object", nullable: true, allOf: [{ $ref: "#/a" }] },
    { anyOf: [{ $ref: "#/a" }, { type: "null" }] },
  ],
  ["a constant is an enum of one", { const: "A" }, { type: "string", enum: ["A"] }],
  ["an example stays", { type: "string", example: "x" }, { type: "string", example: "x" }],
])("%s", (_case, schema, expected) => {
  expect(normaliseSchema(schema)).toEqual(expected);
});

test("a component that may be null is so inside: its name covers both", () => {
  expect(normaliseSchema({ ...address, nullable: true }, true)).toEqual({
    ...address,
    type: ["object", "null"],
  });
});

test("parts are normalised wherever they stand", () => {
  const part = { type: "string", nullable: true };
  const plain = { type: ["string", "null"] };
  expect(
    normaliseSchema({
      properties: { a: part, nullable: part },
      items: part,
      additionalProperties: part,
      oneOf: [part, { items: part }],
    }),
  ).toEqual({
    properties: { a: plain, nullable: plain },
    items: plain,
    additionalProperties: plain,
    oneOf: [plain, { items: plain }],
  });
});

test("x-webhooks become webhooks, beside those of 3.1", () => {
  const one = event("one_event", { type: "object" });
  const two = event("two_event", { type: "object" });
  const spec = describing({}, { webhooks: { One: one }, "x-webhooks": { Two: two } });
  const normal = normalise(spec);
  expect(normal["openapi"]).toBe("3.1.0");
  expect(normal["webhooks"]).toEqual({ One: one, Two: two });
  expect(normal).not.toHaveProperty("x-webhooks");
});

test("examples are data: nothing in them is changed", () => {
  const example = { schema: { nullable: true, type: "string" } };
  const spec = describing({
    "/a": {
      post: answering(
        "create_a",
        { type: "string", nullable: true },
        {
          requestBody: { content: { "application/json": { schema: { type: "object" }, example } } },
        },
      ),
    },
  });
  expect(normalise(spec)).toMatchObject({
    paths: { "/a": { post: { requestBody: { content: { "application/json": { example } } } } } },
  });
});

test("a timestamp in YAML stays the text that was written", () => {
  const { at, day, yes, version } = parseObject(
    "a.yaml",
    "at: 2021-11-19T13:06:51Z\nday: 2021-11-19\nyes: yes\nversion: 1.10\n",
  );
  expect({ at, day, yes, version }).toEqual({
    at: "2021-11-19T13:06:51Z",
    day: "2021-11-19",
    yes: "yes",
    version: 1.1,
  });
});

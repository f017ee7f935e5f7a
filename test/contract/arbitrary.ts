import fc, { type Arbitrary } from "fast-check";
import { resolve, type Json } from "./description.js";

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Values that a schema of the description admits, built from the schema alone. */
export function arbitrary(value: unknown): Arbitrary<unknown> {
  const schema = resolve(value);
  if ("const" in schema) return fc.constant(schema["const"]);
  if (Array.isArray(schema["enum"])) return fc.constantFrom(...schema["enum"]);
  const choices = [...list(schema["oneOf"]), ...list(schema["anyOf"])];
  if (choices.length > 0) return fc.oneof(...choices.map(arbitrary));
  if (Array.isArray(schema["allOf"])) return fc.tuple(...schema["allOf"].map(arbitrary)).map(merge);
  const type = list(schema["type"]).find((one) => one !== "null") ?? schema["type"];
  if (type === "object" || "properties" in schema) return object(schema);
  if (type === "array") {
    return fc.array(arbitrary(schema["items"]), {
      minLength: number(schema["minItems"]) ?? 0,
      maxLength: Math.min(number(schema["maxItems"]) ?? 2, 2),
    });
  }
  if (type === "boolean") return fc.boolean();
  if (type === "integer" || type === "number") {
    return fc.integer({ min: number(schema["minimum"]) ?? 0, max: number(schema["maximum"]) ?? 10_000 });
  }
  if (type === "null") return fc.constant(null);
  return string(schema);
}

const merge = (parts: readonly unknown[]): unknown =>
  parts.every((part) => typeof part === "object") ? Object.assign({}, ...parts) : parts[0];

function object(schema: Json): Arbitrary<unknown> {
  const properties = Object.entries((schema["properties"] ?? {}) as Json);
  const required = list(schema["required"]).filter((name) => typeof name === "string");
  return fc.record(Object.fromEntries(properties.map(([name, property]) => [name, arbitrary(property)])), {
    requiredKeys: required,
    noNullPrototype: true,
  });
}

/** `{0,63}` and the like are legal and give numbers that nobody sends: a few digits are enough. */
const bounded = (pattern: string): RegExp =>
  new RegExp(
    pattern.replaceAll(/\{(\d+),(\d+)\}/g, (_, least: string, most: string) => {
      return `{${least},${Math.min(Number(most), Number(least) + 8)}}`;
    }),
  );

function string(schema: Json): Arbitrary<string> {
  const pattern = text(schema["pattern"]);
  switch (text(schema["format"])) {
    case "uuid":
      return fc.uuid({ version: 4 });
    case "date":
      return date().map((day) => day.slice(0, 10));
    case "date-time":
      return date();
    case "email":
      return fc.constantFrom("ada@example.com", "karl.schmidt@example.com");
    case "uri":
    case "url":
      return fc.webUrl({ validSchemes: ["https"] });
    default:
  }
  if (pattern !== undefined) return fc.stringMatching(bounded(pattern));
  const minLength = number(schema["minLength"]) ?? 1;
  return fc
    .string({ minLength, maxLength: Math.max(minLength, Math.min(number(schema["maxLength"]) ?? 20, 20)) })
    .map((value) => value.replaceAll(/[^ -~]/g, "x"));
}

const date = (): Arbitrary<string> =>
  fc
    .date({ min: new Date("1930-01-01"), max: new Date("2030-01-01"), noInvalidDate: true })
    .map((moment) => moment.toISOString());

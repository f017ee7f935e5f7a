/**
 * Brings a description of either dialect to OpenAPI 3.1: `x-webhooks` (a habit of 3.0 files) becomes `webhooks`, and
 * schemas speak JSON Schema 2020-12 (OpenAPI 3.1, "Schema Object"). A `type: "null"` that strayed into a 3.0 file means
 * there what it means in 3.1, so it stays.
 */
import {
  arrayAt,
  canonicalText,
  entries,
  isArray,
  isObject,
  own,
  without,
  type Json,
  type JsonObject,
  type MutableObject,
} from "./json.js";
import { isScalar, mapChildren } from "./schema.js";

export function normalise(document: JsonObject): JsonObject {
  const webhooks = [...entries(own(document, "webhooks")), ...entries(own(document, "x-webhooks"))];
  const { openapi: _openapi, ...rest } = without(document, "webhooks", "x-webhooks");
  return mapSchemas(
    {
      openapi: "3.1.0",
      ...rest,
      ...(webhooks.length > 0 && { webhooks: Object.fromEntries(webhooks) }),
    },
    normaliseSchema,
  );
}

/** A media type without its parameters. */
export const plainMedia = (media: string): string => (media.split(";", 1)[0] ?? "").trim();

/** Applies `change` to every outermost schema of a description, and names bodies plainly; example data is left alone. */
function mapSchemas(
  document: JsonObject,
  change: (schema: JsonObject, component: boolean) => JsonObject,
): JsonObject {
  const visit = (node: Json, key: string, parent: string): Json => {
    if (isArray(node)) return node.map((item) => visit(item, "", key));
    if (!isObject(node)) return node;
    if (key === "schema" || parent === "schemas") return change(node, parent === "schemas");
    return Object.fromEntries(
      entries(node).map(([name, member]) => [
        // Upvest refuses a media type with a parameter, so `; charset=utf-8` is told of the answer only, and says nothing.
        key === "content" ? plainMedia(name) : name,
        name === "example" || name === "examples" ? member : visit(member, name, key),
      ]),
    );
  };
  const visited = visit(document, "", "");
  return isObject(visited) ? visited : document;
}

/** @param component whether the schema is a component of its own, and not written where it is used */
export function normaliseSchema(schema: JsonObject, component = false): JsonObject {
  const parts = mapChildren(schema, (child) => normaliseSchema(child));
  return nullability(bounds(composition(withOwnPart(constant(parts)))), component);
}

/** A constant is an enum of one, and as open to new values (tolerance.ts). */
function constant(schema: JsonObject): JsonObject {
  const value = own(schema, "const");
  if ((typeof value !== "string" && typeof value !== "number") || own(schema, "enum") !== undefined)
    return schema;
  return { type: typeof value, ...without(schema, "const"), enum: [value] };
}

/** 3.0 wrote `exclusiveMinimum: true` beside `minimum`; since 2019-09 the keyword holds the bound itself. */
function bounds(schema: JsonObject): JsonObject {
  const result: MutableObject = { ...schema };
  for (const [flag, bound] of [
    ["exclusiveMinimum", "minimum"],
    ["exclusiveMaximum", "maximum"],
  ] as const) {
    const value = own(result, flag);
    if (typeof value !== "boolean") continue;
    delete result[flag];
    if (value && own(result, bound) !== undefined) {
      result[flag] = result[bound];
      delete result[bound];
    }
  }
  return result;
}

/**
 * What stands beside a reference, or beside objects in `allOf`, and asks for more than they do: 3.0's way to extend a schema.
 * It becomes one more part, or it would be lost where the reference gets a name.
 */
function withOwnPart(schema: JsonObject): JsonObject {
  const reference = own(schema, "$ref");
  const parts = reference === undefined ? arrayAt(schema, "allOf") : [{ $ref: reference }];
  if (parts.every((part) => !isObject(part) || isRemark(part) || isScalar(part))) return schema;
  const beside = without(schema, "$ref", ...(reference === undefined ? ["allOf"] : []));
  const remarks = Object.fromEntries(entries(beside).filter(([key]) => isRemarkKey(key)));
  const asks = entries(beside).filter(([key]) => !isRemarkKey(key));
  if (asks.every(([key]) => NO_MORE.has(key))) {
    return { ...remarks, ...(reference === undefined ? { allOf: parts } : { $ref: reference }) };
  }
  return { ...remarks, allOf: [...parts, Object.fromEntries(asks)] };
}

/** Beside a reference these do not extend what it leads to. */
const NO_MORE = new Set(
  "type additionalProperties readOnly writeOnly externalDocs xml discriminator".split(" "),
);

/**
 * `allOf` with one real member is 3.0's way to say something about a reference, and `allOf` of scalars its way to
 * give a shared text type another description; both become plain schemas. A union of one is that one.
 */
function composition(schema: JsonObject): JsonObject {
  for (const key of ["anyOf", "oneOf"]) {
    const [only, ...others] = arrayAt(schema, key);
    if (isObject(only) && others.length === 0) {
      const merged = joined([only, without(schema, key)]);
      if (merged !== undefined) return composition(merged);
    }
  }
  if (own(schema, "allOf") === undefined) return schema;
  const members = arrayAt(schema, "allOf").filter((member): member is JsonObject => isObject(member));
  const real = members.filter((member) => !isRemark(member));
  const remarks = Object.assign({}, ...members.filter(isRemark), without(schema, "allOf")) as JsonObject;
  const [only] = real;
  if (only === undefined) return remarks;
  const keepsItsName = real.length === 1 && own(only, "title") !== undefined && !isScalar(only);
  if (keepsItsName && entries(remarks).length > 0) return { ...remarks, allOf: [only] };
  if (real.length > 1 && !real.every((member) => isScalar(member))) return { ...remarks, allOf: real };
  return joined([...real, remarks]) ?? { ...remarks, allOf: real };
}

/** A member of `allOf` that describes and asks for nothing. */
const isRemark = (schema: JsonObject): boolean => entries(schema).every(([key]) => isRemarkKey(key));

const isRemarkKey = (key: string): boolean => ANNOTATIONS.has(key) || key.startsWith("x-");

const ANNOTATIONS = new Set([
  "title",
  "description",
  "example",
  "examples",
  "default",
  "deprecated",
  "nullable",
]);

/** One schema that says what all of `parts` say; later annotations win. `undefined` where they contradict each other. */
function joined(parts: readonly JsonObject[]): JsonObject | undefined {
  const result = new Map<string, Json>();
  for (const part of parts) {
    for (const [key, value] of entries(part)) {
      const present = result.get(key);
      const free = present === undefined || isRemarkKey(key);
      if (!free && canonicalText(present) !== canonicalText(value)) return undefined;
      result.set(key, value);
    }
  }
  return Object.fromEntries(result);
}

/** 3.0's `nullable: true` becomes one more type, or one more alternative where the schema has no type of its own. */
function nullability(schema: JsonObject, component: boolean): JsonObject {
  const nullable = own(schema, "nullable");
  if (nullable === undefined) return schema;
  const rest = without(schema, "nullable");
  if (nullable !== true) return rest;
  const type = own(rest, "type");
  const values = own(rest, "enum");
  if (type !== undefined && (component || !titledObject(rest))) {
    const types = isArray(type) ? type : [type];
    return {
      ...rest,
      type: types.includes("null") ? types : [...types, "null"],
      ...(isArray(values) && !values.includes(null) && { enum: [...values, null] }),
    };
  }
  for (const key of ["oneOf", "anyOf"]) {
    const alternatives = own(rest, key);
    if (!isArray(alternatives)) continue;
    const known = alternatives.some((entry) => isObject(entry) && own(entry, "type") === "null");
    return known ? rest : { ...rest, [key]: [...alternatives, { type: "null" }] };
  }
  if (isRemark(rest)) return rest;
  const { description, ...subject } = rest;
  return {
    ...(description !== undefined && { description }),
    anyOf: [subject, { type: "null" }],
  };
}

/** An object written in place keeps its name to itself when it may be null: the null stands beside it, not inside. */
const titledObject = (schema: JsonObject): boolean =>
  own(schema, "title") !== undefined && own(schema, "properties") !== undefined;

/**
 * The events as a tolerant reader checks them: what was promised must be there and of the promised kind, what is new may be
 * there too. So `additionalProperties: false` goes, enums are open (tolerance.ts), and a union takes a member of a kind
 * that the description does not know yet.
 */
import type { DescribedEvent } from "./events.js";
import {
  arrayAt,
  canonicalText,
  entries,
  isArray,
  isObject,
  objectAt,
  own,
  stringsAt,
  without,
  type Json,
  type JsonObject,
} from "./json.js";
import { namedSchemas } from "./positions.js";
import { alternativesOf, children, componentKey, mapChildren } from "./schema.js";
import { closedEnums, discriminatorsOf, isOpenable } from "./tolerance.js";

/** The name under which the rules that hold for every event are found. */
export const ENVELOPE = "envelope";
export const DEFINITIONS = "#/$defs/";

const CHECKED = new Set(
  `$ref type enum const properties required items minItems maxItems uniqueItems minLength maxLength pattern format minimum
  maximum exclusiveMinimum exclusiveMaximum multipleOf minProperties maxProperties oneOf anyOf allOf not
  additionalProperties patternProperties`.split(/\s+/),
);

/** One JSON Schema whose `$defs` hold each event, the {@link ENVELOPE}, and what they are made of. */
export function validationView(document: JsonObject, events: readonly DescribedEvent[]): JsonObject {
  const schemas = namedSchemas(document);
  const closed = closedEnums(document, schemas.values());
  const tolerant = (schema: JsonObject): JsonObject => {
    const key = componentKey(schema);
    if (key !== undefined) return { $ref: DEFINITIONS + key };
    const plain = Object.fromEntries(
      entries(mapChildren(schema, tolerant)).filter(
        ([name, value]) => CHECKED.has(name) && !(name === "additionalProperties" && value === false),
      ),
    );
    const open = isOpenable(schema, closed) ? without(plain, "enum") : plain;
    return alternativesOf(schema).length > 0 ? openUnion(document, schema, open) : open;
  };
  const used = new Set<string>();
  for (const { name } of events) reach(name, used, schemas);
  const definitions = [...used]
    .toSorted()
    .map((key): [string, Json] => [key, tolerant(schemas.get(key) ?? {})]);
  return {
    $id: "events",
    $defs: { ...Object.fromEntries(definitions), [ENVELOPE]: envelope(events, tolerant) },
  };
}

/** Which members match does not matter to a reader; that a new kind of member is no error does. */
function openUnion(document: JsonObject, schema: JsonObject, open: JsonObject): JsonObject {
  const known = [...arrayAt(open, "oneOf"), ...arrayAt(open, "anyOf")];
  const newcomers = discriminatorsOf(document, schema).map(({ property, values }): JsonObject => {
    const listed = values.map((value): Json => JSON.parse(value) as Json);
    return {
      type: "object",
      required: [property],
      properties: { [property]: { type: "string", not: { enum: listed } } },
    };
  });
  return { ...without(open, "oneOf", "anyOf"), anyOf: [...known, ...newcomers] };
}

/** What all events have in common, for events of a type that the description does not know. */
function envelope(
  events: readonly DescribedEvent[],
  tolerant: (schema: JsonObject) => JsonObject,
): JsonObject {
  const [first, ...others] = events.map(({ schema }) => schema);
  if (first === undefined)
    return { type: "object", required: ["type"], properties: { type: { type: "string" } } };
  const shared = entries(own(first, "properties")).flatMap(([name, property]): [string, JsonObject][] => {
    if (name === "type") return [[name, { type: "string" }]];
    if (!isObject(property)) return [];
    const rule = tolerant(property);
    const same = others.every((other) => {
      const theirs = objectAt(objectAt(other, "properties"), name);
      return theirs !== undefined && canonicalText(tolerant(theirs)) === canonicalText(rule);
    });
    return same ? [[name, rule]] : [];
  });
  const required = stringsAt(first, "required").filter((name) =>
    others.every((other) => stringsAt(other, "required").includes(name)),
  );
  return { type: "object", properties: Object.fromEntries(shared), required };
}

function reach(key: string, into: Set<string>, schemas: ReadonlyMap<string, JsonObject>): void {
  const schema = schemas.get(key);
  if (into.has(key) || schema === undefined) return;
  into.add(key);
  const visit = (inner: JsonObject): void => {
    const target = componentKey(inner);
    if (target !== undefined) reach(target, into, schemas);
    for (const [child] of children(inner)) visit(child);
  };
  visit(schema);
}

/** The formats that occur in a schema. */
export function formatsIn(schema: Json, into: Set<string> = new Set()): Set<string> {
  if (isArray(schema)) for (const item of schema) formatsIn(item, into);
  else if (isObject(schema)) {
    const format = own(schema, "format");
    if (typeof format === "string") into.add(format);
    for (const [, member] of entries(schema)) formatsIn(member, into);
  }
  return into;
}

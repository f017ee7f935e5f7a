/**
 * Which parts of the description the API may widen without notice. The publisher counts new fields and new enum values as
 * compatible (Upvest docs, "Versioning"), so what the API writes has open enums; but the values that tell the members of a
 * union apart, and the types of events, are kept as they are: code narrows by them.
 */
import { describedEvents } from "./events.js";
import { entries, isArray, isObject, objectAt, own, type JsonObject } from "./json.js";
import { dereference, together } from "./references.js";
import { alternativesOf, children, typesOf } from "./schema.js";

/** A property that tells the members of a union apart: each member lists its values, and no value is listed twice. */
export interface Discriminator {
  readonly property: string;
  /** The schema of the property in each member. */
  readonly tags: readonly JsonObject[];
  /** All values listed, as JSON texts. */
  readonly values: readonly string[];
}

/** The enums that stay closed wherever they stand. */
export function closedEnums(document: JsonObject, schemas: Iterable<JsonObject>): ReadonlySet<JsonObject> {
  const closed = new Set<JsonObject>();
  for (const union of unionsIn(schemas)) {
    for (const { tags } of discriminatorsOf(document, union)) for (const tag of tags) closed.add(tag);
  }
  for (const { schema } of describedEvents(document)) {
    const type = dereference(document, objectAt(objectAt(schema, "properties"), "type"));
    if (type !== undefined) closed.add(type);
  }
  return closed;
}

export const isOpenable = (schema: JsonObject, closed: ReadonlySet<JsonObject>): boolean =>
  isArray(own(schema, "enum")) &&
  !closed.has(schema) &&
  typesOf(schema).some((type) => type === "string" || type === "integer" || type === "number");

export function discriminatorsOf(document: JsonObject, union: JsonObject): Discriminator[] {
  const members = membersOf(document, union);
  const [first] = members;
  if (first === undefined || members.length < 2) return [];
  return [...first.keys()].flatMap((property) => {
    const tags = members
      .map((member) => member.get(property))
      .filter((tag): tag is JsonObject => tag !== undefined);
    const lists = tags.map(valuesOf);
    const values = lists.flat();
    const apart = lists.every((list) => list.length > 0) && new Set(values).size === values.length;
    return tags.length === members.length && apart ? [{ property, tags, values }] : [];
  });
}

/** The properties of each member of a union; unions within it are taken apart, and `null` is no member. */
function membersOf(document: JsonObject, union: JsonObject): ReadonlyMap<string, JsonObject>[] {
  return alternativesOf(union).flatMap((alternative) => {
    const member = dereference(document, alternative);
    if (member === undefined || typesOf(member).includes("null")) return [];
    if (alternativesOf(member).length > 0) return membersOf(document, member);
    const properties = entries(own(together(document, member), "properties")).flatMap(([name, property]) => {
      const found = isObject(property) ? dereference(document, property) : undefined;
      return found === undefined ? [] : [[name, found] as const];
    });
    return [new Map(properties)];
  });
}

function valuesOf(schema: JsonObject): string[] {
  const constant = own(schema, "const");
  const values = constant === undefined ? own(schema, "enum") : [constant];
  return isArray(values) ? values.map((value) => JSON.stringify(value)) : [];
}

function unionsIn(schemas: Iterable<JsonObject>): JsonObject[] {
  const found: JsonObject[] = [];
  const visit = (schema: JsonObject): void => {
    if (alternativesOf(schema).length > 1) found.push(schema);
    for (const [child] of children(schema)) visit(child);
  };
  for (const schema of schemas) visit(schema);
  return found;
}

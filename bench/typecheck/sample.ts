/** Example values for requests, and the members of an answer that a caller would read: both from the schema alone. */
import { dereference } from "../../scripts/generate/references.js";
import {
  arrayAt,
  entries,
  isObject,
  objectAt,
  own,
  stringAt,
  stringsAt,
  type Json,
  type JsonObject,
} from "../../scripts/generate/json.js";
import { alternativesOf, typesOf } from "../../scripts/generate/schema.js";

/** How many optional members a request gives, and how many members of an object are read. */
const OPTIONAL = 2;
const READS = 3;
/** Deeper than any request body; a schema that contains itself ends here. */
const DEEPEST = 12;

/** A value that fits the schema: all required members of an object, and the first optional ones. */
export function sample(document: JsonObject, given: Json | undefined, depth = 0): Json {
  const schema = dereference(document, given) ?? {};
  const constant = own(schema, "const");
  if (constant !== undefined) return constant;
  const [value] = arrayAt(schema, "enum");
  if (value !== undefined) return value;
  const parts = arrayAt(schema, "allOf");
  if (parts.length > 0) {
    const samples = [own(schema, "properties") === undefined ? {} : members(document, schema, depth)];
    return Object.assign(
      {},
      ...samples,
      ...parts.map((part) => sample(document, part, depth + 1)).filter(isObject),
    ) as JsonObject;
  }
  const [alternative] = alternativesOf(schema);
  if (alternative !== undefined) {
    const chosen = sample(document, alternative, depth + 1);
    return isObject(chosen) && own(schema, "properties") !== undefined
      ? { ...members(document, schema, depth), ...chosen }
      : chosen;
  }
  return plain(document, schema, depth);
}

function plain(document: JsonObject, schema: JsonObject, depth: number): Json {
  const type = typesOf(schema).find((one) => one !== "null");
  if (type === "object" || own(schema, "properties") !== undefined) return members(document, schema, depth);
  if (type === "array") return depth > DEEPEST ? [] : [sample(document, own(schema, "items"), depth + 1)];
  if (type === "integer" || type === "number") return 1;
  if (type === "boolean") return true;
  return stringAt(schema, "format") === "date" ? "2024-01-31" : "a text";
}

function members(document: JsonObject, schema: JsonObject, depth: number): JsonObject {
  if (depth > DEEPEST) return {};
  const required = stringsAt(schema, "required");
  // openapi-typescript makes a member with a default one that must be given.
  const isGiven = ([name, property]: [string, Json]): boolean =>
    required.includes(name) || own(dereference(document, property) ?? {}, "default") !== undefined;
  const properties = entries(own(schema, "properties"));
  const optional = new Set(
    properties.filter((property) => !isGiven(property)).slice(0, depth === 0 ? OPTIONAL : 0),
  );
  return Object.fromEntries(
    properties
      .filter((property) => isGiven(property) || optional.has(property))
      .map(([name, property]) => [name, sample(document, property, depth + 1)]),
  );
}

/** Expressions that read members of an answer of this schema, such as `data.data[0]?.id`. */
export function reads(
  document: JsonObject,
  given: Json | undefined,
  from: string,
  depth = 0,
): readonly string[] {
  const properties = requiredProperties(document, given);
  return properties.slice(0, READS).flatMap(([name, property]) => {
    const at = /^[a-z_]\w*$/i.test(name) ? `${from}.${name}` : `${from}[${JSON.stringify(name)}]`;
    const schema = dereference(document, property) ?? {};
    const plainArray = typesOf(schema).length === 1 && typesOf(schema)[0] === "array";
    const inner =
      depth === 2 || typesOf(schema).includes("null") || own(schema, "nullable") === true
        ? []
        : plainArray
          ? reads(document, own(schema, "items"), `${at}[0]?`, depth + 1)
          : reads(document, schema, at, depth + 1);
    return inner.length > 0 ? inner : [at];
  });
}

/** The members that every value of the schema has, those of `allOf` parts with them. */
function requiredProperties(document: JsonObject, given: Json | undefined): [string, Json][] {
  const schema = dereference(document, given);
  if (schema === undefined || alternativesOf(schema).length > 0) return [];
  const required = stringsAt(schema, "required");
  const direct = entries(objectAt(schema, "properties")).filter(([name]) => required.includes(name));
  return [...direct, ...arrayAt(schema, "allOf").flatMap((part) => requiredProperties(document, part))];
}

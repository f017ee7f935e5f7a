/**
 * A description without what only people read: titles, summaries, descriptions, tags and links to documents. The mock
 * server needs none of them, and they are most of what a published description weighs.
 */
import { entries, isArray, isObject, type Json, type JsonObject } from "./json.js";

const TEXTS = new Set(["title", "summary", "description", "externalDocs", "tags"]);

/** Members whose value is an example or a value of the API's own: nothing in there is a text about the API. */
const DATA = new Set(["example", "default", "const", "enum", "value", "info"]);

/** Members whose keys are names that somebody chose, so that one of them may well be `title`. */
const MAPS = new Set(
  `properties patternProperties $defs definitions dependentSchemas paths webhooks callbacks schemas responses parameters
  examples requestBodies headers securitySchemes links pathItems content encoding variables scopes mapping`.split(
    /\s+/,
  ),
);

export function withoutTexts(document: JsonObject): JsonObject {
  return members(document);
}

function members(node: JsonObject): JsonObject {
  return Object.fromEntries(
    entries(node).flatMap(([key, value]): [string, Json][] => {
      if (TEXTS.has(key)) return [];
      if (DATA.has(key)) return [[key, value]];
      if (MAPS.has(key) && isObject(value)) return [[key, named(key, value)]];
      // A schema's list of examples, where a media type has a map of them.
      return [[key, key === "examples" ? value : stripped(value)]];
    }),
  );
}

function named(map: string, node: JsonObject): JsonObject {
  return Object.fromEntries(
    entries(node).map(([name, value]): [string, Json] => {
      if (!isObject(value)) return [name, stripped(value)];
      // OpenAPI wants one of each response.
      const text = map === "responses" && "description" in value ? { description: "" } : {};
      return [name, { ...text, ...members(value) }];
    }),
  );
}

function stripped(value: Json): Json {
  if (isArray(value)) return value.map(stripped);
  return isObject(value) ? members(value) : value;
}

import {
  entries,
  isArray,
  isObject,
  objectAt,
  own,
  pointerTo,
  stringAt,
  type Json,
  type JsonObject,
} from "./json.js";
import { METHODS } from "./operations.js";
import type { Root } from "./shapes.js";
import { nameFromTitle, pascalCase } from "./title.js";

/** A schema that stands in a body or a parameter, and not inside another schema. */
export interface SchemaRoot {
  readonly schema: JsonObject;
  readonly root: Root;
  /** A name that the place alone decides: of a problem, and of an event without a title. */
  readonly bare?: string;
}

/** Applies `change` to every schema that stands in a body or parameter, with the name of its place. */
export function walkSchemas(
  document: JsonObject,
  change: (schema: JsonObject, root: Root, bare?: string) => JsonObject,
): JsonObject {
  const at = (node: JsonObject, place: string, pointer: string): JsonObject =>
    inContent(node, place, pointer, change);
  const pathItem = (item: Json, section: string, path: string): Json => {
    const pointer = pointerTo(`/${section}`, path);
    if (!isObject(item)) return item;
    const result = at(item, pascalCase(path), pointer);
    const operations = METHODS.flatMap((method): [string, Json][] => {
      const operation = objectAt(item, method);
      return operation === undefined
        ? []
        : [[method, inOperation(operation, section, pointerTo(pointer, method), at)]];
    });
    return { ...result, ...Object.fromEntries(operations) };
  };
  const sections = ["paths", "webhooks"].flatMap((section): [string, Json][] => {
    const items = objectAt(document, section);
    if (items === undefined) return [];
    return [
      [
        section,
        Object.fromEntries(entries(items).map(([path, item]) => [path, pathItem(item, section, path)])),
      ],
    ];
  });
  const components = entries(own(document, "components")).map(([kind, members]): [string, Json] => {
    if (kind === "schemas" || !isObject(members)) return [kind, members];
    const changed = entries(members).map(([key, member]): [string, Json] => {
      const pointer = pointerTo("/components", kind, key);
      return [key, isObject(member) ? at(member, pascalCase(key), pointer) : member];
    });
    return [kind, Object.fromEntries(changed)];
  });
  return {
    ...document,
    ...Object.fromEntries(sections),
    ...(components.length > 0 && { components: Object.fromEntries(components) }),
  };
}

export function rootsOf(document: JsonObject): SchemaRoot[] {
  const found: SchemaRoot[] = [];
  walkSchemas(document, (schema, root, bare) => {
    found.push({ schema, root, ...(bare !== undefined && { bare }) });
    return schema;
  });
  return found;
}

type Visit = (node: JsonObject, place: string, pointer: string) => JsonObject;

function inOperation(operation: JsonObject, section: string, pointer: string, at: Visit): JsonObject {
  const id = pascalCase(stringAt(operation, "operationId") ?? "");
  const event = section === "webhooks";
  const changed = entries(operation).map(([key, member]): [string, Json] => {
    const place = pointerTo(pointer, key);
    if (key === "requestBody" && isObject(member)) {
      return [key, at(member, event ? `${id.replace(/Event$/u, "")}Event` : `${id}Request`, place)];
    }
    if (key === "responses" && isObject(member)) {
      const responses = entries(member).map(([status, response]): [string, Json] => [
        status,
        isObject(response) ? at(response, `${id}Response`, pointerTo(place, status)) : response,
      ]);
      return [key, Object.fromEntries(responses)];
    }
    if (key === "parameters" && isArray(member)) {
      return [
        key,
        member.map((entry, index) => (isObject(entry) ? at(entry, id, pointerTo(place, index)) : entry)),
      ];
    }
    return [key, member];
  });
  return Object.fromEntries(changed);
}

/** Changes the schemas in a parameter, header, response, request body or path item, but not those of its operations. */
function inContent(
  node: JsonObject,
  place: string,
  pointer: string,
  change: (schema: JsonObject, root: Root, bare?: string) => JsonObject,
): JsonObject {
  const changed = entries(node).map(([key, member]): [string, Json] => {
    const at = pointerTo(pointer, key);
    if (key === "schema" && isObject(member)) {
      const named = place + pascalCase(stringAt(node, "name") ?? "");
      return [key, change(member, { name: named, pointer: at })];
    }
    if (key === "parameters" && isArray(member)) {
      return [
        key,
        member.map((entry, index) =>
          isObject(entry) ? inContent(entry, place, pointerTo(at, index), change) : entry,
        ),
      ];
    }
    if (key === "headers" && isObject(member)) {
      const headers = entries(member).map(([name, header]): [string, Json] => [
        name,
        isObject(header) ? inContent(header, place + pascalCase(name), pointerTo(at, name), change) : header,
      ]);
      return [key, Object.fromEntries(headers)];
    }
    if (key === "content" && isObject(member)) {
      const bodies = entries(member).map(([media, body]): [string, Json] => [
        media,
        isObject(body) ? inMedia(body, media, place, pointerTo(at, media), change) : body,
      ]);
      return [key, Object.fromEntries(bodies)];
    }
    return [key, member];
  });
  return Object.fromEntries(changed);
}

function inMedia(
  body: JsonObject,
  media: string,
  place: string,
  pointer: string,
  change: (schema: JsonObject, root: Root, bare?: string) => JsonObject,
): JsonObject {
  const schema = objectAt(body, "schema");
  if (schema === undefined) return body;
  const titled = nameFromTitle(stringAt(schema, "title") ?? "") !== undefined;
  const untitledEvent = place.endsWith("Event") && pointer.startsWith("/webhooks/") && !titled;
  const reference = own(schema, "$ref") !== undefined;
  const bare =
    media === "application/problem+json" ? "Problem" : untitledEvent && !reference ? place : undefined;
  return { ...body, schema: change(schema, { name: place, pointer: pointerTo(pointer, "schema") }, bare) };
}

import { entries, isObject, own, type JsonObject } from "./json.js";
import { contentOf, describedOperations, responsesOf, type DescribedOperation } from "./operations.js";
import { dereference } from "./references.js";
import { children, componentKey } from "./schema.js";

/** Who writes a value: the caller (`request`), or the API (`response`, events included). */
export type Position = "request" | "response";

export interface Positions {
  readonly request: ReadonlySet<string>;
  readonly response: ReadonlySet<string>;
}

/** Which named schemas a caller writes and which the API writes, also as parts of others. */
export function positions(document: JsonObject): Positions {
  const request = new Set<string>();
  const response = new Set<string>();
  const schemas = namedSchemas(document);
  for (const operation of describedOperations(document, "paths")) {
    for (const schema of writtenByCaller(document, operation)) reach(schema, request, schemas);
    for (const schema of writtenByApi(document, operation.operation)) reach(schema, response, schemas);
  }
  for (const event of describedOperations(document, "webhooks")) {
    for (const schema of writtenByCaller(document, event)) reach(schema, response, schemas);
  }
  return { request, response };
}

export const namedSchemas = (document: JsonObject): ReadonlyMap<string, JsonObject> => {
  const components = own(document, "components");
  return new Map(
    entries(isObject(components) ? own(components, "schemas") : undefined).filter(
      (entry): entry is [string, JsonObject] => isObject(entry[1]),
    ),
  );
};

function writtenByCaller(document: JsonObject, { operation, parameters }: DescribedOperation): JsonObject[] {
  const body = dereference(document, own(operation, "requestBody"));
  return [...parameters, ...contentOf(body).map(([, media]) => media)].flatMap(schemaIn);
}

const writtenByApi = (document: JsonObject, operation: JsonObject): JsonObject[] =>
  responsesOf(document, operation).flatMap(([, response]) =>
    contentOf(response).flatMap(([, media]) => schemaIn(media)),
  );

function schemaIn(owner: JsonObject): JsonObject[] {
  const schema = own(owner, "schema");
  return isObject(schema) ? [schema] : [];
}

function reach(schema: JsonObject, into: Set<string>, schemas: ReadonlyMap<string, JsonObject>): void {
  const key = componentKey(schema);
  if (key !== undefined) {
    if (into.has(key)) return;
    into.add(key);
    const target = schemas.get(key);
    if (target !== undefined) reach(target, into, schemas);
    return;
  }
  for (const [child] of children(schema)) reach(child, into, schemas);
}

/**
 * The description as the types tell it: what a caller must know to make a call, and no more.
 *
 * - Headers that the client supplies are gone; `idempotency-key` and `accept` may be given, but need not.
 * - Where an answer comes as JSON, its other media types are left out: openapi-fetch types those by `parseAs`.
 * - Enums are open in what the API writes, because the publisher counts new values as a compatible change; the values that
 *   tell the members of a union apart, and the types of events, stay closed, because narrowing needs them. In what the
 *   caller writes all are closed.
 * - Lists that the caller writes may be readonly: constants and frozen values fit. Those that the API writes are the
 *   caller's to change.
 *
 * A schema that both write, and that has an open enum or a list somewhere inside, is there twice: `X` as the API writes it,
 * `XInput` as the caller does.
 */
import {
  entries,
  isArray,
  isObject,
  objectAt,
  own,
  stringAt,
  without,
  type Json,
  type JsonObject,
} from "./json.js";
import {
  describedOperations,
  contentOf,
  isSuccess,
  JSON_MEDIA,
  responsesOf,
  sentMedia,
  type DescribedOperation,
} from "./operations.js";
import { namedSchemas, positions, type Position } from "./positions.js";
import { dereference } from "./references.js";
import { alternativesOf, children, componentKey, mapChildren, SCHEMA_PREFIX, typesOf } from "./schema.js";
import { closedEnums, isOpenable } from "./tolerance.js";

/** Marks the schema that stands for every value an open enum does not list. */
export const OPEN = "x-open";
/** Marks a list that the caller writes. */
export const SENT = "x-sent";
/** The component response that all answers with nothing but a problem share. */
export const PROBLEM_RESPONSE = "ProblemResponse";

const SUPPLIED = new Set([
  "authorization",
  "signature",
  "signature-input",
  "upvest-client-id",
  "upvest-api-version",
  "upvest-signature-version",
]);
const OPTIONAL = new Set(["accept", "idempotency-key"]);
const PROBLEM_MEDIA = "application/problem+json";

export function typesView(document: JsonObject): JsonObject {
  const schemas = namedSchemas(document);
  const write = schemaWriter(document, schemas);
  const paths = new Map<string, JsonObject>();
  let problem: JsonObject | undefined;
  for (const described of describedOperations(document, "paths")) {
    const { responses, problemContent } = responsesView(document, described, write);
    problem ??= problemContent;
    const operation: JsonObject = {
      ...textsOf(described.operation),
      operationId: described.id,
      parameters: parametersView(document, described, write),
      ...requestView(document, described, write),
      responses,
    };
    paths.set(described.path, { ...paths.get(described.path), [described.method]: operation });
  }
  return {
    openapi: "3.1.0",
    info: own(document, "info"),
    paths: Object.fromEntries(paths),
    components: {
      schemas: write.components(),
      ...(problem && { responses: { [PROBLEM_RESPONSE]: { description: "", content: problem } } }),
    },
  };
}

interface SchemaWriter {
  readonly write: (schema: JsonObject, position: Position) => JsonObject;
  readonly components: () => JsonObject;
}

function schemaWriter(document: JsonObject, schemas: ReadonlyMap<string, JsonObject>): SchemaWriter {
  const used = positions(document);
  const closed = closedEnums(document, schemas.values());
  const twofold = twofoldSchemas(schemas, closed);
  const isSplit = (key: string): boolean =>
    used.request.has(key) && used.response.has(key) && twofold.has(key);

  function write(schema: JsonObject, position: Position): JsonObject {
    const key = componentKey(schema);
    if (key !== undefined) {
      const target = position === "request" && isSplit(key) ? inputName(key) : key;
      return { ...textsOf(schema), $ref: SCHEMA_PREFIX + target };
    }
    const plain = mapChildren(without(schema, "title", "example", "examples", "discriminator"), (child) =>
      write(child, position),
    );
    if (position === "response" && isOpenable(schema, closed)) return openEnum(plain);
    if (position === "request" && isList(schema)) return { ...plain, [SENT]: true };
    return withoutEmptyList(plain);
  }

  return {
    write,
    components: () => {
      const written = [...schemas].flatMap(([key, schema]): [string, Json][] => {
        const inRequest = used.request.has(key);
        const both = isSplit(key);
        const onlyRequest = inRequest && !used.response.has(key);
        return [
          [key, write(schema, onlyRequest ? "request" : "response")],
          ...(both ? [[inputName(key), write(schema, "request")] as [string, Json]] : []),
        ];
      });
      return Object.fromEntries(written);
    },
  };
}

export const inputName = (key: string): string => `${key}Input`;

const isList = (schema: JsonObject): boolean => typesOf(schema).includes("array");

/** The named schemas that are not the same to both who write them, because of what is inside, also by way of others. */
function twofoldSchemas(
  schemas: ReadonlyMap<string, JsonObject>,
  closed: ReadonlySet<JsonObject>,
): ReadonlySet<string> {
  const twofold = new Set<string>();
  const reaches = (schema: JsonObject): boolean => {
    const key = componentKey(schema);
    if (key !== undefined) return twofold.has(key);
    return isOpenable(schema, closed) || isList(schema) || children(schema).some(([child]) => reaches(child));
  };
  for (let size = -1; size !== twofold.size;) {
    size = twofold.size;
    for (const [key, schema] of schemas) if (reaches(schema)) twofold.add(key);
  }
  return twofold;
}

/** `"A" | "B" | (string & {})`: any text will do, and an editor still offers the known ones. */
function openEnum(schema: JsonObject): JsonObject {
  const types = typesOf(schema);
  const values = own(schema, "enum");
  const scalar = types.find((type) => type !== "null");
  const known = isArray(values) ? values.filter((value) => value !== null) : [];
  return {
    ...without(schema, "enum", "type"),
    anyOf: [
      { type: scalar ?? "string", enum: known },
      { type: scalar ?? "string", [OPEN]: true },
      ...(types.includes("null") ? [{ type: "null" }] : []),
    ],
  };
}

/** A list that must be empty is any of the other lists, with nothing in it. */
function withoutEmptyList(schema: JsonObject): JsonObject {
  const kept = alternativesOf(schema).filter((entry) => own(entry, "maxItems") !== 0);
  if (kept.length === alternativesOf(schema).length || kept.length === 0) return schema;
  return { ...without(schema, "oneOf", "anyOf"), anyOf: kept };
}

function parametersView(
  document: JsonObject,
  { parameters }: DescribedOperation,
  { write }: SchemaWriter,
): JsonObject[] {
  return parameters.flatMap((parameter) => {
    const name = stringAt(parameter, "name") ?? "";
    const place = stringAt(parameter, "in") ?? "";
    const header = name.toLowerCase();
    if (place === "cookie" || (place === "header" && SUPPLIED.has(header))) return [];
    const schema = objectAt(parameter, "schema") ?? objectAt(contentOf(parameter)[0]?.[1], "schema") ?? {};
    const texts = textsOf(parameter);
    return [
      {
        ...(texts["description"] === undefined ? textsOf(dereference(document, schema) ?? {}) : texts),
        name: place === "header" ? header : name,
        in: place,
        required: own(parameter, "required") === true && !(place === "header" && OPTIONAL.has(header)),
        schema: write(schema, "request"),
      },
    ];
  });
}

function requestView(
  document: JsonObject,
  { operation }: DescribedOperation,
  { write }: SchemaWriter,
): JsonObject {
  const body = dereference(document, own(operation, "requestBody"));
  if (body === undefined) return {};
  const all = contentOf(body);
  const sent = sentMedia(all.map(([media]) => media));
  const content = all.flatMap(([media, value]): [string, Json][] =>
    media === sent ? [[media, { schema: write(objectAt(value, "schema") ?? {}, "request") }]] : [],
  );
  return {
    requestBody: { required: own(body, "required") === true, content: Object.fromEntries(content) },
  };
}

function responsesView(
  document: JsonObject,
  { operation }: DescribedOperation,
  { write }: SchemaWriter,
): { responses: JsonObject; problemContent: JsonObject | undefined } {
  let problemContent: JsonObject | undefined;
  const responses = responsesOf(document, operation).map(([status, response]): [string, Json] => {
    const all = contentOf(response).map(([media, value]): [string, JsonObject] => [
      media,
      { schema: write(objectAt(value, "schema") ?? {}, "response") },
    ]);
    const json = all.filter(([media]) => media === JSON_MEDIA);
    const content = Object.fromEntries(json.length > 0 ? json : all);
    if (!isSuccess(status) && all.length === 1 && all[0]?.[0] === PROBLEM_MEDIA) {
      problemContent ??= content;
      return [status, { $ref: `#/components/responses/${PROBLEM_RESPONSE}` }];
    }
    return [status, { description: "", ...(all.length > 0 && { content }) }];
  });
  return { responses: Object.fromEntries(responses), problemContent };
}

/** What is shown on hover. */
function textsOf(node: JsonObject): JsonObject {
  const texts = entries(node).filter(
    ([key, value]) =>
      ["summary", "description", "deprecated"].includes(key) && value !== "" && isObject(node),
  );
  return Object.fromEntries(texts);
}

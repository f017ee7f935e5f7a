import type { JsonObject } from "../../scripts/generate/json.js";
import { answering, api, json, operation, sending } from "./spec-support.js";

const TEXT = { type: "string" };
const thing = (fields: JsonObject, required: readonly string[], values: readonly string[]): JsonObject => ({
  title: "Thing",
  type: "object",
  required,
  properties: {
    id: { type: "string", format: "uuid" },
    state: { type: "string", enum: values },
    owner: { oneOf: [choice("PERSON", { birth_date: TEXT }), choice("COMPANY", { seat: TEXT })] },
    ...fields,
  },
});
const choice = (kind: string, fields: JsonObject): JsonObject => ({
  type: "object",
  required: ["kind"],
  properties: { kind: { type: "string", enum: [kind] }, ...fields },
});
const REFERENCE = { $ref: "#/components/schemas/Thing" };
const LIST = {
  type: "object",
  properties: { meta: { type: "object" }, data: { type: "array", items: REFERENCE } },
};
const parameters = (...names: string[]): JsonObject[] =>
  names.map((name) => ({ name, in: "query", schema: { type: "integer" } }));
const event = (...types: string[]): JsonObject => ({
  "Things events": {
    post: operation({
      operationId: "things_event",
      requestBody: json({
        type: "object",
        properties: { type: { type: "string", enum: types }, object: REFERENCE },
      }),
    }),
  },
});

/** Has a bit of everything. */
export const BEFORE = api({
  version: "1.0.0",
  schemas: { Thing: thing({ note: TEXT }, ["id", "state"], ["NEW", "OLD"]) },
  paths: {
    "/things": {
      get: { ...answering(LIST), parameters: parameters("offset", "limit") },
      post: sending(REFERENCE),
    },
    "/gone": { delete: operation({ operationId: "delete_gone" }) },
  },
  webhooks: event("THING.NEW"),
});
export const AFTER = api({
  version: "1.1.0",
  schemas: { Thing: thing({ size: TEXT }, ["id"], ["NEW", "OLD", "ODD"]) },
  paths: {
    "/things": {
      get: { ...answering(LIST), parameters: parameters("offset", "limit", "sort") },
      post: { ...sending(REFERENCE), deprecated: true },
    },
    "/new": { get: operation({ operationId: "get_new", tags: ["Novelties"] }) },
  },
  webhooks: event("THING.NEW", "THING.GONE"),
});
/** An operation more, and a header less: compatible by the publisher's rules and by ours. */
export const GROWN = api({
  version: "1.0.1",
  schemas: { Thing: thing({ note: TEXT }, ["id", "state"], ["NEW", "OLD"]) },
  paths: {
    "/things": {
      get: { ...answering(LIST), parameters: parameters("offset", "limit") },
      post: sending(REFERENCE),
    },
    "/gone": { delete: operation({ operationId: "delete_gone" }) },
    "/new": { get: operation({ operationId: "get_new" }) },
  },
  webhooks: event("THING.NEW"),
});

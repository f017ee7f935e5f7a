import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../scripts/generate/json.js";
import { api, get, judgements, operation, post, type SurfaceCase } from "./spec-support.js";

const TEXT = { type: "string" };
const QUERY = { name: "filter", in: "query", schema: TEXT };
const KEY = { name: "Idempotency-Key", in: "header", schema: TEXT };
const CLIENT = { name: "signature", in: "header", schema: TEXT };
const withParameters = (...parameters: JsonObject[]): JsonObject => get({ parameters });

const CASES: readonly SurfaceCase[] = [
  ["an operation is added", api({}), get(), "operation.added: compatible, minor"],
  ["an operation is removed", get(), api({}), "operation.removed: breaking, major"],
  [
    "a path is another: one goes, one comes",
    get(),
    api({ paths: { "/items": { get: operation() } } }),
    "operation.added: compatible, minor",
    "operation.removed: breaking, major",
  ],
  [
    "a method is another",
    get(),
    post(),
    "operation.added: compatible, minor",
    "operation.removed: breaking, major",
  ],
  ["an operationId is another", get(), get({ operationId: "fetch_thing" }), "operation.renamed: none, major"],
  ["an operation is deprecated", get(), get({ deprecated: true }), "operation.deprecated: compatible, minor"],
  ["it is no longer", get({ deprecated: true }), get(), "operation.undeprecated: compatible, patch"],
  ["a tag is another", get(), get({ tags: ["Other"] })],
  ["a text is another", get({ summary: "One" }), get({ summary: "Two", description: "More." })],
  [
    "a path parameter has another name",
    api({
      paths: {
        "/things/{id}": {
          get: operation({ parameters: [{ ...QUERY, name: "id", in: "path", required: true }] }),
        },
      },
    }),
    api({
      paths: {
        "/things/{thing_id}": {
          get: operation({ parameters: [{ ...QUERY, name: "thing_id", in: "path", required: true }] }),
        },
      },
    }),
    "path.parameter-renamed: none, major",
  ],
  [
    "one more scope admits a call",
    get({ security: [{ oauth: ["things:read"] }] }),
    get(),
    "scope.added: compatible, patch",
  ],
  [
    "a scope admits it no longer",
    get(),
    get({ security: [{ oauth: ["things:read"] }] }),
    "scope.removed: breaking, patch",
  ],
  [
    "a server has another address",
    { ...get(), servers: [{ url: "https://api.test" }] },
    { ...get(), servers: [{ url: "https://api.test/v2" }] },
    "server.added: compatible, none",
    "server.removed: breaking, patch",
  ],
  [
    "there is a new scope",
    api({ scopes: { "things:read": "" } }),
    api({ scopes: { "things:read": "", "things:admin": "" } }),
    "scope-name.added: compatible, minor",
  ],
  [
    "a scope is gone",
    api({ scopes: { "things:read": "", "things:admin": "" } }),
    api({ scopes: { "things:read": "" } }),
    "scope-name.removed: breaking, major",
  ],
  [
    "an idempotency key is required",
    get(),
    withParameters({ ...KEY, required: true }),
    "idempotency-key.required: breaking, patch",
  ],
  [
    "it is optional again",
    withParameters({ ...KEY, required: true }),
    withParameters(KEY),
    "idempotency-key.optional: compatible, patch",
  ],
  ["it may be given", get(), withParameters(KEY), "idempotency-key.added: compatible, minor"],
  [
    "it is of another form",
    withParameters({ ...KEY, required: true, schema: { ...TEXT, pattern: "^[0-9a-f-]{36}$" } }),
    withParameters({ ...KEY, required: true, schema: { ...TEXT, pattern: "^[0-9A-Z]{26}$" } }),
    "pattern.changed: breaking, patch",
  ],
  [
    "it is gone",
    withParameters({ ...KEY, required: true }),
    get(),
    "idempotency-key.removed: breaking, major",
  ],
  ["an optional parameter is added", get(), withParameters(QUERY), "parameter.added: compatible, minor"],
  [
    "a required parameter is added",
    get(),
    withParameters({ ...QUERY, required: true }),
    "parameter.added-required: breaking, major",
  ],
  ["a parameter is removed", withParameters(QUERY), get(), "parameter.removed: breaking, major"],
  [
    "a parameter becomes required",
    withParameters(QUERY),
    withParameters({ ...QUERY, required: true }),
    "parameter.required: breaking, major",
  ],
  [
    "a parameter becomes optional",
    withParameters({ ...QUERY, required: true }),
    withParameters(QUERY),
    "parameter.optional: compatible, minor",
  ],
  [
    "a parameter is deprecated",
    withParameters(QUERY),
    withParameters({ ...QUERY, deprecated: true }),
    "parameter.deprecated: compatible, minor",
  ],
  [
    "a parameter is no longer deprecated",
    withParameters({ ...QUERY, deprecated: true }),
    withParameters(QUERY),
    "parameter.undeprecated: compatible, patch",
  ],
  ["the client may fill in a header", get(), withParameters(CLIENT), "client-header.added: compatible, none"],
  [
    "the client must fill in a header that it might",
    withParameters(CLIENT),
    withParameters({ ...CLIENT, required: true }),
    "client-header.required: breaking, none",
  ],
  [
    "the client might fill in a header that it must",
    withParameters({ ...CLIENT, required: true }),
    withParameters(CLIENT),
    "client-header.optional: compatible, none",
  ],
  [
    "a parameter takes another type",
    withParameters(QUERY),
    withParameters({ ...QUERY, schema: { type: "integer" } }),
    "value-type.changed: breaking, major",
  ],
  [
    "a parameter moves to its path item",
    withParameters(QUERY),
    api({ paths: { "/things": { parameters: [QUERY], get: operation() } } }),
  ],
  [
    "the case of a header is another",
    withParameters({ ...KEY, required: true }),
    withParameters({ ...KEY, name: "idempotency-key", required: true }),
  ],
  [
    "a header that the client fills in is required",
    get(),
    withParameters({ ...CLIENT, required: true }),
    "client-header.added-required: breaking, none",
  ],
  ["such a header is gone", withParameters(CLIENT), get(), "client-header.removed: compatible, none"],
];

describe("a change of an operation", () => {
  for (const [change, before, after, ...expected] of CASES) {
    it(`when ${change}`, () => {
      expect(judgements(before, after)).toEqual(expected);
    });
  }
});

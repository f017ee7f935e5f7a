import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../scripts/generate/json.js";
import { api, get, json, judgements, operation, post, PROBLEM, type SurfaceCase } from "./spec-support.js";

const TEXT = { type: "string" };
const OK = { "200": { description: "OK" } };
const LIMIT = ["offset", "limit"].map((name) => ({ name, in: "query", schema: { type: "integer" } }));
const PAGE = {
  "200": {
    description: "OK",
    ...json({
      type: "object",
      properties: { meta: { type: "object" }, data: { type: "array", items: TEXT } },
    }),
  },
};
const FIELDS = { type: "object", properties: { name: TEXT } };
const ASKING = { ...FIELDS, required: ["name"] };

/** The same body as `application/json; charset=utf-8`. */
const encoded = ({ content, ...rest }: { readonly content: JsonObject }): JsonObject => ({
  ...rest,
  content: { "application/json; charset=utf-8": content["application/json"] },
});

const withBody = (schema: JsonObject, required: boolean): JsonObject =>
  api({ paths: { "/things": { post: operation({ requestBody: { required, ...json(schema) } }) } } });
const answer = (content: JsonObject): JsonObject =>
  get({ responses: { "200": { description: "OK", content } } });
const withHeaders = (headers: JsonObject): JsonObject =>
  get({ responses: { "200": { description: "OK", headers } } });

const CASES: readonly SurfaceCase[] = [
  [
    "answers come in pages",
    get({ responses: PAGE }),
    get({ responses: PAGE, parameters: LIMIT }),
    "paging.added: compatible, minor",
    "parameter.added: compatible, minor",
    "parameter.added: compatible, minor",
  ],
  [
    "they come in pages no longer",
    get({ responses: PAGE, parameters: LIMIT }),
    get({ responses: PAGE }),
    "paging.removed: breaking, major",
    "parameter.removed: breaking, major",
    "parameter.removed: breaking, major",
  ],
  ["an optional body is added", post(), withBody(FIELDS, false), "request-body.added: compatible, minor"],
  [
    "a required body is added",
    post(),
    withBody(FIELDS, true),
    "request-body.added-required: breaking, major",
  ],
  ["a body is removed", withBody(FIELDS, true), post(), "request-body.removed: breaking, major"],
  [
    "a body becomes required that could be left out",
    withBody(FIELDS, false),
    withBody(FIELDS, true),
    "request-body.required: breaking, major",
  ],
  [
    "a body is marked as required that always was",
    withBody(ASKING, false),
    withBody(ASKING, true),
    "request-body.required-formally: compatible, patch",
  ],
  [
    "a body becomes optional",
    withBody(FIELDS, true),
    withBody(FIELDS, false),
    "request-body.optional: compatible, minor",
  ],
  [
    "a body may be sent in another form: the client goes on with JSON",
    withBody(FIELDS, true),
    post({
      requestBody: { required: true, content: { "application/json": { schema: FIELDS }, "text/csv": {} } },
    }),
  ],
  [
    "a body must be sent in another form",
    withBody(FIELDS, true),
    post({
      requestBody: { required: true, content: { "application/merge-patch+json": { schema: FIELDS } } },
    }),
    "request-media.added: compatible, minor",
    "request-media.removed: breaking, major",
  ],
  [
    "bodies say how they are encoded",
    api({ paths: { "/things": { post: operation({ requestBody: json(FIELDS), responses: PAGE }) } } }),
    api({
      paths: {
        "/things": {
          post: operation({
            requestBody: encoded(json(FIELDS)),
            responses: { "200": encoded(PAGE["200"]) },
          }),
        },
      },
    }),
  ],
  [
    "success has another status",
    get({ responses: { "200": { description: "OK", ...json(FIELDS) } } }),
    get({ responses: { "202": { description: "OK", ...json(FIELDS) } } }),
    "status.changed: breaking, patch",
  ],
  [
    "success has another status and another body",
    get({ responses: { "200": { description: "OK", ...json(ASKING) } } }),
    get({ responses: { "202": { description: "OK", ...json(FIELDS) } } }),
    "field.optional: breaking, major",
    "status.changed: breaking, patch",
  ],
  [
    "success has one more status",
    get(),
    get({ responses: { ...OK, "202": { description: "Later" } } }),
    "status.added: breaking, major",
  ],
  [
    "success has a status less",
    get({ responses: { ...OK, "202": { description: "Later" } } }),
    get(),
    "status.removed: compatible, patch",
  ],
  [
    "there is one more problem",
    get(),
    get({ responses: { ...OK, "409": PROBLEM } }),
    "error-status.added: compatible, patch",
  ],
  [
    "there is a problem less",
    get({ responses: { ...OK, "409": PROBLEM } }),
    get(),
    "error-status.removed: compatible, patch",
  ],
  [
    "there is something to read",
    get(),
    answer({ "application/json": { schema: FIELDS } }),
    "answer-body.added: compatible, minor",
  ],
  [
    "there is nothing to read",
    answer({ "application/json": { schema: FIELDS } }),
    get(),
    "answer-body.removed: breaking, major",
  ],
  [
    "answers come in another form too",
    answer({ "application/json": { schema: FIELDS } }),
    answer({ "application/json": { schema: FIELDS }, "text/csv": {} }),
    "answer-media.added: compatible, minor",
  ],
  [
    "they do not any more",
    answer({ "application/json": { schema: FIELDS }, "text/csv": {} }),
    answer({ "application/json": { schema: FIELDS } }),
    "answer-media.removed: breaking, major",
  ],
  [
    "an answer has a new header",
    get(),
    withHeaders({ "x-one": {} }),
    "answer-header.added: compatible, none",
  ],
  [
    "an answer has a header less",
    withHeaders({ "x-one": {} }),
    get(),
    "answer-header.removed: breaking, none",
  ],
  [
    "a header of an answer is always there",
    withHeaders({ "x-one": {} }),
    withHeaders({ "X-One": { required: true } }),
    "answer-header.required: compatible, none",
  ],
  [
    "a header of an answer may be missing",
    withHeaders({ "x-one": { required: true } }),
    withHeaders({ "x-one": {} }),
    "answer-header.optional: breaking, none",
  ],
];

describe("a change of bodies, statuses and headers", () => {
  for (const [change, before, after, ...expected] of CASES) {
    it(`when ${change}`, () => {
      expect(judgements(before, after)).toEqual(expected);
    });
  }
});

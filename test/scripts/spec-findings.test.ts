import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../scripts/generate/json.js";
import {
  answering,
  api,
  difference,
  event,
  get,
  judgements,
  operation,
  PROBLEM,
  sending,
} from "./spec-support.js";

const TEXT = { type: "string" };
const OK = { "200": { description: "OK" } };
const QUERY = { name: "filter", in: "query", schema: TEXT };
const withParameters = (...parameters: JsonObject[]): JsonObject => get({ parameters });

describe("a change", () => {
  it("is told once for a shared schema, with every operation and event that uses it", () => {
    const shared = (fields: JsonObject): JsonObject =>
      api({
        schemas: { Thing: { title: "Thing", type: "object", properties: { name: TEXT, ...fields } } },
        paths: {
          "/things": {
            get: answering({ type: "array", items: { $ref: "#/components/schemas/Thing" } }),
            post: sending({ $ref: "#/components/schemas/Thing" }),
          },
        },
        webhooks: event("Things", ["THING.NEW"], { object: { $ref: "#/components/schemas/Thing" } }),
      });
    expect(difference(shared({}), shared({ note: TEXT })).changes).toMatchObject([
      {
        kind: "field.added",
        subject: { in: "schema", name: "Thing" },
        pointer: "/properties/note",
        positions: ["request", "response"],
        operations: ["GET /things", "POST /things"],
        events: ["ThingsEvent"],
      },
    ]);
  });

  it("is told once for a parameter that several operations share", () => {
    const paths = (parameters: readonly JsonObject[]): JsonObject => ({
      "/things": { get: operation({ parameters }) },
      "/items": { get: operation({ operationId: "get_item", parameters }) },
    });
    const { changes } = difference(api({ paths: paths([]) }), api({ paths: paths([QUERY]) }));
    expect(changes).toMatchObject([{ kind: "parameter.added", operations: ["GET /items", "GET /things"] }]);
  });

  it("asks for the greatest bump of all changes", () => {
    expect(difference(get(), get()).bump).toBe("none");
    expect(difference(get(), get({ responses: { ...OK, "409": PROBLEM } })).bump).toBe("patch");
    expect(difference(get(), get({ deprecated: true, responses: { ...OK, "409": PROBLEM } })).bump).toBe(
      "minor",
    );
    expect(difference(withParameters(QUERY), get({ deprecated: true })).bump).toBe("major");
  });

  it("follows schemas that contain themselves", () => {
    const tree = (type: string): JsonObject =>
      api({
        paths: { "/things": { get: answering({ $ref: "#/components/schemas/Tree" }) } },
        schemas: {
          Tree: {
            title: "Tree",
            type: "object",
            properties: {
              leaf: { type },
              branches: { type: "array", items: { $ref: "#/components/schemas/Tree" } },
            },
          },
        },
      });
    expect(judgements(tree("string"), tree("integer"))).toEqual(["value-type.changed: breaking, major"]);
  });
});

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSandbox, type Sandbox } from "upvest-client/sandbox";
import { createCaller, type Caller } from "./support/caller.js";

/** A description that is not Upvest's: what the sandbox knows, it must have read. */
const header = (name: string, schema: object = { type: "string" }): object => ({
  name,
  in: "header",
  required: true,
  schema,
});
const json = (content: object): object => ({ description: "ok", content: { "application/json": content } });
const uuid = { type: "string", format: "uuid" };
const meta = {
  type: "object",
  required: ["offset", "limit", "count", "total_count"],
  properties: Object.fromEntries(
    ["offset", "limit", "count", "total_count"].map((name) => [name, { type: "integer" }]),
  ),
  additionalProperties: false,
};
const paging = [
  { name: "offset", in: "query", schema: { type: "integer" } },
  { name: "limit", in: "query", schema: { $ref: "#/components/schemas/Limit" } },
];
const secured = (...scopes: string[]): object[] => scopes.map((scope) => ({ oauth: [scope] }));

const description = {
  openapi: "3.0.3",
  info: { title: "Things", version: "1" },
  security: secured("things:any"),
  paths: {
    "/oauth/issue": {
      post: {
        operationId: "token",
        security: [],
        requestBody: { content: { "application/x-www-form-urlencoded": { schema: { type: "object" } } } },
        responses: { 200: json({ schema: { type: "object" } }) },
      },
    },
    "/things/{thing_id}": {
      parameters: [{ $ref: "#/components/parameters/Thing" }],
      get: { operationId: "get_thing", responses: { 200: json({ schema: { type: "object" } }) } },
    },
    "/things/newest": {
      get: {
        operationId: "get_newest",
        security: secured("things:read", "things:admin"),
        responses: { 204: { description: "none" } },
      },
    },
    "/nothing": {
      get: {
        operationId: "list_nothing",
        parameters: paging,
        responses: {
          200: json({
            schema: {
              type: "object",
              required: ["meta", "data"],
              properties: { meta, data: { type: "array", maxItems: 0, items: { type: "object" } } },
            },
          }),
        },
      },
    },
    "/parts": {
      get: {
        operationId: "list_parts",
        parameters: paging,
        responses: {
          200: json({
            schema: {
              allOf: [
                { $ref: "#/components/schemas/Paged" },
                {
                  type: "object",
                  properties: {
                    data: { type: "array", items: { type: "object", properties: { id: uuid } } },
                  },
                },
              ],
            },
          }),
        },
      },
    },
    "/orders": {
      post: {
        operationId: "place_order",
        parameters: [{ ...header("idempotency-key"), required: false }],
        requestBody: { required: true, content: { "application/json": { schema: { type: "object" } } } },
        responses: { 202: { description: "placed" } },
      },
    },
    "/things": {
      get: {
        operationId: "list_things",
        parameters: paging,
        responses: {
          200: json({
            schema: {
              type: "object",
              required: ["meta", "data"],
              properties: {
                meta,
                data: {
                  type: "array",
                  items: {
                    type: "object",
                    required: ["id", "code"],
                    properties: { id: uuid, code: { type: "string", pattern: "^[A-Z]{3}$" } },
                  },
                },
              },
            },
          }),
        },
      },
      post: {
        operationId: "make_thing",
        parameters: [header("idempotency-key")],
        requestBody: { required: true, content: { "application/json": { schema: { type: "object" } } } },
        responses: {
          201: json({
            schema: {
              type: "object",
              properties: {
                id: { type: "string", pattern: "^T[0-9]+$" },
                kind: { type: "string", enum: ["sale", "purchase"] },
                price: { type: "string" },
                size: { type: "integer", maximum: 10 },
              },
              additionalProperties: false,
            },
            examples: {
              purchase: { value: { id: "T1", kind: "purchase", price: "1.00", size: 1 } },
              sale: { $ref: "#/components/examples/Sale" },
            },
          }),
        },
      },
    },
  },
  components: {
    schemas: {
      Limit: { type: "integer", default: 2, maximum: 4 },
      Paged: { type: "object", properties: { meta } },
    },
    parameters: { Thing: { name: "thing_id", in: "path", required: true, schema: { type: "string" } } },
    examples: { Sale: { value: { id: "T2", kind: "sale", price: "0.00", size: 2 } } },
    securitySchemes: {
      oauth: {
        type: "oauth2",
        flows: {
          clientCredentials: {
            tokenUrl: "https://example.com/oauth/issue",
            scopes: { "things:unused": "Nothing yet" },
          },
        },
      },
    },
  },
};

let sandbox: Sandbox;
let caller: Caller;
const token = async (scope: string): Promise<string> => {
  const { clientId, clientSecret } = sandbox.credentials;
  const fields = {
    client_id: clientId,
    client_secret: clientSecret,
    grant_type: "client_credentials",
    scope,
  };
  const body = new URLSearchParams(fields).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const reply = await caller.call("POST", "/oauth/issue", { body, headers });
  return String(reply.json["access_token"]);
};

beforeAll(async () => {
  sandbox = await startSandbox({ description, collections: { list_things: 5, list_parts: 3 } });
  caller = createCaller(sandbox);
});
afterAll(async () => {
  caller.close();
  await sandbox.close();
});

describe("what is read from a description", () => {
  test("where the token endpoint is, and which scopes there are", async () => {
    expect(await token("things:unused things:any things:admin")).toMatch(/^ory_at_/);
    expect((await caller.call("POST", "/auth/token")).status).toBe(404);
  });

  test("the scopes of an operation, its own or those of the document; each one is an alternative", async () => {
    const any = await token("things:any");
    const admin = await token("things:admin");
    expect((await caller.call("GET", "/things/x", { token: any })).status).toBe(200);
    expect((await caller.call("GET", "/things/x", { token: admin })).status).toBe(403);
    expect((await caller.call("GET", "/things/newest", { token: admin })).status).toBe(204);
    expect((await caller.call("GET", "/things/newest", { token: any })).status).toBe(403);
  });

  test("a literal segment wins over a parameter", async () => {
    await caller.call("GET", "/things/newest", { token: await token("things:read") });
    expect(sandbox.requests.at(-1)?.operationId).toBe("get_newest");
    await caller.call("GET", "/things/newer", { token: await token("things:any") });
    expect(sandbox.requests.at(-1)?.operationId).toBe("get_thing");
  });

  test("pages without an example are made from the schema", async () => {
    const any = await token("things:any");
    const page = await caller.call("GET", "/things?offset=1", { token: any });
    expect(page.json["meta"]).toEqual({ offset: 1, limit: 2, count: 2, total_count: 5 });
    const items = Object(page.json["data"]).map((item: unknown) => Object(item));
    for (const { id, code } of items) {
      expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(code).toMatch(/^[A-Z]{3}$/);
    }
    expect((await caller.call("GET", "/things?limit=5", { token: any })).status).toBe(400);
  });

  test("a page may be put together from several parts", async () => {
    const page = await caller.call("GET", "/parts?offset=2", { token: await token("things:any") });
    expect(page.json["meta"]).toEqual({ offset: 2, limit: 2, count: 1, total_count: 3 });
  });

  test("a collection that can hold nothing is empty", async () => {
    const page = await caller.call("GET", "/nothing", { token: await token("things:any") });
    expect(page.json).toEqual({ meta: { offset: 0, limit: 2, count: 0, total_count: 0 }, data: [] });
  });

  test("the example that is nearest to the request, with only what the schema lets it take over", async () => {
    const make = async (body: object): Promise<unknown> => {
      const options = { token: await token("things:any"), idempotencyKey: randomUUID(), json: body };
      return (await caller.call("POST", "/things", options)).json;
    };
    expect(await make({ kind: "purchase", price: "5.00" })).toEqual({
      id: "T1",
      kind: "purchase",
      price: "5.00",
      size: 1,
    });
    expect(await make({ kind: "sale", size: 3 })).toEqual({ id: "T2", kind: "sale", price: "0.00", size: 3 });
    expect(await make({ kind: "sale", size: 11, price: 4, other: true })).toEqual({
      id: "T2",
      kind: "sale",
      price: "0.00",
      size: 2,
    });
    expect(await make({ kind: "gift" })).toEqual({ id: "T1", kind: "purchase", price: "1.00", size: 1 });
  });

  test("an idempotency key that may be left out is honoured where it is given", async () => {
    const place = async (options: object): Promise<number> => {
      const admitted = { token: await token("things:any"), json: {}, ...options };
      return (await caller.call("POST", "/orders", admitted)).status;
    };
    const idempotencyKey = randomUUID();
    expect(await place({ idempotencyKey })).toBe(202);
    expect(await place({ idempotencyKey })).toBe(202);
    expect(await place({})).toBe(202);
    const states = sandbox.requests.filter(({ operationId }) => operationId === "place_order");
    expect(states.map(({ idempotency }) => idempotency)).toEqual(["new", "replayed", undefined]);
  });
});

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { beforeAll, expect, test } from "vitest";
import type { JsonObject } from "../../scripts/generate/json.js";
import { answering, describing, directoryWith, event, everything, json, runOn } from "./generate-support.js";

const holding = (name: string): JsonObject => ({
  type: "object",
  properties: { [name]: { type: "object" } },
});

let files: ReadonlyMap<string, string>;
const file = (name: string): string => files.get(name) ?? "";

beforeAll(async () => {
  const { written, errors } = await runOn(JSON.stringify(everything));
  expect(errors).toEqual([]);
  files = written;
});

/** What a generated TypeScript or JavaScript file exports. */
async function load(text: string): Promise<Record<string, unknown>> {
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  const directory = await directoryWith({});
  const path = join(directory, "module.mjs");
  await writeFile(path, ts.transpileModule(text, { compilerOptions: options }).outputText);
  return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as Record<string, unknown>;
}

/** The text of one declaration, without its comments and with plain spaces. */
function declaration(schema: string, name: string): string {
  const source = ts.createSourceFile("schema.d.ts", schema, ts.ScriptTarget.Latest);
  const found = source.statements.find(
    (statement) =>
      (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) &&
      statement.name.text === name,
  );
  if (found === undefined) return "";
  const printed = ts
    .createPrinter({ removeComments: true })
    .printNode(ts.EmitHint.Unspecified, found, source);
  return printed.replaceAll(/\s+/g, " ");
}

test("the files compile wherever they are written: they need nothing but each other", async () => {
  const directory = await directoryWith(Object.fromEntries(files));
  const program = ts.createProgram(
    [...files.keys()].filter((name) => name.endsWith(".ts")).map((name) => join(directory, name)),
    {
      strict: true,
      noEmit: true,
      types: [],
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
    },
  );
  const found = ts.getPreEmitDiagnostics(program);
  expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "))).toEqual([]);
});

test("every named schema is a declaration, referred to by its name", () => {
  expect(declaration(file("schema.d.ts"), "Check")).toBe(
    "export type Check = CheckIdentity | CheckResidency;",
  );
  expect(declaration(file("schema.d.ts"), "UsersEvent")).toBe(
    'export interface UsersEvent { id: string; type: "USER.CREATED" | "USER.DELETED"; object: User; }',
  );
  expect(file("schema.d.ts")).not.toContain("components[");
});

test("enums are open in what the API writes, and closed in what the caller does; a default asks for nothing", () => {
  expect(declaration(file("schema.d.ts"), "User")).toBe(
    'export interface User { id: string; status: "ACTIVE" | "INACTIVE" | (string & {}); address: Address; birth_name?: string | null; }',
  );
  expect(declaration(file("schema.d.ts"), "CreateUserRequest")).toBe(
    'export interface CreateUserRequest { name: string; salutation?: "" | "DR"; address: AddressInput; }',
  );
});

test("a schema with an open enum that both sides write is there twice", () => {
  expect(declaration(file("schema.d.ts"), "Address")).toContain('"HOME" | "WORK" | (string & {})');
  expect(declaration(file("schema.d.ts"), "AddressInput")).toContain('kind: "HOME" | "WORK";');
});

test("lists that the caller writes take readonly ones; those that the API writes are the caller's to change", async () => {
  const text = { type: "string" };
  const Note = {
    type: "object",
    required: ["tags"],
    properties: {
      tags: { type: "array", items: text },
      grid: { type: "array", nullable: true, items: { type: "array", items: text } },
    },
  };
  const note = { $ref: "#/components/schemas/Note" };
  const Labels = { type: "array", items: text };
  const paths = {
    "/notes": {
      get: answering("list_notes", note, {
        parameters: [{ name: "tag", in: "query", schema: { type: "array", items: text } }],
      }),
      post: answering("create_note", note, { requestBody: json(note) }),
    },
    "/labels": {
      put: answering("set_labels", note, { requestBody: json({ $ref: "#/components/schemas/Labels" }) }),
    },
  };
  const { written, errors } = await runOn(
    JSON.stringify(describing(paths, { components: { schemas: { Note, Labels } } })),
  );
  expect(errors).toEqual([]);
  const schema = written.get("schema.d.ts") ?? "";
  expect(declaration(schema, "Note")).toBe(
    "export interface Note { tags: string[]; grid?: string[][] | null; }",
  );
  expect(declaration(schema, "NoteInput")).toBe(
    "export interface NoteInput { tags: readonly string[]; grid?: readonly (readonly string[])[] | null; }",
  );
  expect(declaration(schema, "Labels")).toBe("export type Labels = readonly string[];");
  expect(declaration(schema, "paths")).toContain("query?: { tag?: readonly string[]; };");
});

test("the values that tell the members of a union apart stay closed", () => {
  expect(declaration(file("schema.d.ts"), "CheckIdentity")).toContain('type: "IDENTITY";');
});

test("descriptions are there to be read on hover", () => {
  expect(file("schema.d.ts")).toMatch(/\/\*\* What the user may do\. \*\/\s+status:/);
});

test("headers that the client supplies are not asked for, and the others may be left out", () => {
  const paths = declaration(file("schema.d.ts"), "paths");
  expect(paths).not.toMatch(/upvest-client-id|signature/i);
  expect(paths).toContain(
    'post: { parameters: { query?: never; header?: { "idempotency-key"?: string; }; path?: never; };',
  );
  expect(paths).toContain("header?: { accept?: string; }; path: { user_id: string; };");
});

test("paths hold what a call needs, by method and status", () => {
  const paths = declaration(file("schema.d.ts"), "paths");
  expect(paths).toContain(
    'requestBody: { content: { "application/json": CreateUserRequest; }; }; responses: { 200: { content: { "application/json": User; }; }; 400: ProblemResponse; };',
  );
  expect(paths).toContain("responses: { 204: { content?: never; }; 400: ProblemResponse; };");
  expect(paths).toContain('query?: { limit?: number; offset?: number; order?: "ASC" | "DESC"; };');
});

test("models re-exports every named type", () => {
  expect(file("models.ts").split("\n").slice(2).join("\n")).toBe(`export type {
  Address,
  AddressInput,
  Check,
  CheckIdentity,
  CheckResidency,
  ChecksEvent,
  CreateUserRequest,
  ListUsersResponse,
  Problem,
  User,
  UsersEvent,
} from "./schema.js";
`);
});

test("operations tell what the client must know", async () => {
  const { operations } = await load(file("operations.ts"));
  expect(operations).toEqual({
    "GET /users": {
      id: "list_users",
      method: "GET",
      path: "/users",
      scopes: ["users:read", "users:admin"],
      idempotencyKey: false,
      paged: true,
      responseBody: ["application/json"],
    },
    "POST /users": {
      id: "create_user",
      method: "POST",
      path: "/users",
      scopes: ["users:admin"],
      idempotencyKey: true,
      paged: false,
      requestBody: "application/json",
      responseBody: ["application/json"],
    },
    "GET /users/{user_id}": {
      id: "retrieve_user",
      method: "GET",
      path: "/users/{user_id}",
      scopes: [],
      idempotencyKey: false,
      paged: false,
      responseBody: ["application/json"],
    },
    "DELETE /users/{user_id}": {
      id: "offboard_user",
      method: "DELETE",
      path: "/users/{user_id}",
      scopes: [],
      idempotencyKey: false,
      paged: false,
      responseBody: [],
    },
  });
  expect(file("operations.ts")).toContain('export type PagedPath =\n  | "/users";');
  expect(file("operations.ts")).toContain('export type Scope =\n  | "users:admin"\n  | "users:read";');
});

test("other media types are kept, and a response that is not JSON is typed", async () => {
  const binary = { type: "string", format: "binary" };
  const { written } = await runOn(
    JSON.stringify(
      describing({
        "/token": {
          post: answering(
            "issue_token",
            { type: "object" },
            {
              requestBody: {
                content: {
                  "text/csv": { schema: { type: "string" } },
                  "application/x-www-form-urlencoded": { schema: { type: "object" } },
                },
              },
            },
          ),
        },
        "/reports": {
          get: {
            operationId: "get_report",
            responses: {
              "200": {
                content: {
                  "application/json": { schema: { type: "object", properties: { id: { type: "string" } } } },
                  "application/pdf": { schema: binary },
                },
              },
            },
          },
        },
        "/files": {
          get: {
            operationId: "get_file",
            responses: { "200": { content: { "application/zip": { schema: binary } } } },
          },
        },
      }),
    ),
  );
  const { operations } = await load(written.get("operations.ts") ?? "");
  expect(operations).toMatchObject({
    "POST /token": { requestBody: "application/x-www-form-urlencoded", responseBody: ["application/json"] },
    "GET /reports": { responseBody: ["application/json", "application/pdf"] },
    "GET /files": { responseBody: ["application/zip"] },
  });
  const paths = declaration(written.get("schema.d.ts") ?? "", "paths");
  expect(paths).not.toContain("application/pdf");
  expect(paths).not.toContain("text/csv");
  expect(paths).toContain('"application/zip": string;');
});

test("event types are listed at run time", async () => {
  const { eventTypes } = await load(file("events.ts"));
  expect(eventTypes).toEqual(["CHECK.PASSED", "USER.CREATED", "USER.DELETED"]);
  expect(file("events.ts")).toContain("export type UpvestEvent =\n  | ChecksEvent\n  | UsersEvent;");
});

test("what extends a schema beside `allOf` or beside a reference is not lost, and an event may be made so", async () => {
  const base = { $ref: "#/components/schemas/Base" };
  const more = { type: "object", required: ["more"], properties: { more: { type: "string" } } };
  const kind = (value: string): JsonObject => ({
    allOf: [base],
    properties: { kind: { type: "string", enum: [value] } },
    required: ["kind"],
  });
  const spec = describing(
    { "/a": { get: answering("get_a", { title: "Longer", allOf: [base], ...more }) } },
    {
      "x-webhooks": {
        Things: event("things_event", {
          title: "Webhook - Things - Callback",
          allOf: [base],
          required: ["type"],
          properties: {
            type: { type: "string", enum: ["THING.MADE"] },
            object: { oneOf: [kind("A"), kind("B")] },
          },
        }),
      },
      components: {
        schemas: { Base: { type: "object", required: ["id"], properties: { id: { type: "string" } } } },
      },
    },
  );
  const { written } = await runOn(JSON.stringify(spec));
  const types = written.get("schema.d.ts") ?? "";
  expect(declaration(types, "Longer")).toBe("export type Longer = Base & { more: string; };");
  expect(declaration(types, "ThingsEvent")).toContain('kind: "A";');
  expect(written.get("events.ts")).toContain('"THING.MADE"');
  const validate = await validator(written.get("validators.js") ?? "");
  const made = { id: "1", type: "THING.MADE", object: { id: "2", kind: "A" } };
  expect(validate(made)).toEqual({ valid: true });
  expect(validate({ ...made, object: { kind: "C" } })).toEqual({ valid: true });
  expect(validate({ ...made, object: { kind: "A" } }).valid).toBe(false);
  expect(validate({ type: "THING.MADE" }).valid).toBe(false);
  expect(validate({ type: "THING.LOST" }).valid).toBe(false);
});

type Validate = (event: unknown) => { valid: boolean; errors?: { path: string; message: string }[] };

async function validator(text: string): Promise<Validate> {
  const { validateEvent } = await load(text);
  if (typeof validateEvent !== "function") throw new TypeError("no validateEvent");
  return (value) => validateEvent(value) as ReturnType<Validate>;
}

const ID = "2df83681-6a42-4837-a554-a8197335bcfa";
const user = { id: ID, status: "ACTIVE", address: { kind: "HOME" } };

test("an event is checked by its type, and what is new in it is accepted", async () => {
  const validate = await validator(file("validators.js"));
  const created = { id: ID, type: "USER.CREATED", object: user };
  expect(validate(created)).toEqual({ valid: true });
  expect(
    validate({ ...created, object: { ...user, status: "FROZEN", more: 1, birth_name: null }, more: 1 }),
  ).toEqual({
    valid: true,
  });
  expect(validate({ ...created, id: "1", object: { ...user, birth_name: "too long" } })).toEqual({
    valid: false,
    errors: [
      { path: "/id", message: 'must match format "uuid"' },
      { path: "/object/birth_name", message: "must NOT have more than 5 characters" },
    ],
  });
  expect(validate({ id: ID, type: "USER.CREATED", object: { id: ID, status: 1, address: {} } })).toEqual({
    valid: false,
    errors: [
      { path: "/object/status", message: "must be string" },
      { path: "/object/address", message: "must have required property 'kind'" },
    ],
  });
});

test("a union takes members of a kind that is not known yet, but no broken member of a known kind", async () => {
  const validate = await validator(file("validators.js"));
  const passed = (object: unknown): unknown => ({ id: ID, type: "CHECK.PASSED", object });
  expect(validate(passed({ type: "IDENTITY", document: "x" })).valid).toBe(true);
  expect(validate(passed({ type: "SUITABILITY", score: 3 })).valid).toBe(true);
  expect(validate(passed({ type: "IDENTITY" })).valid).toBe(false);
  expect(validate(passed({ document: "x" })).valid).toBe(false);
  expect(validate(passed("x")).valid).toBe(false);
});

test("of an event of an unknown type, what all events have in common is checked", async () => {
  const validate = await validator(file("validators.js"));
  expect(validate({ id: ID, type: "PLANET.DISCOVERED", object: { anything: true } })).toEqual({
    valid: true,
  });
  expect(validate({ id: "x", type: "PLANET.DISCOVERED", object: {} })).toMatchObject({
    errors: [{ path: "/id" }],
  });
  expect(validate({ id: ID, object: {} })).toMatchObject({ errors: [{ path: "" }] });
  for (const value of [null, undefined, 1, "x", [], { type: "constructor" }, { type: 5 }]) {
    expect(validate(value).valid).toBe(false);
  }
});

test("the validators stand alone: nothing is imported, and no code is made at run time", () => {
  expect(file("validators.js")).not.toMatch(/\bimport\b|\brequire\(|\beval\(|new Function/);
});

test.each<[string, JsonObject, boolean]>([
  ["in two parts", { allOf: [{ $ref: "#/components/schemas/Meta" }, holding("data")] }, true],
  ["in a part and beside it", { allOf: [{ $ref: "#/components/schemas/Meta" }], ...holding("data") }, true],
  ["without data", { allOf: [{ $ref: "#/components/schemas/Meta" }, holding("items")] }, false],
])("a page may be put together: %s", async (_case, schema, paged) => {
  const parameters = ["offset", "limit"].map((name) => ({ name, in: "query", schema: { type: "integer" } }));
  const spec = describing(
    { "/orders": { get: answering("list_orders", schema, { parameters }) } },
    { components: { schemas: { Meta: holding("meta") } } },
  );
  const { written } = await runOn(JSON.stringify(spec));
  const { operations } = await load(written.get("operations.ts") ?? "");
  expect(operations).toMatchObject({ "GET /orders": { paged } });
});

test("an idempotency key that may be left out is wanted all the same: without one no write is safe to repeat", async () => {
  const parameters = [{ name: "Idempotency-Key", in: "header", schema: { type: "string" } }];
  const spec = describing({
    "/orders": { post: answering("place_order", { type: "object" }, { parameters }) },
  });
  const { written } = await runOn(JSON.stringify(spec));
  const { operations } = await load(written.get("operations.ts") ?? "");
  expect(operations).toMatchObject({ "POST /orders": { idempotencyKey: true } });
});

test("the description is whole: every header, and every rule as strict as it was written", async () => {
  const { description } = await load(file("description.ts"));
  expect(description).toMatchObject({
    openapi: "3.1.0",
    paths: {
      "/users": {
        parameters: [
          { name: "upvest-client-id", required: true },
          { name: "Signature", required: true },
        ],
        post: { parameters: [{ name: "idempotency-key", required: true }] },
      },
    },
    components: {
      schemas: {
        User: {
          additionalProperties: false,
          properties: {
            status: { enum: ["ACTIVE", "INACTIVE"] },
            birth_name: { type: ["string", "null"], maxLength: 5 },
          },
        },
      },
    },
  });
});

test("a text with every awkward character survives the way into the description", async () => {
  const awkward = "a'b\"c\\d\n\u2028\u2029`${x}*/";
  const spec = describing({ "/a": { get: answering("get_a", { type: "string", default: awkward }) } });
  const { written, errors } = await runOn(JSON.stringify(spec));
  expect(errors).toEqual([]);
  const { description } = await load(written.get("description.ts") ?? "");
  expect(JSON.stringify(description)).toContain(JSON.stringify(awkward));
});

test("texts for people are left out of the description; names, examples and values that look like them stay", async () => {
  const texts = { title: "T_GONE", summary: "S_GONE", description: "D_GONE", tags: ["GONE"] };
  const sample = { title: "kept", description: "kept", tags: ["kept"] };
  const schema = {
    type: "object",
    description: "D_GONE",
    required: ["title"],
    properties: {
      title: { type: "string", title: "T_GONE", enum: ["kept"] },
      description: { type: "string", example: "kept" },
      tags: { type: "array", items: { type: "string", description: "D_GONE" }, default: ["kept"] },
    },
    examples: [sample],
  };
  const operation = {
    ...texts,
    operationId: "get_a",
    externalDocs: { url: "https://gone.example" },
    parameters: [{ name: "summary", in: "query", description: "D_GONE", schema: { type: "string" } }],
    responses: {
      "200": {
        description: "D_GONE",
        content: {
          "application/json": { schema, examples: { summary: { summary: "S_GONE", value: sample } } },
        },
      },
    },
  };
  const { written, errors } = await runOn(JSON.stringify(describing({ "/a": { get: operation } })));
  expect(errors).toEqual([]);
  const { description } = await load(written.get("description.ts") ?? "");
  const text = JSON.stringify(description);
  expect(text).not.toMatch(/gone/i);
  expect(description).toMatchObject({ info: { title: "Test API" } });
  const { get } = (description as { paths: Record<string, { get: unknown }> }).paths["/a"] ?? {};
  expect(get).toMatchObject({
    parameters: [{ name: "summary" }],
    responses: {
      "200": {
        // OpenAPI demands it.
        description: "",
        content: { "application/json": { examples: { summary: { value: sample } } } },
      },
    },
  });
  for (const kept of [
    '"title":{"type":"string","enum":["kept"]}',
    '"description":{"type":"string","example":"kept"}',
    '"tags":{"type":"array","items":{"type":"string"},"default":["kept"]}',
    JSON.stringify([sample]),
  ]) {
    expect(text).toContain(kept);
  }
});

test("a description without webhooks, named schemas or pages generates", async () => {
  const spec = describing({
    "/a": {
      get: { operationId: "get_a", responses: { "200": { description: "", ...json({ type: "string" }) } } },
    },
  });
  const { written, errors } = await runOn(JSON.stringify(spec));
  expect(errors).toEqual([]);
  expect(written.get("events.ts")).toContain("export type UpvestEvent = never;");
  expect(written.get("operations.ts")).toContain("export type PagedPath = never;");
  const validate = await validator(written.get("validators.js") ?? "");
  expect(validate({ type: "A.B" })).toEqual({ valid: true });
  expect(validate({})).toMatchObject({ valid: false });
});

test("two categories may share an event type; either shape is right", async () => {
  const shape = (title: string, property: string): ReturnType<typeof event> =>
    event(`${property}_event`, {
      title: `Webhook - ${title} - Callback`,
      type: "object",
      required: ["type", property],
      properties: { type: { type: "string", enum: ["THING.MADE"] }, [property]: { type: "string" } },
    });
  const { written } = await runOn(
    JSON.stringify(describing({}, { webhooks: { One: shape("One", "one"), Two: shape("Two", "two") } })),
  );
  const validate = await validator(written.get("validators.js") ?? "");
  expect(validate({ type: "THING.MADE", one: "x" }).valid).toBe(true);
  expect(validate({ type: "THING.MADE", two: "x" }).valid).toBe(true);
  expect(validate({ type: "THING.MADE" }).valid).toBe(false);
});

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { check } from "../../scripts/generate/check.js";
import { generateCommand } from "../../scripts/generate/command.js";
import { isObject, type Json, type JsonObject } from "../../scripts/generate/json.js";
import { name } from "../../scripts/generate/name.js";
import { normalise } from "../../scripts/generate/normalise.js";

export const EMPTY_OVERLAY = JSON.stringify({ overlay: "1.0.0", info: {}, actions: [] });

const directories: string[] = [];
afterAll(async () => {
  for (const directory of directories) await rm(directory, { recursive: true, force: true });
});

/** A directory of its own, with the given files in it; gone when the tests of the file are done. */
export async function directoryWith(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "upvest-generate-"));
  directories.push(directory);
  for (const [file, text] of Object.entries(files)) await writeFile(join(directory, file), text);
  return directory;
}

export interface Run {
  readonly code: number;
  readonly lines: readonly string[];
  readonly errors: readonly string[];
  readonly directory: string;
  /** What is in the output directory afterwards, by file name. */
  readonly written: ReadonlyMap<string, string>;
}

/** Runs the command on a description and an overlay, both given as text, in a directory of its own. */
export async function runOn(
  spec: string,
  { overlay = EMPTY_OVERLAY, args = [] }: { overlay?: string; args?: readonly string[] } = {},
): Promise<Run> {
  return runIn(await directoryWith({ "api.yaml": spec, "overlay.yaml": overlay }), args);
}

export async function runIn(directory: string, args: readonly string[] = []): Promise<Run> {
  const lines: string[] = [];
  const errors: string[] = [];
  const out = join(directory, "out");
  const code = await generateCommand(args, {
    spec: join(directory, "api.yaml"),
    overlay: join(directory, "overlay.yaml"),
    out,
    log: (line) => lines.push(line),
    error: (line) => errors.push(line),
  });
  return { code, lines, errors, directory, written: await contents(out) };
}

export async function contents(directory: string): Promise<Map<string, string>> {
  await mkdir(directory, { recursive: true });
  const files = (await readdir(directory)).toSorted();
  return new Map(
    await Promise.all(
      files.map(async (file) => [file, await readFile(join(directory, file), "utf8")] as const),
    ),
  );
}

export const problemContent: JsonObject = {
  "application/problem+json": {
    schema: {
      title: "Error",
      type: "object",
      properties: { type: { type: "string" }, status: { type: "integer" } },
      required: ["type", "status"],
    },
  },
};

export const json = (schema: JsonObject): JsonObject => ({ content: { "application/json": { schema } } });

/** An operation that answers 200 with `schema`, and 400 with a problem. */
export const answering = (operationId: string, schema: JsonObject, more: JsonObject = {}): JsonObject => ({
  operationId,
  ...more,
  responses: {
    "200": { description: "", ...json(schema) },
    "400": { description: "", content: problemContent },
  },
});

export const describing = (paths: JsonObject, more: JsonObject = {}): JsonObject => ({
  openapi: "3.0.3",
  info: { title: "Test API", version: "1.2.3" },
  paths,
  ...more,
});

export const event = (operationId: string, schema: JsonObject): JsonObject => ({
  post: { operationId, requestBody: json(schema), responses: { "200": { description: "" } } },
});

/** The named schemas of a description, after all steps before the files are written. */
export function namedSchemasOf(description: JsonObject): Readonly<Record<string, Json>> {
  check(description, "api.yaml");
  const named = name(normalise(description), "api.yaml");
  const components = named["components"];
  const schemas = isObject(components) ? components["schemas"] : undefined;
  return isObject(schemas) ? (JSON.parse(JSON.stringify(schemas)) as Record<string, Json>) : {};
}

export const namesOf = (description: JsonObject): string[] => Object.keys(namedSchemasOf(description));

/** A small description that has one of everything. */
export const everything: JsonObject = describing(
  {
    "/users": {
      parameters: [
        { name: "upvest-client-id", in: "header", required: true, schema: { type: "string" } },
        { name: "Signature", in: "header", required: true, schema: { type: "string" } },
      ],
      get: answering(
        "list_users",
        {
          title: "Users - List - Response",
          type: "object",
          required: ["meta", "data"],
          properties: {
            meta: { type: "object", required: ["count"], properties: { count: { type: "integer" } } },
            data: { type: "array", items: { $ref: "#/components/schemas/User" } },
          },
        },
        {
          security: [{ oauth: ["users:admin", "users:read"] }],
          parameters: [
            { name: "limit", in: "query", schema: { type: "integer" } },
            { name: "offset", in: "query", schema: { type: "integer" } },
            { name: "order", in: "query", schema: { type: "string", enum: ["ASC", "DESC"] } },
          ],
        },
      ),
      post: answering(
        "create_user",
        { $ref: "#/components/schemas/User" },
        {
          security: [{ oauth: ["users:admin"] }],
          parameters: [{ name: "idempotency-key", in: "header", required: true, schema: { type: "string" } }],
          requestBody: {
            required: true,
            ...json({
              title: "User - Create - Request",
              type: "object",
              required: ["name", "address"],
              properties: {
                name: { type: "string" },
                salutation: { type: "string", enum: ["", "DR"], default: "" },
                address: { $ref: "#/components/schemas/Address" },
              },
              additionalProperties: false,
            }),
          },
        },
      ),
    },
    "/users/{user_id}": {
      parameters: [{ name: "user_id", in: "path", required: true, schema: { type: "string" } }],
      get: answering(
        "retrieve_user",
        { $ref: "#/components/schemas/User" },
        { parameters: [{ name: "accept", in: "header", required: true, schema: { type: "string" } }] },
      ),
      delete: {
        operationId: "offboard_user",
        responses: { "204": { description: "" }, "400": { description: "", content: problemContent } },
      },
    },
  },
  {
    "x-webhooks": {
      "User events": event("user_event", {
        title: "Webhook - Users - Callback",
        type: "object",
        required: ["id", "type", "object"],
        properties: {
          id: { type: "string", format: "uuid" },
          type: { type: "string", enum: ["USER.CREATED", "USER.DELETED"] },
          object: { $ref: "#/components/schemas/User" },
        },
        additionalProperties: false,
      }),
      "Check events": event("check_event", {
        title: "Webhook - Checks - Callback",
        type: "object",
        required: ["id", "type", "object"],
        properties: {
          id: { type: "string", format: "uuid" },
          type: { type: "string", enum: ["CHECK.PASSED"] },
          object: { $ref: "#/components/schemas/Check" },
        },
        additionalProperties: false,
      }),
    },
    components: {
      securitySchemes: {
        oauth: {
          type: "oauth2",
          flows: { clientCredentials: { tokenUrl: "/t", scopes: { "users:read": "", "users:admin": "" } } },
        },
      },
      schemas: {
        User: {
          title: "User",
          type: "object",
          required: ["id", "status", "address"],
          properties: {
            id: { title: "User unique identifier.", type: "string", format: "uuid" },
            status: { type: "string", enum: ["ACTIVE", "INACTIVE"], description: "What the user may do." },
            address: { $ref: "#/components/schemas/Address" },
            birth_name: { type: "string", nullable: true, maxLength: 5 },
          },
          additionalProperties: false,
        },
        Address: {
          title: "Address",
          type: "object",
          required: ["kind"],
          properties: { kind: { type: "string", enum: ["HOME", "WORK"] } },
        },
        Check: {
          title: "Check",
          oneOf: [
            {
              title: "Check - Identity",
              type: "object",
              required: ["type", "document"],
              properties: { type: { type: "string", enum: ["IDENTITY"] }, document: { type: "string" } },
            },
            {
              title: "Check - Residency",
              type: "object",
              required: ["type", "country"],
              properties: { type: { type: "string", enum: ["RESIDENCY"] }, country: { type: "string" } },
            },
          ],
        },
      },
    },
  },
);

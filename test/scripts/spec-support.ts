import type { Json, JsonObject } from "../../scripts/generate/json.js";
import type { Terminal } from "../../scripts/spec/command.js";
import { describe as describeApi } from "../../scripts/spec/description.js";
import { diff, type Change, type Diff } from "../../scripts/spec/diff.js";

/** Without a body: that would bring a type of its own. */
export const PROBLEM = { description: "A problem." };

/** A description with these parts; two scopes are declared, so that operations can lose one without its name going. */
export function api(parts: {
  readonly paths?: JsonObject;
  readonly schemas?: JsonObject;
  readonly webhooks?: JsonObject;
  readonly scopes?: JsonObject;
  readonly version?: string;
}): JsonObject {
  const scopes = parts.scopes ?? { "things:read": "Read things", "things:admin": "Change things" };
  return {
    openapi: "3.0.3",
    info: { title: "Upvest Investment API", version: parts.version ?? "1.0.0" },
    paths: parts.paths ?? {},
    ...(parts.webhooks && { "x-webhooks": parts.webhooks }),
    components: {
      schemas: parts.schemas ?? {},
      securitySchemes: {
        oauth: {
          type: "oauth2",
          flows: { clientCredentials: { tokenUrl: "https://api.test/token", scopes } },
        },
      },
    },
  };
}

/** An operation `get_thing` with this much of it said otherwise. */
export const operation = (change: JsonObject = {}): JsonObject => ({
  operationId: "get_thing",
  tags: ["Things"],
  security: [{ oauth: ["things:read", "things:admin"] }],
  responses: { "200": { description: "OK" } },
  ...change,
});

export const json = (schema: JsonObject): { readonly content: JsonObject } => ({
  content: { "application/json": { schema } },
});

/** A description in which a caller sends `schema`, as the field `value` of a body. */
export const sent = (schema: JsonObject, required: readonly string[] = []): JsonObject =>
  api({ paths: { "/things": { post: sending(wrapped(schema, required)) } } });

/** A description in which the API answers with `schema`, as the field `value`. */
export const received = (schema: JsonObject, required: readonly string[] = []): JsonObject =>
  api({ paths: { "/things": { get: answering(wrapped(schema, required)) } } });

/** A description in which a named schema `Thing` is both sent and received. */
export const exchanged = (schema: JsonObject, required: readonly string[] = []): JsonObject => {
  const reference = { $ref: "#/components/schemas/Thing" };
  return api({
    paths: { "/things": { get: answering(reference), post: sending(reference) } },
    schemas: { Thing: wrapped(schema, required) },
  });
};

const wrapped = (schema: JsonObject, required: readonly string[]): JsonObject => ({
  title: "Thing",
  type: "object",
  ...(required.length > 0 && { required }),
  properties: { value: schema },
});

export const sending = (schema: JsonObject): JsonObject =>
  operation({ operationId: "create_thing", requestBody: { required: true, ...json(schema) } });

export const answering = (schema: JsonObject): JsonObject =>
  operation({ responses: { "200": { description: "OK", ...json(schema) } } });

export const difference = (before: JsonObject, after: JsonObject): Diff =>
  diff(describeApi(before, "old"), describeApi(after, "new"));

/** A description with one operation, `GET /things`. */
export const get = (change: JsonObject = {}): JsonObject =>
  api({ paths: { "/things": { get: operation(change) } } });

export const post = (change: JsonObject = {}): JsonObject =>
  api({ paths: { "/things": { post: operation(change) } } });

/** One category of events, as a member of `x-webhooks`. */
export const event = (name: string, types: readonly string[], fields: JsonObject = {}): JsonObject => ({
  [name]: {
    post: operation({
      operationId: `${name}_event`,
      requestBody: json({
        title: `Webhook - ${name} - Callback`,
        type: "object",
        required: ["type"],
        properties: { type: { type: "string", enum: types }, ...fields },
      }),
    }),
  },
});
export const events = (...all: readonly JsonObject[]): JsonObject =>
  api({ webhooks: Object.assign({}, ...all) as JsonObject });

/** Each change as `kind: publisher, types`, in alphabetical order. */
export const judgements = (before: JsonObject, after: JsonObject): string[] =>
  difference(before, after)
    .changes.map(({ kind, publisher, types }: Change) => `${kind}: ${publisher}, ${types}`)
    .toSorted();

/** A change of the field `value`, and what it means in what callers send, in what they receive, and in both. */
export interface SchemaCase {
  readonly change: string;
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly sent: string;
  readonly received: string;
  readonly both: string;
}

/** What changes, before and after, and each change as `kind: publisher, types`. */
export type SurfaceCase = readonly [
  change: string,
  before: JsonObject,
  after: JsonObject,
  ...expected: string[],
];

/** What is found for a case, on each of the three ways. */
export const outcome = ({ before, after }: SchemaCase): Record<"sent" | "received" | "both", string> => ({
  sent: judgements(sent(before), sent(after)).join("; "),
  received: judgements(received(before), received(after)).join("; "),
  both: judgements(exchanged(before), exchanged(after)).join("; "),
});

/** The same description with the members of each object in another order; `random` gives numbers from 0 to 1. */
export function shuffled(
  value: Json,
  random: () => number,
  lists: ReadonlySet<string> = new Set(),
  key = "",
): Json {
  if (Array.isArray(value)) {
    const items = value.map((item: Json) => shuffled(item, random, lists));
    return lists.has(key) ? inRandomOrder(items, random) : items;
  }
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([name, member]): [string, Json] => [
    name,
    shuffled(member ?? null, random, lists, name),
  ]);
  return Object.fromEntries(inRandomOrder(members, random));
}

function inRandomOrder<Item>(items: readonly Item[], random: () => number): Item[] {
  return items
    .map((item) => ({ item, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ item }) => item);
}

export interface RecordedTerminal extends Terminal {
  readonly printed: () => string;
  readonly complained: () => string;
}

export function recordingTerminal(): RecordedTerminal {
  const out: string[] = [];
  const error: string[] = [];
  return {
    out: (text) => out.push(text),
    error: (text) => error.push(text),
    printed: () => out.join("\n"),
    complained: () => error.join("\n"),
  };
}

/** A description of this API that is large enough to be believed, as YAML or JSON. */
export function plausible(version: string, count = 60): JsonObject {
  const paths = Array.from({ length: count }, (_, index): [string, Json] => [
    `/things${index}`,
    { get: operation({ operationId: `get_thing${index}`, tags: [`Tag ${index % 7}`] }) },
  ]);
  return api({ version, paths: Object.fromEntries(paths) });
}

import { dereferencer, isRecord, list, record, text, type Json } from "./json.js";
import { readPaging, type Paging } from "./paging.js";

/** One operation of the description, as the gateway must know it. */
export interface Route {
  readonly id: string;
  readonly method: string;
  /** The path template, `/accounts/{account_id}`. */
  readonly path: string;
  /** The names in the template, in their order. */
  readonly parameters: readonly string[];
  /** The template ends in a parameter: the operation is about one thing, named by it. */
  readonly endsInParameter: boolean;
  /** Alternatives: any one of them admits the call. */
  readonly scopes: readonly string[];
  /** The pattern of the key, where the description has an `idempotency-key`. */
  readonly idempotencyKey: RegExp | undefined;
  readonly requiresKey: boolean;
  /** Media types of the request body; empty when it takes none. */
  readonly accepts: readonly string[];
  /** Media types of the successful answer; empty when it has no body. */
  readonly offers: readonly string[];
  /** The named examples of the successful JSON answer. */
  readonly examples: readonly { readonly name: string; readonly value: unknown }[];
  readonly paging: Paging | undefined;
  /** This is the token endpoint: signed, but without a bearer token. */
  readonly issuesTokens: boolean;
}

export interface Routes {
  readonly all: readonly Route[];
  /** Every scope that the description names. */
  readonly scopes: readonly string[];
  readonly byId: (id: string) => Route | undefined;
  /** `found`, or the methods that the path does have (empty: there is no such path). */
  readonly find: (method: string, path: string) => Match;
}

export type Match<Found = Route> =
  | { readonly found: Found; readonly values: Readonly<Record<string, string>> }
  | { readonly found: undefined; readonly allow: readonly string[] };

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

/** Used where the description declares the key without a pattern: any UUID. */
const ANY_UUID = /^[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$/;

/** Reads the operations of an OpenAPI 3.0 or 3.1 document. Throws an `Error` that says what is wrong with it. */
export function readOperations(document: Json): Routes {
  const resolve = dereferencer(document);
  const flows = Object.values(record(record(document["components"])["securitySchemes"]))
    .map((scheme) => record(record(resolve(scheme)["flows"])["clientCredentials"]))
    .filter((flow) => text(flow["tokenUrl"]) !== undefined);
  const tokenPath = new URL(text(flows[0]?.["tokenUrl"]) ?? "/auth/token", "http://localhost").pathname;

  const all: Route[] = [];
  for (const [path, item] of Object.entries(record(document["paths"]))) {
    const shared = list(resolve(item)["parameters"]);
    for (const method of METHODS) {
      const operation = resolve(item)[method];
      if (!isRecord(operation)) continue;
      all.push(readOperation({ document, resolve, path, method, operation, shared, tokenPath }));
    }
  }
  if (all.length === 0) {
    throw new Error(
      "The description of the sandbox has no operations: expected an OpenAPI 3.0 or 3.1 document.",
    );
  }
  if (!all.some((route) => route.issuesTokens)) {
    throw new Error(`The description of the sandbox has no token endpoint: expected POST ${tokenPath}.`);
  }
  const scopes = new Set([
    ...flows.flatMap((flow) => Object.keys(record(flow["scopes"]))),
    ...all.flatMap((route) => route.scopes),
  ]);
  const byId = new Map(all.map((route) => [route.id, route]));
  return { all, scopes: [...scopes], byId: (id) => byId.get(id), find: finder(all) };
}

interface Source {
  readonly document: Json;
  readonly resolve: (node: unknown) => Json;
  readonly path: string;
  readonly method: (typeof METHODS)[number];
  readonly operation: Json;
  readonly shared: readonly unknown[];
  readonly tokenPath: string;
}

function readOperation(source: Source): Route {
  const { resolve, path, operation } = source;
  const method = source.method.toUpperCase();
  const id = text(operation["operationId"]) ?? `${method} ${path}`;
  const parameters = [...source.shared, ...list(operation["parameters"])].map(resolve);
  const header = (name: string): Json | undefined =>
    parameters.find(
      ({ in: place, name: given }) => place === "header" && text(given)?.toLowerCase() === name,
    );

  const responses = record(operation["responses"]);
  const success = Object.keys(responses)
    .filter((code) => code.startsWith("2"))
    .sort()[0];
  const content = success === undefined ? {} : record(resolve(responses[success])["content"]);
  const answer = record(content["application/json"]);
  const issuesTokens = method === "POST" && path === source.tokenPath;
  const key = header("idempotency-key");
  return {
    id,
    method,
    path,
    parameters: [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name ?? ""),
    endsInParameter: path.endsWith("}"),
    scopes: issuesTokens ? [] : readScopes(operation["security"] ?? source.document["security"]),
    idempotencyKey: key && readPattern(resolve(key["schema"])),
    requiresKey: key?.["required"] === true,
    accepts: Object.keys(record(resolve(operation["requestBody"])["content"])),
    offers: Object.keys(content),
    examples: Object.entries(record(answer["examples"])).map(([name, example]) => ({
      name,
      value: resolve(example)["value"],
    })),
    paging: method === "GET" ? readPaging(parameters, resolve(answer["schema"]), resolve) : undefined,
    issuesTokens,
  };
}

/** Several scopes are alternatives, whether listed in one requirement or in several (Upvest docs, OAuth). */
function readScopes(security: unknown): readonly string[] {
  const named = list(security).flatMap((requirement) => Object.values(record(requirement)).flatMap(list));
  return [...new Set(named.filter((scope) => typeof scope === "string"))];
}

function readPattern(schema: Json): RegExp {
  const pattern = text(schema["pattern"]);
  return pattern === undefined ? ANY_UUID : new RegExp(pattern);
}

/** Finds the operation that a request is, by the templates of the paths. */
export function finder<Operation extends Pick<Route, "method" | "path" | "parameters">>(
  all: readonly Operation[],
): (method: string, path: string) => Match<Operation> {
  const compiled = all.map((route) => ({ route, matcher: compile(route.path) }));
  // `/portfolios/orders` before `/portfolios/{id}`: a literal segment wins over a parameter (OpenAPI, Paths Object).
  compiled.sort((a, b) => rank(a.route.path).localeCompare(rank(b.route.path)));
  return (method, path) => {
    const matches = compiled.flatMap(({ route, matcher }) => {
      const match = matcher.exec(path);
      return match === null ? [] : [{ route, match }];
    });
    const hit = matches.find(({ route }) => route.method === method);
    if (hit === undefined)
      return { found: undefined, allow: [...new Set(matches.map((m) => m.route.method))] };
    const values = hit.route.parameters.map((name, index) => [name, decode(hit.match[index + 1] ?? "")]);
    return { found: hit.route, values: Object.fromEntries(values) };
  };
}

function compile(path: string): RegExp {
  const parts = path.split(/\{[^}]+\}/).map((part) => part.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("([^/]+)")}$`);
}

/** Sorts literal segments first, at each depth. */
function rank(path: string): string {
  return path
    .split("/")
    .map((segment) => (segment.includes("{") ? "1" : "0"))
    .join("");
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

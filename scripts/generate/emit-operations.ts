/** `generated/operations.ts`: what the client must know of each operation at run time. */
import {
  arrayAt,
  compareText,
  entries,
  objectAt,
  own,
  stringAt,
  stringsAt,
  type JsonObject,
} from "./json.js";
import {
  contentOf,
  describedOperations,
  isPaged,
  isSuccess,
  JSON_MEDIA,
  responsesOf,
  sentMedia,
  type DescribedOperation,
} from "./operations.js";
import { dereference } from "./references.js";

/** The bits of the number in each row; the generated file reads them back. */
const FLAG = { idempotencyKey: 1, paged: 2, jsonRequest: 4, jsonAnswer: 8 } as const;

interface OperationFacts {
  readonly id: string;
  readonly key: string;
  readonly path: string;
  readonly pagesByGet: boolean;
  readonly scopes: readonly string[];
  readonly row: string;
}

export function emitOperations(document: JsonObject): string {
  const facts = describedOperations(document, "paths").map((described) => factsOf(document, described));
  const ids = facts.map(({ id }) => id);
  const paged = facts.filter(({ pagesByGet }) => pagesByGet).map(({ path }) => path);
  const scopes = [...declaredScopes(document), ...facts.flatMap((fact) => fact.scopes)];
  return `/** One operation of the description, as a client must know it at run time. */
export interface Operation {
  readonly id: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** The path template, \`/accounts/{account_id}\`. */
  readonly path: string;
  /** Alternatives: any one of them admits the call. Empty where it takes no access token. */
  readonly scopes: readonly string[];
  /** The description has an \`idempotency-key\`, and so has every call. */
  readonly idempotencyKey: boolean;
  /** The answer is a page: \`offset\` and \`limit\` in the query, \`meta\` and \`data\` in the body. */
  readonly paged: boolean;
  /** Media type of the request body, when there is one. */
  readonly requestBody?: string;
  /** Media types of the successful answer; empty when it has no body. */
  readonly responseBody: readonly string[];
}

/** The operations of the API, by \`operationId\`. */
export type OperationId =${union(ids)};

/** What a token can be asked to allow. */
export type Scope =${union(scopes)};

/** The paths whose GET answers page by page. */
export type PagedPath =${union(paged)};

/** Method and path, id, scopes, flags, media type of the request, media types of the answer; the last two when not JSON. */
type Row = readonly [string, string, string, number, string?, string?];

const rows: readonly Row[] = [
${facts.map(({ row }) => `  ${row},`).join("\n")}
];

const operation = ([key, id, scopes, flags, request, answer]: Row): [string, Operation] => {
  const [method, path] = key.split(" ") as [Operation["method"], string];
  const requestBody = request || (flags & ${FLAG.jsonRequest} ? "${JSON_MEDIA}" : undefined);
  return [
    key,
    {
      id,
      method,
      path,
      scopes: scopes ? scopes.split(" ") : [],
      idempotencyKey: (flags & ${FLAG.idempotencyKey}) > 0,
      paged: (flags & ${FLAG.paged}) > 0,
      ...(requestBody !== undefined && { requestBody }),
      responseBody: answer ? answer.split(" ") : flags & ${FLAG.jsonAnswer} ? ["${JSON_MEDIA}"] : [],
    },
  ];
};

/** Every operation by its method and path template: \`operations["GET /accounts/{account_id}"]\`. */
export const operations: Readonly<Record<string, Operation>> = /* @__PURE__ */ Object.fromEntries(
  /* @__PURE__ */ rows.map(operation),
);
`;
}

/** A union of literal types; \`never\` when there is nothing to choose from. */
export function union(values: readonly string[]): string {
  const literals = [...new Set(values)].toSorted(compareText).map((value) => JSON.stringify(value));
  return literals.length === 0 ? " never" : literals.map((literal) => `\n  | ${literal}`).join("");
}

function factsOf(document: JsonObject, described: DescribedOperation): OperationFacts {
  const { id, method, path, operation, parameters } = described;
  const key = `${method.toUpperCase()} ${path}`;
  const scopes = scopesOf(document, operation);
  const request = contentOf(dereference(document, own(operation, "requestBody"))).map(([media]) => media);
  const requestMedia = sentMedia(request);
  const answer = [
    ...new Set(
      responsesOf(document, operation)
        .filter(([status]) => isSuccess(status))
        .flatMap(([, response]) => contentOf(response).map(([media]) => media)),
    ),
  ];
  const plainAnswer = answer.length === 1 && answer[0] === JSON_MEDIA;
  const paged = isPaged(document, described);
  const flags =
    (wantsIdempotencyKey(parameters) ? FLAG.idempotencyKey : 0) +
    (paged ? FLAG.paged : 0) +
    (requestMedia === JSON_MEDIA ? FLAG.jsonRequest : 0) +
    (plainAnswer ? FLAG.jsonAnswer : 0);
  const cells = [JSON.stringify(key), JSON.stringify(id), JSON.stringify(scopes.join(" ")), String(flags)];
  const otherRequest = requestMedia !== undefined && requestMedia !== JSON_MEDIA ? requestMedia : undefined;
  const otherAnswer = plainAnswer || answer.length === 0 ? undefined : answer.join(" ");
  if (otherRequest !== undefined || otherAnswer !== undefined) {
    cells.push(JSON.stringify(otherRequest ?? ""));
  }
  if (otherAnswer !== undefined) cells.push(JSON.stringify(otherAnswer));
  return { id, key, path, pagesByGet: paged && method === "get", scopes, row: `[${cells.join(", ")}]` };
}

/** The scopes that admit a call, the narrowest first: reading before all else, administration last. */
function scopesOf(document: JsonObject, operation: JsonObject): string[] {
  const owner = own(operation, "security") === undefined ? document : operation;
  const scopes = arrayAt(owner, "security").flatMap((requirement) =>
    entries(requirement).flatMap(([scheme]) => stringsAt(requirement, scheme)),
  );
  return [...new Set(scopes)].toSorted((a, b) => breadth(a) - breadth(b));
}

const breadth = (scope: string): number => (scope.endsWith(":read") ? 0 : scope.endsWith(":admin") ? 2 : 1);

function declaredScopes(document: JsonObject): string[] {
  const schemes = objectAt(objectAt(document, "components"), "securitySchemes");
  return entries(schemes).flatMap(([, scheme]) =>
    entries(objectAt(scheme, "flows")).flatMap(([, flow]) =>
      entries(objectAt(flow, "scopes")).map(([scope]) => scope),
    ),
  );
}

/** Also where the API only admits a key: a write without one is not safe to repeat. */
const wantsIdempotencyKey = (parameters: readonly JsonObject[]): boolean =>
  parameters.some(
    (parameter) =>
      own(parameter, "in") === "header" && stringAt(parameter, "name")?.toLowerCase() === "idempotency-key",
  );

/**
 * The file whose check is measured: calls of thirty operations, with parameters and bodies, that read the answer's members
 * and the problem's status. The same calls for both clients; the one difference is in `header`, where raw bindings want
 * every header that the description requires, the client's own among them.
 */
import { entries, objectAt, own, stringAt, type Json, type JsonObject } from "../../scripts/generate/json.js";
import {
  contentOf,
  describedOperations,
  isSuccess,
  responsesOf,
  type DescribedOperation,
} from "../../scripts/generate/operations.js";
import { dereference } from "../../scripts/generate/references.js";
import { reads, sample } from "./sample.js";

const CALLS = 30;
const CALLABLE = new Set(["get", "post", "put", "patch", "delete"]);

export interface Consumer {
  /** The file that is measured. */
  readonly text: string;
  /**
   * The same calls, each followed by reads that must not compile. Declarations that do not resolve are `any`, which no
   * compiler reports under `skipLibCheck` and which is checked in no time: the figures count only if this file compiles.
   */
  readonly guard: string;
}

export interface Consumers {
  readonly raw: Consumer;
  readonly ours: Consumer;
  /** `operationId` of each call. */
  readonly calls: readonly string[];
}

/** @param document a description that has passed the generator's check */
export function consumers(document: JsonObject): Consumers {
  const chosen = spread(
    describedOperations(document, "paths").filter(
      ({ method, path }) => CALLABLE.has(method) && path !== "/auth/token",
    ),
  );
  const headers = valuesOf(
    document,
    chosen.flatMap((operation) => parametersIn(operation, "header")),
  );
  const raw = [
    `import createClient from "openapi-fetch";`,
    `import type { paths } from "./schema.js";`,
    `const client = createClient<paths>({ baseUrl: "https://api.example.com" });`,
    `const header = ${JSON.stringify(headers, undefined, 2)} as const;`,
  ];
  const ours = [
    `import { createUpvestClient, type UpvestClientOptions } from "./client/index.js";`,
    `declare const options: UpvestClientOptions;`,
    `const client = createUpvestClient(options);`,
  ];
  const consumer = (head: readonly string[], withHeaders: boolean): Consumer => {
    const calls = chosen.map((operation) => callOf(document, operation, withHeaders));
    return {
      text: [...head, ...calls.map(useOf)].join("\n"),
      guard: [...head, ...calls.map(misuseOf)].join("\n"),
    };
  };
  return {
    raw: consumer(raw, true),
    ours: consumer(ours, false),
    calls: chosen.map(({ id }) => id),
  };
}

/** Evenly over the whole list, so that every part of the API and every method has its share. */
const spread = (operations: readonly DescribedOperation[]): readonly DescribedOperation[] =>
  operations.length <= CALLS
    ? operations
    : Array.from({ length: CALLS }, (_, index) => Math.floor((index * operations.length) / CALLS)).flatMap(
        (index) => operations[index] ?? [],
      );

const parametersIn = ({ parameters }: DescribedOperation, place: string): readonly JsonObject[] =>
  parameters.filter((parameter) => own(parameter, "in") === place);

const valuesOf = (document: JsonObject, parameters: readonly JsonObject[]): JsonObject =>
  Object.fromEntries(
    parameters.map((parameter) => [
      stringAt(parameter, "name") ?? "",
      sample(document, own(parameter, "schema")),
    ]),
  );

interface Call {
  readonly expression: string;
  /** The same call with another path. */
  readonly astray: string;
  /** What is read of the answer. */
  readonly reads: readonly string[];
}

function callOf(document: JsonObject, described: DescribedOperation, withHeaders: boolean): Call {
  const { method, path, operation } = described;
  const query = parametersIn(described, "query");
  const required = query.filter((parameter) => own(parameter, "required") === true);
  const params = [
    member("path", valuesOf(document, parametersIn(described, "path"))),
    member("query", valuesOf(document, [...new Set([...required, ...query.slice(0, 2)])])),
    withHeaders && parametersIn(described, "header").length > 0 ? "header" : "",
  ].filter((text) => text !== "");
  const body = contentOf(dereference(document, own(operation, "requestBody")))[0]?.[1];
  const init = [
    params.length > 0 ? `params: { ${params.join(", ")} }` : "",
    body === undefined ? "" : `body: ${JSON.stringify(sample(document, own(body, "schema")))}`,
  ].filter((text) => text !== "");
  const argument = init.length > 0 ? `, { ${init.join(", ")} }` : "";
  const answer = answerOf(document, operation);
  const read = reads(document, answer, "data");
  const to = (target: string): string =>
    `client.${method.toUpperCase()}(${JSON.stringify(target)}${argument})`;
  return {
    expression: to(path),
    astray: to(`${path}/nowhere`),
    reads: answer === undefined || read.length > 0 ? read : ["data"],
  };
}

const useOf = (call: Call, index: number): string => `
export async function call${index}() {
  const { ${call.reads.length > 0 ? "data, " : ""}error, response } = await ${call.expression};
  if (error !== undefined) return error.status;
  return [${["response.status", ...call.reads].join(", ")}];
}`;

const misuseOf = (call: Call, index: number): string => `
export async function misuse${index}() {
  // @ts-expect-error: no such path
  void ${call.astray};
  const { data, error } = await ${call.expression};
  // @ts-expect-error: no problem has it
  if (error !== undefined) return error.no_such_member;
  // @ts-expect-error: nor has any answer
  return data.no_such_member;
}`;

const member = (name: string, value: JsonObject): string =>
  entries(value).length === 0 ? "" : `${name}: ${JSON.stringify(value)}`;

/** The schema of the JSON answer of a call that succeeds. */
function answerOf(document: JsonObject, operation: JsonObject): Json | undefined {
  for (const [status, response] of responsesOf(document, operation)) {
    const json = objectAt(own(response, "content"), "application/json");
    if (isSuccess(status) && json !== undefined) return own(json, "schema");
  }
  return undefined;
}

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

export interface Consumers {
  readonly raw: string;
  readonly ours: string;
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
  const headers = Object.fromEntries(
    chosen
      .flatMap((operation) => parametersIn(operation, "header"))
      .map((parameter) => [stringAt(parameter, "name") ?? "", sample(document, own(parameter, "schema"))]),
  );
  return {
    raw: [
      `import createClient from "openapi-fetch";`,
      `import type { paths } from "./schema.js";`,
      `const client = createClient<paths>({ baseUrl: "https://api.example.com" });`,
      `const header = ${JSON.stringify(headers, undefined, 2)} as const;`,
      ...chosen.map((operation, index) => call(document, operation, index, true)),
    ].join("\n"),
    ours: [
      `import { createUpvestClient, type UpvestClientOptions } from "./client/index.js";`,
      `declare const options: UpvestClientOptions;`,
      `const client = createUpvestClient(options);`,
      ...chosen.map((operation, index) => call(document, operation, index, false)),
    ].join("\n"),
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

function call(
  document: JsonObject,
  described: DescribedOperation,
  index: number,
  withHeaders: boolean,
): string {
  const { method, path, operation } = described;
  const values = (parameters: readonly JsonObject[]): JsonObject =>
    Object.fromEntries(
      parameters.map((parameter) => [
        stringAt(parameter, "name") ?? "",
        sample(document, own(parameter, "schema")),
      ]),
    );
  const query = parametersIn(described, "query");
  const required = query.filter((parameter) => own(parameter, "required") === true);
  const params = [
    member("path", values(parametersIn(described, "path"))),
    member("query", values([...new Set([...required, ...query.slice(0, 2)])])),
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
  const members = answer === undefined || read.length > 0 ? read : ["data"];
  return `
export async function call${index}() {
  const { ${members.length > 0 ? "data, " : ""}error, response } = await client.${method.toUpperCase()}("${path}"${argument});
  if (error !== undefined) return error.status;
  return [${["response.status", ...members].join(", ")}];
}`;
}

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

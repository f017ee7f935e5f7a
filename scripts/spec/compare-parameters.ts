import { objectAt, own, pointerTo, stringAt, type JsonObject } from "../generate/json.js";
import { contentOf } from "../generate/operations.js";
import { isRequired, type OperationPair } from "./operation-pair.js";

/** The headers that the client fills in, so that callers and types never see them (generate/types-view.ts). */
const CLIENT_HEADERS = new Set([
  "authorization",
  "signature",
  "signature-input",
  "upvest-client-id",
  "upvest-api-version",
  "upvest-signature-version",
]);

export function compareParameters(pair: OperationPair): void {
  const { before, after } = pair;
  const renamed = renamedInPath(before.key, after.key);
  const seen = new Set<string>();
  for (const [key, was] of before.parameters) {
    const counterpart = renamed.get(key) ?? key;
    seen.add(counterpart);
    compareOne(was, after.parameters.get(counterpart), pair);
  }
  for (const [key, is] of after.parameters) if (!seen.has(key)) compareOne(undefined, is, pair);
}

/** Path parameters stand for each other by their place in the path. */
function renamedInPath(before: string, after: string): ReadonlyMap<string, string> {
  const now = namesIn(after);
  return new Map(namesIn(before).map((name, index) => [name, now[index] ?? name]));
}

const namesIn = (path: string): string[] =>
  [...path.matchAll(/\{([^{}]*)\}/g)].map(([, name = ""]) => `path ${name}`);

function compareOne(was: JsonObject | undefined, is: JsonObject | undefined, pair: OperationPair): void {
  const parameter = is ?? was ?? {};
  const header =
    stringAt(parameter, "in") === "header" ? stringAt(parameter, "name")?.toLowerCase() : undefined;
  if (header === "idempotency-key") compareIdempotencyKey(was, is, pair);
  else compareAny(was, is, pair, header !== undefined && CLIENT_HEADERS.has(header));
}

function compareAny(
  was: JsonObject | undefined,
  is: JsonObject | undefined,
  { after, schemas, note }: OperationPair,
  byClient: boolean,
): void {
  const pointer = parameterPointer(is ?? was ?? {});
  const kind = byClient ? "client-header" : "parameter";
  if (is === undefined) {
    note(`${kind}.removed`, { pointer });
    return;
  }
  if (was === undefined) {
    note(isRequired(is) ? `${kind}.added-required` : `${kind}.added`, { pointer });
    return;
  }
  if (isRequired(was) !== isRequired(is))
    note(isRequired(is) ? `${kind}.required` : `${kind}.optional`, { pointer });
  if (byClient) return;
  const deprecated = own(is, "deprecated") === true;
  if ((own(was, "deprecated") === true) !== deprecated) {
    note(deprecated ? "parameter.deprecated" : "parameter.undeprecated", { pointer });
  }
  const at = pointerTo(pointer, "schema");
  schemas.compare(schemaOf(was), schemaOf(is), { pointer: at, position: "request", operation: after.key });
}

const schemaOf = (parameter: JsonObject): JsonObject =>
  objectAt(parameter, "schema") ?? objectAt(contentOf(parameter)[0]?.[1], "schema") ?? {};

function compareIdempotencyKey(
  was: JsonObject | undefined,
  is: JsonObject | undefined,
  { after, schemas, note }: OperationPair,
): void {
  const pointer = "/parameters/header/idempotency-key";
  if (isRequired(was) !== isRequired(is)) {
    if (isRequired(is)) note("idempotency-key.required", { pointer });
    else note(is === undefined ? "idempotency-key.removed" : "idempotency-key.optional", { pointer });
  } else if (was === undefined) {
    note("idempotency-key.added", { pointer });
  } else if (is === undefined) {
    note("idempotency-key.removed", { pointer });
  }
  if (was === undefined || is === undefined) return;
  // The client makes the keys: of another form it would make none that is accepted.
  const at = pointerTo(pointer, "schema");
  schemas.compare(schemaOf(was), schemaOf(is), { pointer: at, position: "request", operation: after.key });
}

/** The pointer of a parameter: by place and name, because its number in the list says nothing. */
function parameterPointer(parameter: JsonObject): string {
  const place = stringAt(parameter, "in") ?? "";
  const name = stringAt(parameter, "name") ?? "";
  return pointerTo("/parameters", place, place === "header" ? name.toLowerCase() : name);
}

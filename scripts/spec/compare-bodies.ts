import { entries, objectAt, own, pointerTo, type JsonObject } from "../generate/json.js";
import { contentOf, isSuccess } from "../generate/operations.js";
import type { Position } from "../generate/positions.js";
import { isRequired, type OperationPair } from "./compare-operations.js";

export function compareRequestBody(pair: OperationPair): void {
  const { note } = pair;
  const was = pair.before.requestBody;
  const is = pair.after.requestBody;
  const pointer = "/requestBody";
  if (was === undefined || is === undefined) {
    if (is !== undefined) note(isRequired(is) ? "request-body.added-required" : "request-body.added", { pointer });
    else if (was !== undefined) note("request-body.removed", { pointer });
    return;
  }
  if (isRequired(was) !== isRequired(is)) {
    const formally = contentOf(was).every(([, media]) => !admitsNothing(media));
    if (!isRequired(is)) note("request-body.optional", { pointer });
    else note(formally ? "request-body.required-formally" : "request-body.required", { pointer });
  }
  compareContent(was, is, { pair, pointer, position: "request", kind: "request-media" });
}

/** Whether a body that is not sent, or is empty, could have been right: a schema that asks for fields never let that pass. */
function admitsNothing(media: JsonObject): boolean {
  const schema = objectAt(media, "schema");
  if (schema === undefined) return true;
  const required = own(schema, "required");
  return own(schema, "$ref") === undefined && own(schema, "type") === "object" && !Array.isArray(required);
}

export function compareResponses(pair: OperationPair): void {
  const { note } = pair;
  const { responses: were } = pair.before;
  const { responses: are } = pair.after;
  const gone = [...were.keys()].filter((status) => !are.has(status));
  const come = [...are.keys()].filter((status) => !were.has(status));
  const [was, ...othersGone] = gone.filter(isSuccess);
  const [is, ...othersCome] = come.filter(isSuccess);
  const moved = othersGone.length === 0 && othersCome.length === 0;
  if (was !== undefined && is !== undefined && moved) {
    note("status.changed", { pointer: "/responses", before: was, after: is });
    compareAnswer(was, is, pair);
  }
  for (const status of [...gone, ...come]) {
    if (isSuccess(status) && was !== undefined && is !== undefined && moved) continue;
    const kind = isSuccess(status) ? "status" : "error-status";
    if (are.has(status)) note(`${kind}.added`, { pointer: "/responses", after: status });
    else note(`${kind}.removed`, { pointer: "/responses", before: status });
  }
  for (const status of were.keys()) if (are.has(status)) compareAnswer(status, status, pair);
}

function compareAnswer(statusBefore: string, statusAfter: string, pair: OperationPair): void {
  const was = pair.before.responses.get(statusBefore) ?? {};
  const is = pair.after.responses.get(statusAfter) ?? {};
  const pointer = pointerTo("/responses", statusAfter);
  const [had, has] = [was, is].map((response) => contentOf(response).length > 0);
  if (had !== has) pair.note(has ? "answer-body.added" : "answer-body.removed", { pointer });
  else compareContent(was, is, { pair, pointer, position: "response", kind: "answer-media" });
  compareHeaders(was, is, pair, pointer);
}

interface ContentContext {
  readonly pair: OperationPair;
  readonly pointer: string;
  readonly position: Position;
  readonly kind: "request-media" | "answer-media";
}

function compareContent(was: JsonObject, is: JsonObject, { pair, pointer, position, kind }: ContentContext): void {
  const { after, schemas, note } = pair;
  const before = new Map(contentOf(was));
  for (const [media, body] of contentOf(is)) {
    const counterpart = before.get(media);
    const at = pointerTo(pointer, "content", media);
    if (counterpart === undefined) {
      note(`${kind}.added`, { pointer: at });
      continue;
    }
    before.delete(media);
    schemas.compare(objectAt(counterpart, "schema") ?? {}, objectAt(body, "schema") ?? {}, {
      pointer: pointerTo(at, "schema"),
      position,
      operation: after.key,
    });
  }
  for (const media of before.keys()) note(`${kind}.removed`, { pointer: pointerTo(pointer, "content", media) });
}

/** Header names are compared without regard to case (RFC 9110 section 5.1). */
function compareHeaders(was: JsonObject, is: JsonObject, { note }: OperationPair, pointer: string): void {
  const before = headersOf(was);
  const after = headersOf(is);
  for (const [name, header] of after) {
    const at = pointerTo(pointer, "headers", name);
    const counterpart = before.get(name);
    if (counterpart === undefined) note("answer-header.added", { pointer: at });
    else if (isRequired(counterpart) !== isRequired(header)) {
      note(isRequired(header) ? "answer-header.required" : "answer-header.optional", { pointer: at });
    }
  }
  for (const name of before.keys()) {
    if (!after.has(name)) note("answer-header.removed", { pointer: pointerTo(pointer, "headers", name) });
  }
}

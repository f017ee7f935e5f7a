import { objectAt, pointerTo, type JsonObject } from "../generate/json.js";
import { contentOf, isSuccess, sentMedia } from "../generate/operations.js";
import type { Position } from "../generate/positions.js";
import { isRequired, type OperationPair } from "./operation-pair.js";

export function compareRequestBody(pair: OperationPair): void {
  const { note } = pair;
  const was = pair.before.requestBody;
  const is = pair.after.requestBody;
  const pointer = "/requestBody";
  if (was === undefined || is === undefined) {
    if (is !== undefined)
      note(isRequired(is) ? "request-body.added-required" : "request-body.added", { pointer });
    else if (was !== undefined) note("request-body.removed", { pointer });
    return;
  }
  if (isRequired(was) !== isRequired(is)) {
    if (!isRequired(is)) note("request-body.optional", { pointer });
    else if (pair.before.worksWithoutBody) note("request-body.required", { pointer });
    else note("request-body.required-formally", { pointer });
  }
  compareContent(new Map(sentContent(was)), sentContent(is), {
    pair,
    pointer,
    position: "request",
    kind: "request-media",
  });
}

/** What the client does not send is in no types. */
function sentContent(body: JsonObject): [string, JsonObject][] {
  const content = contentOf(body);
  const sent = sentMedia(content.map(([media]) => media));
  return content.filter(([media]) => media === sent);
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
  const was = pair.before.responses.get(statusBefore);
  const is = pair.after.responses.get(statusAfter);
  if (was === undefined || is === undefined) return;
  const pointer = pointerTo("/responses", statusAfter);
  const has = is.content.size > 0;
  if (was.content.size > 0 !== has) pair.note(has ? "answer-body.added" : "answer-body.removed", { pointer });
  else
    compareContent(was.content, [...is.content], {
      pair,
      pointer,
      position: "response",
      kind: "answer-media",
    });
  compareHeaders(was.headers, is.headers, pair, pointer);
}

interface ContentContext {
  readonly pair: OperationPair;
  readonly pointer: string;
  readonly position: Position;
  readonly kind: "request-media" | "answer-media";
}

type Content = readonly (readonly [string, JsonObject])[];

function compareContent(was: ReadonlyMap<string, JsonObject>, is: Content, context: ContentContext): void {
  const { pair, pointer, position, kind } = context;
  const gone = new Set(was.keys());
  for (const [media, body] of is) {
    const counterpart = was.get(media);
    const at = pointerTo(pointer, "content", media);
    if (counterpart === undefined) {
      pair.note(`${kind}.added`, { pointer: at });
      continue;
    }
    gone.delete(media);
    pair.schemas.compare(objectAt(counterpart, "schema") ?? {}, objectAt(body, "schema") ?? {}, {
      pointer: pointerTo(at, "schema"),
      position,
      operation: pair.after.key,
    });
  }
  for (const media of gone) pair.note(`${kind}.removed`, { pointer: pointerTo(pointer, "content", media) });
}

type Headers = ReadonlyMap<string, JsonObject>;

function compareHeaders(was: Headers, is: Headers, { note }: OperationPair, pointer: string): void {
  for (const [name, header] of is) {
    const at = pointerTo(pointer, "headers", name);
    const counterpart = was.get(name);
    if (counterpart === undefined) note("answer-header.added", { pointer: at });
    else if (isRequired(counterpart) !== isRequired(header)) {
      note(isRequired(header) ? "answer-header.required" : "answer-header.optional", { pointer: at });
    }
  }
  for (const name of was.keys()) {
    if (!is.has(name)) note("answer-header.removed", { pointer: pointerTo(pointer, "headers", name) });
  }
}

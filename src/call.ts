import { operations } from "../generated/operations.js";
import type { CallFacts, CallOptions, CallResult, ParseAs } from "./call-types.js";
import { shown, UpvestConfigError, UpvestUnknownOutcomeError, type UpvestApiError } from "./errors.js";
import { requireMembers } from "./plain-object.js";
import { milliseconds, resolveRetry, type ResolvedOptions } from "./options.js";
import { answerOf, apiError, unusableAnswer } from "./pipeline/api-error.js";
import { isWrite } from "./pipeline/outcome.js";
import { textOf } from "./pipeline/collect.js";
import { prepare, type Surroundings } from "./pipeline/prepare.js";
import {
  contextOf,
  type CallParameters,
  type CallTrace,
  type Handler,
  type Operation,
  type PipelineRequest,
} from "./pipeline/request.js";
import type { ProblemCode } from "./problem.js";

/** What a call may carry, untyped: the types have done their work at compile time. */
export interface AnyInit extends CallOptions<ParseAs> {
  readonly params?: CallParameters;
  readonly body?: unknown;
}

/** Makes one call, attempts included, and tells its result. */
export type Caller = (
  method: Operation["method"],
  path: string,
  init?: AnyInit,
) => Promise<CallResult<unknown>>;

/** @throws UpvestConfigError where the description has no such operation */
export function operationAt(method: Operation["method"], path: string): Operation {
  const key = `${method} ${path}`;
  const operation = Object.hasOwn(operations, key) ? operations[key] : undefined;
  if (operation !== undefined) return operation;
  throw new UpvestConfigError(
    `the description has no ${key}. Paths are given as templates: "/accounts/{account_id}", with params: { path: { account_id } }.`,
  );
}

/** What a call may say, as its types have it. */
export const members = new Set([
  "params",
  "headers",
  "body",
  "parseAs",
  "signal",
  "timeout",
  "deadline",
  "retry",
]);
const places = new Set(["path", "query", "header"]);

export const createCaller =
  (handler: Handler, surroundings: Surroundings, options: ResolvedOptions): Caller =>
  async (method, path, init = {}) => {
    const operation = operationAt(method, path);
    requireMembers(`${operation.id}: the call`, init, members);
    const { params = {}, headers, body, parseAs = "json", signal } = init;
    requireMembers(`${operation.id}: params`, params, places);
    if (signal !== undefined && typeof signal?.addEventListener !== "function") {
      throw new UpvestConfigError(`${operation.id}: signal must be an AbortSignal; it is ${shown(signal)}`);
    }
    if (parseAs !== "json" && !Object.hasOwn(readers, parseAs)) {
      throw new UpvestConfigError(
        `parseAs must be "json" or one of ${Object.keys(readers).join(", ")}; it is ${shown(parseAs)}`,
      );
    }
    const request = prepare(operation, { params, headers, body }, surroundings, {
      signal,
      timeout: milliseconds("timeout", init.timeout) ?? options.timeout,
      deadline: milliseconds("deadline", init.deadline) ?? options.deadline,
      retry: resolveRetry(init.retry, options.retry),
      maxResponseSize: options.maxResponseSize,
      stream: parseAs === "stream",
      trace: { attempts: 0, pending: false },
    });
    try {
      return resultOf(request, await handler(request), parseAs, options);
    } catch (error) {
      // The token endpoint refused: the call was not sent, and its caller is told as of any other refusal. An error of the
      // same class may come from elsewhere, of another client in a middleware: that says nothing of this call.
      const response = error === request.trace.tokenRefusal ? answerOf(error) : undefined;
      if (response === undefined) throw error;
      return { error: error as UpvestApiError, ...factsOf(request, response) };
    }
  };

function factsOf({ trace }: PipelineRequest, response: Response): CallFacts {
  const requestId = response.headers.get("upvest-request-id");
  return {
    response,
    attempts: trace.attempts,
    ...(trace.idempotencyKey !== undefined && { idempotencyKey: trace.idempotencyKey }),
    ...(requestId !== null && { requestId }),
  };
}

function resultOf(
  call: PipelineRequest,
  response: Response,
  parseAs: ParseAs,
  { clock, maxResponseSize }: ResolvedOptions,
): CallResult<unknown> {
  const facts = factsOf(call, response);
  const tooLarge = `The answer is larger than maxResponseSize, ${maxResponseSize} bytes, and was not read to its end`;
  if (!response.ok) {
    const told = call.trace.tooLarge === true ? { detail: tooLarge } : undefined;
    return { error: apiError(call, response, clock(), told), ...facts };
  }
  const unusable = (detail: string, code?: ProblemCode): CallResult<unknown> => {
    const told = unusableAnswer(call, response, detail, code);
    // Taken for a refusal it would be booked as one, or done again under another key: the effect is there, or the
    // answer is not the API's at all.
    if (isWrite(call) && call.trace.attempts > 0) throw new UpvestUnknownOutcomeError(contextOf(call), told);
    return { error: told, ...facts };
  };
  if (call.trace.tooLarge === true) {
    const advice = 'Ask for less, take it with parseAs: "stream", or raise maxResponseSize';
    return unusable(`${tooLarge}. ${advice}`, "response_too_large");
  }
  if (parseAs !== "json") return { data: readers[parseAs](call.trace, response), ...facts };
  const text = textOf(call.trace);
  if (text === "") {
    const promised = call.operation.responseBody.includes("application/json");
    // A write that is answered so is done: later versions of the API leave out bodies that earlier ones had.
    if (promised && response.status !== 204 && !isWrite(call)) {
      return unusable("The answer says success, but has no body");
    }
    return { data: undefined, ...facts };
  }
  try {
    return { data: JSON.parse(text) as unknown, ...facts };
  } catch {
    return unusable("The answer says success, but its body is not JSON");
  }
}

/** The body in each of the other forms that a caller may ask for. */
const readers = {
  text: textOf,
  blob: ({ body }: CallTrace, { headers }: Response) =>
    new Blob(body && [body], { type: headers.get("content-type") ?? "" }),
  arrayBuffer: ({ body }: CallTrace) => body?.slice().buffer ?? new ArrayBuffer(0),
  stream: (_: CallTrace, { body, headers }: Response) =>
    headers.get("content-length") === "0" ? null : body,
} as const;

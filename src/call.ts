import { operations } from "../generated/operations.js";
import type { Binding, Bindings } from "./bindings.js";
import type { CallFacts, CallOptions, CallResult, ParseAs } from "./call-types.js";
import { UpvestConfigError, UpvestUnknownOutcomeError } from "./errors.js";
import { milliseconds, resolveRetry, type ResolvedOptions } from "./options.js";
import { expandPath } from "./path.js";
import { apiError, unusableAnswer } from "./pipeline/api-error.js";
import { isWrite } from "./pipeline/outcome.js";
import { prepare } from "./pipeline/prepare.js";
import { contextOf, type CallTrace, type Handler, type Operation } from "./pipeline/request.js";
import type { ProblemCode } from "./problem.js";

/** What a call may carry, untyped: the types have done their work at compile time. */
export interface AnyInit extends CallOptions {
  readonly params?: {
    readonly query?: Readonly<Record<string, unknown>>;
    readonly path?: Readonly<Record<string, unknown>>;
    readonly header?: Readonly<Record<string, unknown>>;
  };
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

export const createCaller =
  (bindings: Bindings, handler: Handler, options: ResolvedOptions, userAgent: string): Caller =>
  async (method, path, init = {}) => {
    const operation = operationAt(method, path);
    const { params = {}, parseAs = "json" } = init;
    const trace: CallTrace = { attempts: 0, pending: false };
    const settings = {
      signal: init.signal,
      timeout: milliseconds("timeout", init.timeout) ?? options.timeout,
      deadline: milliseconds("deadline", init.deadline) ?? options.deadline,
      retry: resolveRetry(init.retry, options.retry),
      maxResponseSize: options.maxResponseSize,
      stream: parseAs === "stream",
      trace,
    };
    const binding = await bindings.request(method, path, {
      params,
      body: init.body,
      headers: headersOf(operation, init),
      // JSON is parsed here, where a broken one can be told from a broken connection.
      parseAs: parseAs === "json" ? "text" : parseAs,
      path: expandPath(operation.id, path, params.path),
      send: async (request) => handler(await prepare(operation, request, userAgent, settings)),
    });
    return resultOf({ operation, trace }, binding, parseAs, options);
  };

function headersOf(operation: Operation, init: AnyInit): Record<string, string> {
  const headers: Record<string, string> = {};
  if (init.body !== undefined && operation.requestBody !== undefined)
    headers["content-type"] = operation.requestBody;
  for (const [name, value] of Object.entries(init.headers ?? {})) headers[name.toLowerCase()] = value;
  return headers;
}

/** What an answer without a body holds, in each of the forms that a caller may ask for. */
const nothing = {
  text: () => "",
  blob: () => new Blob(),
  arrayBuffer: () => new ArrayBuffer(0),
  stream: () => null,
} as const;

function resultOf(
  call: { readonly operation: Operation; readonly trace: CallTrace },
  { data, error, response }: Binding,
  parseAs: ParseAs,
  { clock, maxResponseSize }: ResolvedOptions,
): CallResult<unknown> {
  const requestId = response.headers.get("upvest-request-id");
  const facts: CallFacts = {
    response,
    attempts: call.trace.attempts,
    ...(call.trace.idempotencyKey !== undefined && { idempotencyKey: call.trace.idempotencyKey }),
    ...(requestId !== null && { requestId }),
  };
  const tooLarge = `The answer is larger than maxResponseSize, ${maxResponseSize} bytes, and was not read to its end`;
  if (!response.ok) {
    const told = call.trace.tooLarge === true ? { detail: tooLarge } : error;
    return { error: apiError(call, response, told, clock()), ...facts };
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
  if (parseAs !== "json") return { data: data ?? nothing[parseAs](), ...facts };
  if (typeof data !== "string" || data === "") {
    const promised = call.operation.responseBody.includes("application/json");
    // A write that is answered so is done: later versions of the API leave out bodies that earlier ones had.
    if (promised && response.status !== 204 && !isWrite(call)) {
      return unusable("The answer says success, but has no body");
    }
    return { data: undefined, ...facts };
  }
  try {
    return { data: JSON.parse(data) as unknown, ...facts };
  } catch {
    return unusable("The answer says success, but its body is not JSON");
  }
}

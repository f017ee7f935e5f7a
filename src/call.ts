import { operations } from "../generated/operations.js";
import type { Binding, Bindings } from "./bindings.js";
import type { CallFacts, CallOptions, CallResult } from "./call-types.js";
import { UpvestConfigError } from "./errors.js";
import { milliseconds, resolveRetry, type ResolvedOptions } from "./options.js";
import { expandPath } from "./path.js";
import { apiError, unusableAnswer } from "./pipeline/api-error.js";
import { prepare } from "./pipeline/prepare.js";
import type { CallTrace, Handler, Operation } from "./pipeline/request.js";

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
    return resultOf({ operation, trace }, binding, parseAs, options.clock());
  };

function headersOf(operation: Operation, init: AnyInit): Record<string, string> {
  const headers: Record<string, string> = {};
  if (init.body !== undefined && operation.requestBody !== undefined)
    headers["content-type"] = operation.requestBody;
  for (const [name, value] of Object.entries(init.headers ?? {})) headers[name.toLowerCase()] = value;
  return headers;
}

function resultOf(
  call: { readonly operation: Operation; readonly trace: CallTrace },
  { data, error, response }: Binding,
  parseAs: string,
  now: number,
): CallResult<unknown> {
  const requestId = response.headers.get("upvest-request-id");
  const facts: CallFacts = {
    response,
    attempts: call.trace.attempts,
    ...(call.trace.idempotencyKey !== undefined && { idempotencyKey: call.trace.idempotencyKey }),
    ...(requestId !== null && { requestId }),
  };
  if (!response.ok) return { error: apiError(call, response, error, now), ...facts };
  if (parseAs !== "json" || typeof data !== "string") return { data, ...facts };
  if (data === "") return { data: undefined, ...facts };
  try {
    return { data: JSON.parse(data) as unknown, ...facts };
  } catch {
    const detail = "The answer says success, but its body is not JSON";
    return { error: unusableAnswer(call, response, detail), ...facts };
  }
}

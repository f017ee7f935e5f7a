import { operationAt, type Caller } from "./call.js";
import type { CallResult } from "./call-types.js";
import type {
  AttemptDiagnostics,
  CallDiagnostics,
  Logger,
  PageDiagnostics,
  RetryDiagnostics,
  TokenDiagnostics,
} from "./diagnostics.js";
import { UpvestUnknownOutcomeError, type UpvestApiError } from "./errors.js";
import type { Layer, Operation } from "./pipeline/request.js";
import type { RetryEnvironment } from "./pipeline/retry.js";
import type { Page } from "./walk.js";

/** Tells those who watch what happens. Where nobody does, calls and attempts go straight through. */
export interface Observer {
  readonly calls: (caller: Caller) => Caller;
  readonly attempts: Layer;
  readonly retry: NonNullable<RetryEnvironment["report"]>;
  readonly token: (message: TokenDiagnostics) => void;
  readonly page: (operationId: string, offset: number, result: CallResult<Page<unknown>>) => void;
}

/** A TracingChannel; runtimes that imitate Node may not know whether somebody listens. */
interface Traced {
  readonly hasSubscribers?: boolean;
  tracePromise(task: () => Promise<void>, message: object): Promise<void>;
}

/** A result, or what was thrown in place of one. */
type Ended<R> = Partial<R> & { readonly cause?: Partial<Pick<UpvestApiError, "status" | "requestId">> };

/** Asked for by name and never imported, so that this code loads unchanged where there is no Node. */
const nodeChannels = () => globalThis.process?.getBuiltinModule?.("node:diagnostics_channel");

const nameOf = ({ id, method, path }: Operation) => ({ operationId: id, method, path });

function levelOf(message: object): keyof Logger {
  const { error, delay, event }: { error?: unknown; delay?: unknown; event?: unknown } = message;
  if (error instanceof UpvestUnknownOutcomeError) return "error";
  return error !== undefined || delay !== undefined || event === "refused" ? "warn" : "debug";
}

export function createObserver(logger: Logger | undefined): Observer {
  const node = nodeChannels();

  const log = (name: string, message: object, level = levelOf(message)): void => {
    const { error, ...fields }: { error?: unknown } = message;
    // By name and code only: an error's message may repeat what a person has entered.
    const told = error as { readonly name?: unknown; readonly code?: unknown } | undefined;
    const write = async () =>
      logger?.[level](told ? { ...fields, error: told.name, code: told.code } : fields, name);
    // A write that was done must not look undone because a log is full, whether it throws or its promise rejects.
    write().catch(() => undefined);
  };

  const channel = (name: string) => {
    const published = node?.channel(name);
    return (message: object): void => {
      published?.publish(message);
      log(name, message);
    };
  };

  const tracing = <R extends object, M extends object>(name: string) => {
    const traced: Traced | undefined = node?.tracingChannel?.(name);
    const heard = (): boolean => {
      const { hasSubscribers = traced !== undefined } = traced ?? {};
      return logger !== undefined || hasSubscribers;
    };
    const run = async (
      task: () => Promise<R>,
      /** The one object that start and end share; it comes to know its end. */
      message: M,
      /** What a result tells, or whatever was thrown. */
      end: (ended: Ended<R>) => Partial<M>,
      /** Whether a failure is nothing to be loud about. */
      calm: () => boolean,
    ): Promise<R> => {
      const began = performance.now();
      const settle = (ended: Ended<R>, thrown?: { readonly error: unknown }): void => {
        Object.assign(message, end(ended), thrown, { duration: performance.now() - began });
        log(name, message, calm() ? "debug" : undefined);
      };
      let result: R | undefined;
      // Resolves to nothing, for Node puts that on the message: the caller's data, or the response with a token in it.
      const timed = async (): Promise<void> => {
        try {
          result = await task();
          settle(result);
        } catch (error) {
          settle(Object(error) as Ended<R>, { error });
          throw error;
        }
      };
      await (traced?.tracePromise(timed, message) ?? timed());
      return result as R;
    };
    return { heard, run };
  };

  const call = tracing<CallResult<unknown>, CallDiagnostics>("upvest-client:call");
  const attempt = tracing<Response, AttemptDiagnostics>("upvest-client:attempt");
  const again: (message: RetryDiagnostics) => void = channel("upvest-client:retry");
  const page: (message: PageDiagnostics) => void = channel("upvest-client:page");

  return {
    calls: (caller) => async (method, path, init) => {
      if (!call.heard()) return caller(method, path, init);
      return call.run(
        () => caller(method, path, init),
        nameOf(operationAt(method, path)),
        // What is thrown tells the same of itself; of an unknown outcome, the last answer is the cause.
        ({ response, error, attempts, idempotencyKey, requestId, cause }) => ({
          status: response?.status ?? cause?.status,
          error,
          attempts,
          idempotencyKey,
          requestId: requestId ?? cause?.requestId,
        }),
        // A walk that is left takes the page ahead with it.
        () => method === "GET" && init?.signal?.aborted === true,
      );
    },
    attempts: (next) => (request) => {
      if (!attempt.heard()) return next(request);
      const { operation, origin, trace } = request;
      const { keyId, algorithm, created, expires } = trace.signed ?? {};
      const signed = { keyId, algorithm, created, expires };
      return attempt.run(
        () => next(request),
        { ...nameOf(operation), origin, attempt: trace.attempts + 1, ...signed },
        ({ status, headers }) => ({ status, requestId: headers?.get("upvest-request-id") ?? undefined }),
        // Whether it matters is for the retry or the call to tell.
        () => true,
      );
    },
    retry({ operation, trace }, delay, tried) {
      const why = "response" in tried ? { status: tried.response.status } : { error: tried.error };
      again({ ...nameOf(operation), attempt: trace.attempts, delay, ...why });
    },
    token: channel("upvest-client:token"),
    page(operationId, offset, { data }) {
      // What was answered need not be a page: the walk tells that.
      const { data: items, meta } = (data ?? {}) as Partial<Page<unknown>>;
      if (items && meta) page({ operationId, offset, count: items.length, total: meta.total_count });
    },
  };
}

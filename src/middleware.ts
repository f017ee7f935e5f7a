import { UpvestConfigError, UpvestError, UpvestTimeoutError, UpvestUnknownOutcomeError } from "./errors.js";
import { remade } from "./pipeline/collect.js";
import { isWrite } from "./pipeline/outcome.js";
import { prepareAgain } from "./pipeline/prepare.js";
import { contextOf, type CallParameters, type Layer, type PipelineRequest } from "./pipeline/request.js";
import { timeLimit, waitFor } from "./pipeline/time-limit.js";

/** What middleware is told of a call. */
export interface MiddlewareCall {
  /** Not yet signed: what a middleware changes here is covered by the signature. */
  readonly request: Request;
  /** The path template. */
  readonly schemaPath: string;
  readonly params: CallParameters;
  /** The same for all hooks of one call. */
  readonly id: string;
}

type Awaitable<T> = T | Promise<T>;

/**
 * Runs once per call, outside of retry, token and signature. `onRequest` may return another Request, or a Response that
 * ends the call unsent; `onResponse` another Response; `onError` a Response or another Error. The first one added is the
 * first to see a request and the last to see its answer.
 *
 * What a hook throws, the call rejects with; where a write was done or is in doubt, as the `cause` of an
 * UpvestUnknownOutcomeError, so that its key is not lost. The call's `signal` and `deadline` end the wait for a hook.
 */
export interface Middleware {
  /** Before anything is sent. A Request goes in the place of the caller's, whose idempotency key stays; a Response ends the call unsent. */
  onRequest?(call: MiddlewareCall): Awaitable<Request | Response | undefined | void>;
  /** After the answer. A Response goes in its place. */
  onResponse?(call: MiddlewareCall & { readonly response: Response }): Awaitable<Response | undefined | void>;
  /** When the call ends in an error. A Response goes in its place, an Error is thrown in its place. */
  onError?(
    call: MiddlewareCall & { readonly error: unknown },
  ): Awaitable<Response | Error | undefined | void>;
}

export interface MiddlewareChain {
  readonly use: (...middleware: Middleware[]) => void;
  readonly eject: (...middleware: Middleware[]) => void;
  /** Costs nothing while there is no middleware. */
  readonly layer: Layer;
}

/** @param common headers of every request, for those that middleware takes away */
export function createMiddleware(common: Readonly<Record<string, string>>): MiddlewareChain {
  let chain: readonly Middleware[] = [];
  return {
    use(...middleware) {
      for (const one of middleware) {
        if (
          typeof one !== "object" ||
          one === null ||
          !("onRequest" in one || "onResponse" in one || "onError" in one)
        ) {
          throw new UpvestConfigError("a middleware is an object with onRequest, onResponse or onError");
        }
      }
      chain = [...chain, ...middleware];
    },
    eject(...middleware) {
      chain = chain.filter((one) => !middleware.includes(one));
    },
    layer: (next) => async (request) =>
      chain.length === 0
        ? next(request)
        : run(chain, request, async (told) => next(await prepareAgain(request, told, common))),
  };
}

async function run(
  chain: readonly Middleware[],
  request: PipelineRequest,
  send: (request: Request) => Promise<Response>,
): Promise<Response> {
  const { operation, params, trace, stream, deadline } = request;
  const call = { request: requestOf(request), schemaPath: operation.path, params, id: crypto.randomUUID() };
  const backwards = chain.toReversed();
  /** The write was done, or is in doubt. */
  let open = false;
  const began = performance.now();
  const limit = timeLimit(
    request.signal,
    deadline,
    () => new UpvestTimeoutError(contextOf(request), { limit: "deadline", milliseconds: deadline ?? 0 }),
  );

  /** What a hook gives, if it is of these kinds; a hook that fails must not hide that a write was sent. */
  const ask = async <T extends object>(
    hook: () => Awaitable<T | null | undefined | void>,
    name: keyof Middleware,
    ...kinds: readonly { readonly name: string; new (...given: never[]): T }[]
  ): Promise<T | undefined> => {
    try {
      const given = (await waitFor((async () => hook())(), limit.signal)) ?? undefined;
      if (given === undefined || kinds.some((kind) => given instanceof kind)) return given;
      const wanted = kinds.map((kind) => kind.name).join(" or ");
      const message = `a middleware's ${name} must return a ${wanted}, or nothing`;
      throw trace.attempts === 0 ? new UpvestConfigError(message) : new UpvestError(message);
    } catch (error) {
      // The caller's own abort comes back as it was given, here as everywhere.
      throw open && request.signal?.aborted !== true
        ? new UpvestUnknownOutcomeError(contextOf(request), error)
        : error;
    }
  };

  /** The answer as hooks leave it; what they made of its body is the body of the call. */
  const finish = async (response: Response): Promise<Response> => {
    if (!stream || !response.ok) trace.body = new Uint8Array(await response.arrayBuffer());
    return response;
  };

  async function answer(): Promise<Response> {
    trace.elapsed = performance.now() - began;
    let response: Response;
    try {
      response = await send(call.request);
    } catch (thrown) {
      open = thrown instanceof UpvestUnknownOutcomeError;
      let error: unknown = thrown;
      for (const one of backwards) {
        const changed = await ask(() => one.onError?.({ ...call, error }), "onError", Response, Error);
        if (changed instanceof Response) return changed;
        if (changed !== undefined) error = changed;
      }
      throw error;
    }
    open = isWrite(request) && response.ok;
    return stream && response.ok ? response : remade(response, trace.body ?? null);
  }

  try {
    for (const one of chain) {
      const changed = await ask(() => one.onRequest?.(call), "onRequest", Request, Response);
      if (changed instanceof Response) return await finish(changed);
      if (changed !== undefined) call.request = changed;
    }
    const sent = await answer();
    let response = sent;
    for (const one of backwards) {
      const told = response;
      response =
        (await ask(() => one.onResponse?.({ ...call, response: told }), "onResponse", Response)) ?? response;
    }
    // A hook that has read the answer without a clone of it has changed nothing.
    if (response === sent && response.bodyUsed) return response;
    return (await ask(() => finish(response), "onResponse", Response)) ?? response;
  } finally {
    limit.end();
  }
}

const requestOf = ({ operation, origin, path, query, headers, body }: PipelineRequest): Request =>
  new Request(`${origin}${path}${query}`, {
    method: operation.method,
    headers,
    redirect: "manual",
    ...(body && { body }),
  });

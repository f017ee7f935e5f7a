import { UpvestConfigError } from "./errors.js";
import { remade } from "./pipeline/collect.js";
import { prepareAgain } from "./pipeline/prepare.js";
import type { CallParameters, Layer, PipelineRequest } from "./pipeline/request.js";

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
 */
export interface Middleware {
  /** Before anything is sent. A Request goes in the place of the caller's; a Response ends the call unsent. */
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
        if (typeof one !== "object" || !("onRequest" in one || "onResponse" in one || "onError" in one)) {
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
  const { operation, params, trace, stream } = request;
  const call = { request: requestOf(request), schemaPath: operation.path, params, id: crypto.randomUUID() };
  const backwards = chain.toReversed();

  /** The answer as hooks leave it; what they made of its body is the body of the call. */
  const finish = async (response: Response): Promise<Response> => {
    if (!stream || !response.ok) trace.body = new Uint8Array(await response.arrayBuffer());
    return response;
  };

  for (const one of chain) {
    const changed = await one.onRequest?.(call);
    if (changed instanceof Response) return finish(changed);
    if (changed instanceof Request) call.request = changed;
    else if (changed !== undefined) throw wrong("onRequest", "a Request or a Response");
  }
  let response: Response;
  try {
    response = await send(call.request);
    if (!stream || !response.ok) response = remade(response, trace.body ?? null);
  } catch (error) {
    response = await recover(backwards, call, error);
  }
  for (const one of backwards) {
    const changed = await one.onResponse?.({ ...call, response });
    if (changed instanceof Response) response = changed;
    else if (changed !== undefined) throw wrong("onResponse", "a Response");
  }
  return finish(response);
}

async function recover(
  backwards: readonly Middleware[],
  call: MiddlewareCall,
  thrown: unknown,
): Promise<Response> {
  let error = thrown;
  for (const one of backwards) {
    const changed = await one.onError?.({ ...call, error });
    if (changed instanceof Response) return changed;
    if (changed instanceof Error) error = changed;
    else if (changed !== undefined) throw wrong("onError", "a Response or an Error");
  }
  throw error;
}

const requestOf = ({ operation, origin, path, query, headers, body }: PipelineRequest): Request =>
  new Request(`${origin}${path}${query}`, {
    method: operation.method,
    headers,
    redirect: "manual",
    ...(body && { body }),
  });

const wrong = (hook: string, wanted: string): UpvestConfigError =>
  new UpvestConfigError(`a middleware's ${hook} must return ${wanted}, or nothing`);

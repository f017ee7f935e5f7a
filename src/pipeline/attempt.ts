import { UpvestConnectionError, UpvestTimeoutError } from "../errors.js";
import { collect, discard, passOn } from "./collect.js";
import { contextOf, type Handler, type PipelineRequest } from "./request.js";
import { timeLimit } from "./time-limit.js";
import { exchangeFailure } from "./transport.js";

/** How one attempt ended. */
export type Tried =
  | { readonly response: Response }
  | {
      readonly error: unknown;
      /** The request may have reached the API, and how it fared there is unknown. */
      readonly mayHaveArrived: boolean;
      /** Another attempt may fare better: the connection or the time failed, nothing else. */
      readonly passing: boolean;
    };

/**
 * One attempt under its own time limit, body included.
 *
 * @param keep false: the answer will be followed by another attempt, so its body is cancelled unread
 */
export async function tryOnce(
  next: Handler,
  request: PipelineRequest,
  keep: (response: Response) => boolean,
): Promise<Tried> {
  const { trace, timeout } = request;
  const limit = timeLimit(
    request.signal,
    timeout,
    () => new UpvestTimeoutError(contextOf(request), { limit: "timeout", milliseconds: timeout }),
  );
  const within = { ...request, signal: limit.signal };
  trace.pending = false;
  let streaming = false;
  try {
    const response = await next(within);
    if (!keep(response)) {
      await discard(response);
      return { response };
    }
    streaming = request.stream && response.ok;
    if (!streaming) return { response: await collect(within, response, limit) };
    return { response: passOn(response, limit.end, (error) => exchangeFailure(within, error), limit.beside) };
  } catch (error) {
    const lost = error instanceof UpvestConnectionError && error.operationId === request.operation.id;
    const late = error === limit.signal.reason && request.signal?.aborted !== true;
    return {
      error,
      mayHaveArrived: trace.pending && !(lost && !error.mayHaveArrived),
      passing: lost || late,
    };
  } finally {
    if (!streaming) limit.end();
  }
}

import { UpvestTimeoutError, UpvestUnknownOutcomeError } from "../errors.js";
import { apiError } from "./api-error.js";
import { tryOnce, type Tried } from "./attempt.js";
import { backoff } from "./backoff.js";
import { passOn } from "./collect.js";
import { isPassing, isRepeatable, isWrite, leavesDoubt, settles } from "./outcome.js";
import { contextOf, type Handler, type Layer, type PipelineRequest, type RetryOptions } from "./request.js";
import { retryAfter } from "./retry-after.js";
import { sleep, timeLimit } from "./time-limit.js";

export const defaultRetry: RetryOptions = {
  maxAttempts: 4,
  baseDelay: 500,
  maxDelay: 8_000,
  maxRetryAfter: 60_000,
};

/** What the layer takes from outside, so that its timing can be tested as a table. */
export interface RetryEnvironment {
  /** ms */
  readonly clock: () => number;
  /** Between 0 (included) and 1 (not included). */
  readonly random?: () => number;
  readonly wait?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  /** Told before each wait. */
  readonly report?: (request: PipelineRequest, delay: number, tried: Tried) => void;
}

/**
 * Makes the attempts of a call. 429 is always tried again; 502, 503, 504, a lost connection and an attempt that took
 * too long only where a repeat can do no harm. A write that may have taken effect, and whose last answer does not
 * settle it, ends in an {@link UpvestUnknownOutcomeError}. An abort by the caller ends everything with its own reason.
 */
export const retry =
  (environment: RetryEnvironment): Layer =>
  (next) =>
  async (request) => {
    const { deadline } = request;
    const expired = (): Error =>
      new UpvestTimeoutError(contextOf(request), { limit: "deadline", milliseconds: deadline ?? 0 });
    // Without a deadline the caller's own signal will do: a second one costs as much as a tenth of the signature.
    const call =
      deadline === undefined
        ? { signal: request.signal, end: () => undefined }
        : timeLimit(request.signal, Math.max(0, deadline - (request.trace.elapsed ?? 0)), expired);
    let streaming = false;
    try {
      const response = await untilSettled(next, { ...request, signal: call.signal }, environment);
      streaming = request.stream && response.ok;
      return streaming ? passOn(response, call.end) : response;
    } catch (error) {
      // The caller's own abort is told apart from every failure of ours: it comes back as it was given.
      if (request.signal?.aborted === true) throw request.signal.reason;
      throw error;
    } finally {
      if (!streaming) call.end();
    }
  };

async function untilSettled(
  next: Handler,
  request: PipelineRequest,
  { clock, random = Math.random, wait = sleep, report }: RetryEnvironment,
): Promise<Response> {
  const { retry: options, signal } = request;
  let inDoubt = false;
  const conclude = (error: unknown): unknown =>
    inDoubt ? new UpvestUnknownOutcomeError(contextOf(request), error) : error;

  for (let attempt = 1; ; attempt += 1) {
    const another = attempt < options.maxAttempts;
    let delay: number | undefined;
    const tried = await tryOnce(next, request, ({ status, headers }) => {
      if (another && isPassing(status) && (status === 429 || isRepeatable(request))) {
        // Upvest counts by the second and names no time: the lower half of the jitter could spend all attempts within it.
        const share = status === 429 ? (1 + random()) / 2 : random();
        delay = retryAfter(headers, clock()) ?? backoff(attempt, options, share);
        // Sleeping less than the server asks would hammer it; sleeping longer than the caller allows would stall him.
        if (delay > options.maxRetryAfter) delay = undefined;
      }
      return delay === undefined;
    });
    if ("response" in tried) {
      const { response } = tried;
      if (isWrite(request) && leavesDoubt(response.status)) inDoubt = true;
      if (delay === undefined) {
        if (!inDoubt || settles(response.status)) return response;
        throw conclude(apiError(request, response, clock()));
      }
    } else {
      if (isWrite(request) && tried.mayHaveArrived) inDoubt = true;
      const harmless = isRepeatable(request) || !tried.mayHaveArrived;
      if (!another || !tried.passing || !harmless) throw conclude(tried.error);
      delay = backoff(attempt, options, random());
    }
    report?.(request, delay, tried);
    await wait(delay, signal).catch((error: unknown) => {
      throw conclude(error);
    });
  }
}

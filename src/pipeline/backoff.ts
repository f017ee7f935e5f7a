import type { RetryOptions } from "./request.js";

/**
 * Exponential back-off with full jitter: anything between nothing and the ceiling, so that callers who failed together
 * do not come back together. After 429 the caller takes the upper half of it alone.
 *
 * @param attempt attempts made so far, 1 or more
 * @param share of the ceiling, between 0 (included) and 1 (not included)
 * @returns ms
 */
export function backoff(attempt: number, options: RetryOptions, share: number): number {
  // The exponent is bounded, because 0 ms times infinity is no number.
  return share * Math.min(options.maxDelay, options.baseDelay * 2 ** Math.min(attempt - 1, 50));
}

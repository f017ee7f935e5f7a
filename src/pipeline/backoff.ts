import type { RetryOptions } from "./request.js";

/**
 * Exponential back-off with full jitter: anything between nothing and the ceiling, so that callers who failed together
 * do not come back together.
 *
 * @param attempt attempts made so far, 1 or more
 * @param random between 0 (included) and 1 (not included)
 * @returns ms
 */
export function backoff(attempt: number, options: RetryOptions, random: number): number {
  // The exponent is bounded, because 0 ms times infinity is no number.
  return random * Math.min(options.maxDelay, options.baseDelay * 2 ** Math.min(attempt - 1, 50));
}

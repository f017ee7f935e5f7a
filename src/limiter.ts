import { shown, UpvestConfigError, UpvestError } from "./errors.js";
import { follow } from "./pipeline/abort.js";
import type { Limiter } from "./pipeline/limiter.js";
import { requireMembers } from "./plain-object.js";

/** What {@link createLimiter} is told. */
export interface LimiterOptions {
  /** What the server admits, a whole number. Upvest's sandbox: 300 per client id (Upvest docs, "Environments"). */
  readonly requestsPerSecond: number;
  /** How many may go at once after a pause. Default: a twentieth of `requestsPerSecond`, at least 1. */
  readonly burst?: number;
  /** How many may wait; one more is refused at once. Default: ten seconds' worth, 10 times `requestsPerSecond`. */
  readonly maxQueue?: number;
  /** ms, from any origin. Default `performance.now`, which unlike `Date.now` is never set forward or back. */
  readonly clock?: () => number;
}

/**
 * ms in which no more than `requestsPerSecond` are sent: a second, and how much longer one request may be under way
 * than another before a server that counts arrivals sees more than that in a second of its own. Costs 2% of the rate.
 */
const WINDOW = 1_020;

/**
 * How much of the window the even pace takes. The rest lets attempts that a busy process sent late be followed a little
 * faster, where each delay would otherwise be handed on for good.
 */
const PACED = 0.9;

/**
 * A rate budget for one process: attempts go out in order of arrival, evenly spaced, so that no second of a server's
 * sliding window sees more than `requestsPerSecond`. Give the same limiter to all clients that share a client id.
 *
 * `acquire` rejects with an UpvestError when `maxQueue` attempts wait already, and with the signal's reason when it
 * aborts: then the place in the queue is given up and nothing of the budget is used.
 *
 * @throws UpvestConfigError naming the option, what it should be and what it is
 */
export function createLimiter(options: LimiterOptions): Limiter {
  requireMembers(
    "the options object of createLimiter",
    options,
    new Set(["requestsPerSecond", "burst", "maxQueue", "clock"]),
  );
  const { requestsPerSecond: rate, clock = () => performance.now() } = options;
  whole("requestsPerSecond", rate, 1, 1_000_000);
  const burst = whole("burst", options.burst ?? Math.ceil(rate / 20), 1, rate);
  const maxQueue = whole("maxQueue", options.maxQueue ?? 10 * rate, 0, 10_000_000);
  const spacing = (PACED * WINDOW) / rate;

  /** When the last `rate` attempts were admitted, overwritten in turn: `next` is at the oldest. */
  const admitted = new Float64Array(rate).fill(Number.NEGATIVE_INFINITY);
  let next = 0;
  /** How many of the last were admitted in this turn of the event loop, and are not on the wire yet. */
  let fresh = 0;
  /** When the pace let the last one go, which may be earlier than it went: it may wait for the window, timers are late. */
  let paced = Number.NEGATIVE_INFINITY;
  /** In order of arrival; each lets its attempt go. */
  const waiting = new Set<() => void>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** @returns 0 when an attempt was admitted, else how many ms until one can be */
  function admit(): number {
    const now = clock();
    const pace = Math.max(paced + spacing, now - (burst - 1) * spacing);
    const due = Math.max(pace, (admitted[next] ?? 0) + WINDOW);
    if (due <= now) {
      admitted[next] = now;
      next = (next + 1) % rate;
      paced = pace;
      if (fresh === 0) setTimeout(stamp, 0);
      fresh = Math.min(fresh + 1, rate);
      return 0;
    }
    if (due - now <= WINDOW) return due - now;
    // The clock was set back. As if all had been sent just now: that waits too long rather than too short.
    admitted.fill(now);
    paced = now;
    return WINDOW;
  }

  /**
   * An attempt counts from the turn after the one that admitted it: where a thousand callers start at once, the event
   * loop is theirs for a while, and nothing is sent before it turns.
   */
  function stamp(): void {
    const now = clock();
    for (; fresh > 0; fresh -= 1) admitted[(next - fresh + rate) % rate] = now;
  }

  function serve(): void {
    timer = undefined;
    for (const go of waiting) {
      const delay = admit();
      if (delay > 0) {
        timer = setTimeout(serve, Math.ceil(delay));
        return;
      }
      waiting.delete(go);
      go();
    }
  }

  function leave(go: () => void): void {
    waiting.delete(go);
    if (waiting.size > 0) return;
    clearTimeout(timer);
    timer = undefined;
  }

  return {
    async acquire({ operationId, signal }) {
      signal?.throwIfAborted();
      if (waiting.size === 0 && admit() === 0) return;
      if (waiting.size >= maxQueue) {
        throw new UpvestError(
          `${operationId} was not sent: the limiter admits ${rate} requests a second and its queue is full (maxQueue ${maxQueue}). Make fewer calls at once, call again later, or raise maxQueue.`,
        );
      }
      await new Promise<void>((resolve, reject) => {
        const go = (): void => {
          unfollow?.();
          resolve();
        };
        waiting.add(go);
        const unfollow =
          signal &&
          follow(signal, () => {
            leave(go);
            reject(signal.reason);
          });
        if (timer === undefined) serve();
      });
    },
  };
}

function whole(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UpvestConfigError(
    `limiter: ${name} must be a whole number from ${least} to ${most}; it is ${shown(value)}`,
  );
}

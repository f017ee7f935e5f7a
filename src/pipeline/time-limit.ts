import { follow } from "./abort.js";

/** A signal that follows a parent and a clock; `end` takes the listener and the timer away again. */
export interface TimeLimit {
  readonly signal: AbortSignal;
  readonly abort: (reason: unknown) => void;
  readonly end: () => void;
  /**
   * Waits for a promise, or rejects with the signal's reason: one promise at a time. It costs no listener on the signal, which
   * would be a tenth of a call.
   */
  readonly beside: <T>(promise: Promise<T>) => Promise<T>;
}

/** setTimeout's ceiling: a longer delay would fire at once. */
const MAX_DELAY = 2 ** 31 - 1;

/**
 * Not `AbortSignal.any` and `AbortSignal.timeout`: on Node those keep listeners on a long-lived parent until a garbage
 * collection (nodejs/node#54614).
 *
 * @param ms undefined: no limit of its own
 * @param expired makes the reason the signal aborts with
 */
export function timeLimit(
  parent: AbortSignal | undefined,
  ms: number | undefined,
  expired?: () => Error,
): TimeLimit {
  const controller = new AbortController();
  const { signal } = controller;
  let refuse: ((reason: unknown) => void) | undefined;
  const abort = (reason: unknown): void => {
    controller.abort(reason);
    refuse?.(signal.reason);
  };
  const timer = ms === undefined || ms > MAX_DELAY ? undefined : setTimeout(() => abort(expired?.()), ms);
  const unfollow = parent && follow(parent, () => abort(parent.reason));
  return {
    signal,
    abort,
    beside: (promise) =>
      new Promise((resolve, reject) => {
        refuse = reject;
        if (signal.aborted) reject(signal.reason as Error);
        promise.then(resolve, reject);
      }),
    end() {
      clearTimeout(timer);
      unfollow?.();
    },
  };
}

/** Waits `ms`, or rejects with the signal's reason as soon as it aborts. */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const slept = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(ms, MAX_DELAY));
  });
  return waitFor(slept, signal).finally(() => clearTimeout(timer));
}

/** Waits for a promise that others may share, or rejects with the signal's reason; the promise itself goes on. */
export function waitFor<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const unfollow = follow(signal, () => reject(signal.reason));
    promise.then(resolve, reject).finally(unfollow).catch(reject);
  });
}

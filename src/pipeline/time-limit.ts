/** A signal that follows a parent and a clock; `end` takes the listener and the timer away again. */
export interface TimeLimit {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  end(): void;
}

/** setTimeout's ceiling: a longer delay would fire at once. */
const MAX_DELAY = 2 ** 31 - 1;

/**
 * Not `AbortSignal.any` and `AbortSignal.timeout`: on Node those keep listeners on a long-lived parent until a garbage
 * collection (nodejs/node#54614), and a server makes thousands of calls on one signal.
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
  const follow = (): void => controller.abort(parent?.reason);
  if (parent?.aborted === true) follow();
  else parent?.addEventListener("abort", follow, { once: true });
  const timer =
    ms === undefined || ms > MAX_DELAY ? undefined : setTimeout(() => controller.abort(expired?.()), ms);
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    end() {
      clearTimeout(timer);
      parent?.removeEventListener("abort", follow);
    },
  };
}

/** Waits `ms`, or rejects with the signal's reason as soon as it aborts. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}

/** Waits for a promise that others share, or rejects with the signal's reason; the promise itself goes on. */
export function waitFor<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

import type { Layer } from "./request.js";
import { waitFor } from "./time-limit.js";

/** Decides when an attempt may go out: a rate budget of one process, or one that a fleet shares. */
export interface Limiter {
  /**
   * Resolves when the attempt may be sent; rejects when it may not, or with the signal's reason when it aborts.
   */
  acquire(attempt: {
    readonly operationId: string;
    readonly signal?: AbortSignal | undefined;
  }): Promise<void>;
}

export const limit =
  (limiter: Limiter): Layer =>
  (next) =>
  async (request) => {
    const { operation, signal } = request;
    // The caller's own limiter may know no signals.
    await waitFor(Promise.resolve(limiter.acquire({ operationId: operation.id, signal })), signal);
    return next(request);
  };

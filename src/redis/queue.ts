import { follow } from "../pipeline/abort.js";
import type { Limiter } from "../pipeline/limiter.js";

/** What a budget answers when it is asked for one attempt. Times in ms from now. */
export type Grant = { readonly goIn: number } | { readonly askAgainIn: number };

export interface QueueOptions {
  /** Asks the budget. A rejection fails everyone who waits. */
  readonly ask: () => Promise<Grant>;
  readonly maxQueue: number;
  /** Makes the error for an attempt that finds the queue full. */
  readonly full: (operationId: string) => Error;
}

/** Questions under way at once: enough to use up the budget over a slow network, too few to flood it. */
const ASKING = 8;

interface Waiter {
  readonly go: () => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Lets attempts go in order of arrival, as a budget that is asked over the network admits them. What is granted belongs
 * to whoever is first then: an attempt that leaves uses up nothing.
 */
export function createQueue({ ask, maxQueue, full }: QueueOptions): Limiter {
  const waiting = new Set<Waiter>();
  let asking = 0;
  /** Granted, and not yet due. */
  let promised = 0;
  let pause: ReturnType<typeof setTimeout> | undefined;

  function release(): void {
    promised -= 1;
    const [first] = waiting;
    first?.go();
  }

  function take(grant: Grant): void {
    if ("goIn" in grant) {
      promised += 1;
      if (grant.goIn > 0) setTimeout(release, grant.goIn);
      else release();
    } else if (pause === undefined && waiting.size > 0) {
      pause = setTimeout(() => {
        pause = undefined;
        pump();
      }, grant.askAgainIn);
    }
  }

  const mayAsk = (): boolean => pause === undefined && asking < ASKING && asking + promised < waiting.size;

  function pump(): void {
    while (mayAsk()) {
      asking += 1;
      ask()
        .then(take, (error: unknown) => {
          for (const { fail } of waiting) fail(error);
        })
        .finally(() => {
          asking -= 1;
          pump();
        });
    }
  }

  return {
    acquire: async ({ operationId, signal }) => {
      signal?.throwIfAborted();
      if (waiting.size >= maxQueue) throw full(operationId);
      await new Promise<void>((resolve, reject) => {
        const leave = (): void => {
          waiting.delete(waiter);
          unfollow?.();
          if (waiting.size > 0) return;
          clearTimeout(pause);
          pause = undefined;
        };
        const waiter: Waiter = {
          go: () => {
            leave();
            resolve();
          },
          fail: (error) => {
            leave();
            reject(error);
          },
        };
        waiting.add(waiter);
        const unfollow = signal && follow(signal, () => waiter.fail(signal.reason));
        pump();
      });
    },
  };
}

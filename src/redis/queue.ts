import { follow } from "../pipeline/abort.js";
import type { Limiter } from "../pipeline/limiter.js";

/** What a budget answers when it is asked for attempts: when each of those that it admits may go. Times in ms from now. */
export type Grant = { readonly goIn: readonly number[] } | { readonly askAgainIn: number };

export interface QueueOptions {
  /** Asks the budget for so many attempts at most. A rejection fails everyone who waits. */
  readonly ask: (most: number) => Promise<Grant>;
  /** How to ask. Default: for one attempt at a time, as soon as one waits. */
  readonly pace?: () => Pace;
  readonly maxQueue: number;
  /** Makes the error for an attempt that finds the queue full. */
  readonly full: (operationId: string) => Error;
}

export interface Pace {
  /** How many attempts one question asks for, where so many wait. */
  readonly most: number;
  /** ms from one question to the next; less than 1 is nothing. */
  readonly apart: number;
}

/** Questions under way at once: few enough not to flood a slow network. */
export const ASKING = 8;

interface Waiter {
  readonly go: () => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Lets attempts go in order of arrival, as a budget that is asked over the network admits them. What is granted belongs
 * to whoever is first then, so one that leaves uses up nothing as long as another waits.
 */
export function createQueue({
  ask,
  pace = () => ({ most: 1, apart: 0 }),
  maxQueue,
  full,
}: QueueOptions): Limiter {
  const waiting = new Set<Waiter>();
  let questions = 0;
  /** Attempts that they ask for. */
  let asking = 0;
  /** Granted, and not yet due. */
  let promised = 0;
  /** Told to ask again later. */
  let pause: ReturnType<typeof setTimeout> | undefined;
  /** Asked a moment ago. */
  let pacer: ReturnType<typeof setTimeout> | undefined;

  function release(): void {
    promised -= 1;
    const [first] = waiting;
    first?.go();
  }

  function take(grant: Grant): void {
    if ("goIn" in grant) {
      promised += grant.goIn.length;
      for (const ms of grant.goIn) {
        if (ms > 0) setTimeout(release, ms);
        else release();
      }
    } else if (pause === undefined && waiting.size > 0) {
      pause = setTimeout(() => {
        pause = undefined;
        pump();
      }, grant.askAgainIn);
    }
  }

  const mayAsk = (): boolean =>
    pause === undefined && pacer === undefined && questions < ASKING && asking + promised < waiting.size;

  function pump(): void {
    while (mayAsk()) {
      const { apart, ...wanted } = pace();
      const most = Math.min(wanted.most, waiting.size - asking - promised);
      if (apart >= 1) {
        pacer = setTimeout(() => {
          pacer = undefined;
          pump();
        }, apart);
      }
      questions += 1;
      asking += most;
      ask(most)
        .then(take, (error: unknown) => {
          for (const { fail } of waiting) fail(error);
        })
        .finally(() => {
          questions -= 1;
          asking -= most;
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
          clearTimeout(pacer);
          pause = pacer = undefined;
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

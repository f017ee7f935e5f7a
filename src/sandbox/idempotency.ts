import type { Answer } from "./problems.js";

/** Upvest docs, Idempotency: a key is remembered for at least this long (ms). */
const REMEMBERED = 24 * 60 * 60 * 1000;

export type Repeatable =
  | { readonly state: "new" | "replayed"; readonly answer: Answer }
  | { readonly state: "mismatch" };

/**
 * Runs an effect once per key and repeats its first successful answer, byte for byte, for 24 hours.
 *
 * Two things are this sandbox's own choice, since what the API does is not documented: a key that comes again with
 * another request (`print` differs) is a mismatch, and one that comes while the first is still at work waits for it.
 * An answer that is not a success is not kept: the next request with the key is new.
 */
export interface Idempotency {
  readonly run: (key: string, print: string, effect: () => Promise<Answer>) => Promise<Repeatable>;
}

export function createIdempotency(clock: () => number): Idempotency {
  const kept = new Map<string, { readonly print: string; readonly answer: Answer; readonly until: number }>();
  const atWork = new Map<string, Promise<unknown>>();

  const forgetOld = (): void => {
    // Kept in the order of their end, as all are kept equally long.
    for (const [key, { until }] of kept) {
      if (until > clock()) return;
      kept.delete(key);
    }
  };

  const perform = async (key: string, print: string, effect: () => Promise<Answer>): Promise<Answer> => {
    try {
      const answer = await effect();
      if (answer.status >= 200 && answer.status < 300)
        kept.set(key, { print, answer, until: clock() + REMEMBERED });
      return answer;
    } finally {
      atWork.delete(key);
    }
  };

  return {
    run: async (key, print, effect) => {
      for (;;) {
        forgetOld();
        const earlier = kept.get(key);
        if (earlier !== undefined) {
          return earlier.print === print
            ? { state: "replayed", answer: earlier.answer }
            : { state: "mismatch" };
        }
        const other = atWork.get(key);
        if (other === undefined) break;
        await other.catch(() => undefined);
      }
      const work = perform(key, print, effect);
      atWork.set(key, work);
      return { state: "new", answer: await work };
    },
  };
}

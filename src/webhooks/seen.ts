import { UpvestConfigError, UpvestError } from "../base-errors.js";

/**
 * Remembers what was dealt with: events under `event:WEBHOOK_ID:ID` (an event goes to each subscription under the same id),
 * nonces under keys that start with `nonce:`. Share one between processes (Redis, a table) to have each event of a
 * subscription handled once by all of them together. Other subscriptions may share it too. For a batch handler it is asked
 * for all events of a delivery at once: a few thousand, at most. What it does not answer within 5 s counts as failed.
 */
export interface SeenStore {
  /**
   * What was set; `undefined` or `null` when nothing was or its time is over. Whatever else it gives (`false`, a row) counts
   * as nothing: no event is lost for it, but none is known again either.
   */
  get(id: string): Promise<string | null | undefined>;
  /** `ttl`: ms. */
  set(id: string, value: string, ttl: number): Promise<void>;
}

/** ms for an answer of a store. A delivery waits meanwhile, and its sender does not wait for ever. */
const patience = 5_000;

/** ms for the work of another delivery on the same event. Longer than handlers should take. */
const longest = 30_000;

/**
 * The store, with a limit to each answer. One that never came would leave its event locked, and hold up all that is
 * delivered behind it, until the process ends.
 */
export const inTime = (store: SeenStore): SeenStore => ({
  get: (id) => within(patience, () => store.get(id), "get of seen took longer than"),
  set: (id, value, ttl) => within(patience, () => store.set(id, value, ttl), "set of seen took longer than"),
});

async function within<T>(ms: number, ask: () => Promise<T>, otherwise: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new UpvestError(`${otherwise} ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([ask(), late]);
  } finally {
    clearTimeout(timer);
  }
}

interface Entry {
  readonly value: string;
  readonly until: number;
}

/**
 * A store in the memory of this process: gone when it ends, and not seen by its siblings.
 *
 * @param options `max`: how many entries are kept, 10,000 by default; beyond it the oldest go. `clock`: ms, for tests.
 */
export function memorySeenStore({
  max = 10_000,
  clock = Date.now,
}: { readonly max?: number; readonly clock?: () => number } = {}): SeenStore {
  if (!Number.isInteger(max) || max < 1) {
    throw new UpvestConfigError(`max must be a whole number, 1 or more; it is ${String(max)}`);
  }
  const entries = new Map<string, Entry>();
  // One iterator for good: a new one steps over all that was deleted since the map was last laid out anew.
  let queue = entries.entries();
  let oldest: IteratorResult<[string, Entry]> = { done: true, value: undefined };
  return {
    async get(id) {
      const entry = entries.get(id);
      return entry && entry.until > clock() ? entry.value : undefined;
    },
    async set(id, value, ttl) {
      const now = clock();
      // Set anew, an entry counts as the youngest.
      entries.delete(id);
      entries.set(id, { value, until: now + ttl });
      // Entries of one kind live equally long, so the oldest are the first to be over.
      while (entries.size > 0) {
        if (oldest.done) {
          queue = entries.entries();
          oldest = queue.next();
        } else {
          const [key, entry] = oldest.value;
          // An entry that was set anew has another place in the queue by now.
          if (entries.get(key) === entry) {
            if (entries.size <= max && entry.until > now) break;
            entries.delete(key);
          }
          oldest = queue.next();
        }
      }
    },
  };
}

/**
 * Runs work one at a time for each key; work with several keys waits for all of them. Rejects with an UpvestError where it
 * has waited for 30 s; what it waited for goes on, and keeps out all others.
 */
export type Exclusively = <T>(keys: readonly string[], work: () => Promise<T>) => Promise<T>;

/** One set of locks, within this process. */
export function createLocks(): Exclusively {
  const tails = new Map<string, Promise<unknown>>();
  return (keys, work) => {
    // All queues are joined in one step, so two pieces of work can never wait for each other.
    const before = keys.flatMap((key) => tails.get(key) ?? []);
    const turn = before.length === 0 ? undefined : Promise.all(before);
    const running = turn
      ? within(longest, () => turn, `a handler has not ended: ${keys.join(", ")} was waited for`).then(work)
      : work();
    const release = (): void => {
      for (const key of keys) if (tails.get(key) === done) tails.delete(key);
    };
    // Who gave up waiting lets nobody pass: it is still at work.
    const done = Promise.allSettled([turn, running]).then(release);
    for (const key of keys) tails.set(key, done);
    return running;
  };
}

import { UpvestError } from "../base-errors.js";
import { report, type OnRedisError } from "./command.js";

/** ms between a failure and the next try, the last one from then on. */
const WAITS = [500, 1_000, 2_000, 5_000] as const;

/** ms after which a mark is given up. */
const PATIENCE = 30_000;

/** Marks that may wait for another try; one more is given up at once. */
const MOST = 10_000;

/** Commands under way at once when what waits is written. */
const AT_ONCE = 100;

interface Mark {
  readonly value: string;
  /** When it is over, and when it is given up, by `performance.now()`. */
  readonly ends: number;
  readonly until: number;
}

/** Writes marks, and those that fail again later. */
export interface Marks {
  /** @throws what the first try threw; then it is tried again behind the caller's back */
  write(id: string, value: string, ttl: number): Promise<void>;
  /** What waits to be written. */
  waiting(id: string): string | undefined;
}

/**
 * A mark says that an event was handled: one that is lost has another process handle it again. So Redis gets half a
 * minute to take it. Nobody waits for that, and it keeps no process alive.
 *
 * @param put writes one, for so many ms
 * @param onError told of marks that were given up
 */
export function createMarks(
  put: (id: string, value: string, ttl: number) => Promise<unknown>,
  onError: OnRedisError | undefined,
): Marks {
  const waiting = new Map<string, Mark>();
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function later(): void {
    if (timer !== undefined || waiting.size === 0) return;
    timer = setTimeout(() => void again(), WAITS[Math.min(failures, WAITS.length - 1)]);
    if (typeof timer === "object") timer.unref();
  }

  function giveUp(): void {
    const now = performance.now();
    let lost = 0;
    for (const [id, { ends, until }] of waiting) {
      if (ends > now && until > now) continue;
      waiting.delete(id);
      if (ends > now) lost += 1;
    }
    if (lost === 0) return;
    report(
      onError,
      new UpvestError(
        `Redis did not take ${lost} marks of handled events within ${PATIENCE / 1_000} s: another process may handle those events again`,
      ),
    );
  }

  async function again(): Promise<void> {
    giveUp();
    try {
      // One finds out whether it goes.
      for (let size = 1; waiting.size > 0; size = AT_ONCE) {
        await Promise.all([...waiting].slice(0, size).map(([id, mark]) => rewrite(id, mark)));
        failures = 0;
      }
    } catch {
      failures += 1;
    }
    timer = undefined;
    later();
  }

  async function rewrite(id: string, mark: Mark): Promise<void> {
    await put(id, mark.value, mark.ends - performance.now());
    // Not one that was set anew meanwhile.
    if (waiting.get(id) === mark) waiting.delete(id);
  }

  return {
    async write(id, value, ttl) {
      const now = performance.now();
      try {
        await put(id, value, ttl);
        waiting.delete(id);
      } catch (error) {
        if (!waiting.has(id) && waiting.size >= MOST) throw error;
        waiting.set(id, { value, ends: now + ttl, until: now + PATIENCE });
        later();
        const why = error instanceof Error ? error.message : String(error);
        throw new UpvestError(`${why.replace(/\.?$/, ".")} It is tried again for ${PATIENCE / 1_000} s`);
      }
    },
    waiting: (id) => waiting.get(id)?.value,
  };
}

/** How late the event loop is, and how much of that is the loop's own doing. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export interface LoopDelay {
  /** ms; by the clock, 99th percentile. */
  readonly p99: number;
  /** ms; the greatest, as far as the main thread was at work meanwhile. */
  readonly blocked: number;
}

/** ms between two ticks. */
const TICK = 1;

/**
 * Runs `work` beside a timer that is due every millisecond.
 *
 * Signing off the main thread takes cores, and where they are scarce the main thread waits for one: that is the system's
 * delay, whoever signs, and `p99` contains it. `blocked` counts a delay only as far as the main thread ran meanwhile, which
 * Linux tells; elsewhere the two cannot be told apart.
 */
export async function loopDelay(work: () => Promise<unknown>): Promise<LoopDelay> {
  const late: number[] = [];
  const blocked: number[] = [];
  const done = new AbortController();
  let [last, lastRun] = [performance.now(), ranFor()];
  const ticks = (async () => {
    while (!done.signal.aborted) {
      await sleep(TICK);
      const [now, run] = [performance.now(), ranFor()];
      const delay = Math.max(0, now - last - TICK);
      late.push(delay);
      blocked.push(Math.min(delay, run - lastRun));
      [last, lastRun] = [now, run];
    }
  })();
  await work();
  done.abort();
  await ticks;
  const sorted = late.toSorted((a, b) => a - b);
  return { p99: sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0, blocked: Math.max(...blocked) };
}

/** ms that the main thread has had a core, since it began. */
function ranFor(): number {
  try {
    const [ran = ""] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ");
    return Number(ran) / 1e6;
  } catch {
    return performance.now();
  }
}

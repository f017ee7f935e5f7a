import { stopwatch } from "./cpu.js";
import type { Sampler } from "./interleave.js";

/** ms that one sample takes: short, so that the sides take turns often; long enough for the clock. */
const SAMPLE = 4;

/** Samples µs of CPU time per run of `run`, which may be asynchronous; how many runs make up a sample is found out at the first. */
export function timed(run: () => unknown, sample = SAMPLE): Sampler {
  let count: number | undefined;
  return async () => {
    count ??= await countFor(run, sample);
    return (await time(run, count)) / count;
  };
}

async function countFor(run: () => unknown, sample: number): Promise<number> {
  let count = 1;
  for (;;) {
    // The best of several: the first pays for compilation, and any may be cut in on.
    let taken = Number.POSITIVE_INFINITY;
    for (let nth = 0; nth < 4; nth += 1) taken = Math.min(taken, (await time(run, count)) / 1000);
    if (taken >= sample / 2) return Math.max(1, Math.round((count * sample) / taken));
    count *= 2;
  }
}

/** µs of CPU time for `count` runs, one after the other. */
async function time(run: () => unknown, count: number): Promise<number> {
  const taken = stopwatch();
  const result = run();
  if (result instanceof Promise) {
    await result;
    for (let index = 1; index < count; index += 1) await run();
  } else {
    for (let index = 1; index < count; index += 1) run();
  }
  return taken();
}

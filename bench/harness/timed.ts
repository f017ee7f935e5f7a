import type { Sampler } from "./interleave.js";

/** ms that one sample takes: short, so that the sides take turns often; long enough for the clock. */
const SAMPLE = 15;

/** Samples µs per run of `run`, which may be asynchronous; how many runs make up a sample is found out at the first. */
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
    // Twice: the first one pays for compilation.
    await time(run, count);
    const taken = (await time(run, count)) / 1000;
    if (taken >= sample / 2) return Math.max(1, Math.round((count * sample) / taken));
    count *= 2;
  }
}

/** µs for `count` runs, one after the other. */
async function time(run: () => unknown, count: number): Promise<number> {
  const first = performance.now();
  const result = run();
  if (result instanceof Promise) {
    await result;
    for (let index = 1; index < count; index += 1) await run();
  } else {
    for (let index = 1; index < count; index += 1) run();
  }
  return (performance.now() - first) * 1000;
}

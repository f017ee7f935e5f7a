import { setTimeout as wait } from "node:timers/promises";

/** Waits for so many ms, or until the signal is aborted. Never rejects. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

/** The longest time that a timer of Node can wait (ms). */
const LONGEST = 0x7f_ff_ff_ff;

/** Waits of real time, divided by `speed`. */
export function createPause(speed: number): Pause {
  return async (ms, signal) => {
    await wait(Math.min(ms / speed, LONGEST), undefined, { signal }).catch(() => undefined);
  };
}

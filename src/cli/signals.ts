import { Interrupt, type Io } from "./io.js";

type Heard = Exclude<Interrupt["signal"], "SIGPIPE">;

/** What is needed of `process`. */
export interface Signalled {
  readonly pid: number;
  on(signal: Heard, listener: (signal: Heard) => void): unknown;
  off(signal: Heard, listener: (signal: Heard) => void): unknown;
  kill(pid: number, signal: Heard): unknown;
}

/** ms in which a signal that comes again is the same Ctrl-C: the terminal sends it, and npx passes it on once more. */
const SAME_KEY = 500;

/**
 * Listens for SIGINT and SIGTERM. The first one is told; the next ends the process, as it would without us. Where it is
 * asked for by calling what is given back, the next one aborts that signal, and the one after it ends the process.
 *
 * @param now ms
 */
export function hearSignals(
  process: Signalled,
  first: (interrupt: Interrupt) => void,
  now: () => number = () => performance.now(),
): Io["secondInterrupt"] {
  const second = new AbortController();
  const steps = [first];
  // Of each its own: two that come at once are heard in either order.
  const last: Partial<Record<Heard, number>> = {};
  const heard = (signal: Heard): void => {
    const at = now();
    if (at - (last[signal] ?? -Infinity) < SAME_KEY) return;
    last[signal] = at;
    const step = steps.shift();
    if (step !== undefined) return step(new Interrupt(signal));
    for (const each of both) process.off(each, heard);
    process.kill(process.pid, signal);
  };
  for (const each of both) process.on(each, heard);
  return () => {
    steps.push((interrupt) => second.abort(interrupt));
    return second.signal;
  };
}

const both = ["SIGINT", "SIGTERM"] as const;

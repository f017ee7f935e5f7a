import { setTimeout as wait } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What holds the process up: sockets, servers, timers, by kind. */
export type Resources = Readonly<Record<string, number>>;

export function resources(): Resources {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** Kinds of which there are more than before, once things had time to end. */
export async function leftSince(before: Resources): Promise<Resources> {
  let left: Resources = {};
  // The test runner has timers of its own, which come and go: what is left is left at every look.
  for (let look = 0; look < 40; look += 1) {
    const more = Object.entries(resources()).filter(([kind, count]) => count > (before[kind] ?? 0));
    left = Object.fromEntries(more);
    if (more.length === 0) break;
    await wait(50);
  }
  return left;
}

/** Bytes in use by objects and buffers after garbage collection. */
export async function memory(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let round = 0; round < 3; round += 1) {
    collect();
    // Finalizers and weak references are dealt with between turns.
    await wait(20);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

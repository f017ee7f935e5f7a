/** Run as a program: many callers on one client, each making its next call as soon as the last is answered. */
import { getEventListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { createLimiter, createUpvestClient, UpvestError } from "upvest-client";
import { serveParent, type CallersReport, type Plan } from "./processes.js";

const order = {
  user_id: "2dedfeb0-58cd-44f2-ae08-0e41fe0413d9",
  account_id: "debf2026-f2da-4ff0-bb84-92e45babb1e3",
  side: "BUY",
  instrument_id: "US0378331005",
  instrument_id_type: "ISIN",
} as const;

/** How often the memory is looked at while the callers are at work. */
const SAMPLES = 4;

/** What still keeps the process alive. The last answers are given a second to be put away. */
async function leftovers(): Promise<readonly string[]> {
  let left: readonly string[] = [];
  for (let nth = 0; nth < 100; nth += 1) {
    // Without a hold on the process, or it would be seen itself.
    await pause(10, undefined, { ref: false });
    left = process.getActiveResourcesInfo().filter((name) => name !== "PipeWrap");
    if (left.length === 0) break;
  }
  return left;
}

serveParent(async ({ connection, requestsPerSecond, callers, seconds }: Plan): Promise<CallersReport> => {
  const { signal } = new AbortController();
  const limiter = createLimiter({ requestsPerSecond, maxQueue: callers });
  const client = createUpvestClient({ ...connection, limiter });
  const [failures, crowd]: Record<string, number>[] = [{}, {}];
  const heap: number[] = [];
  const seen = { calls: 0, orders: 0, repeats: 0, longestCall: 0, mostListeners: 0 };

  /** Every third call is a write. */
  async function call(nth: number): Promise<string | undefined> {
    const begun = performance.now();
    try {
      const { error, attempts } =
        nth % 3 === 0
          ? await client.POST("/orders", { body: order, signal })
          : await client.GET("/accounts/{account_id}", {
              params: { path: { account_id: order.account_id } },
              signal,
            });
      seen.repeats += attempts - 1;
      if (error !== undefined) return `${error.status} ${error.code}`;
      if (nth % 3 === 0) seen.orders += 1;
      return undefined;
    } catch (error) {
      return error instanceof UpvestError ? `${error.name}: ${error.message}` : String(error);
    } finally {
      seen.longestCall = Math.max(seen.longestCall, performance.now() - begun);
    }
  }
  const count = (into: Record<string, number> | undefined, name: string): void => {
    if (into !== undefined) into[name] = (into[name] ?? 0) + 1;
  };

  const start = performance.now();
  const elapsed = (): number => (performance.now() - start) / 1_000;
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      for (let nth = caller; elapsed() < seconds; nth += 1) {
        seen.calls += 1;
        const failure = await call(nth);
        if (failure !== undefined) count(failures, failure);
        // The first part warms up; the last look is taken while callers are still at work.
        if (heap.length === SAMPLES || elapsed() < ((heap.length + 1) / (SAMPLES + 1)) * seconds) continue;
        seen.mostListeners = Math.max(seen.mostListeners, getEventListeners(signal, "abort").length);
        globalThis.gc?.();
        heap.push(process.memoryUsage().heapUsed);
      }
    }),
  );

  const outcomes = await Promise.all(Array.from({ length: 2 * callers + 100 }, (_, nth) => call(nth * 3)));
  for (const failure of outcomes) count(crowd, failure ?? "answered");

  return {
    calls: seen.calls,
    orders: seen.orders,
    failures: failures ?? {},
    crowd: crowd ?? {},
    repeats: seen.repeats,
    heap,
    longestCall: seen.longestCall,
    listeners: { most: seen.mostListeners, left: getEventListeners(signal, "abort").length },
    resources: await leftovers(),
  };
});

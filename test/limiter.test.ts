import { getEventListeners } from "node:events";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  createLimiter,
  createUpvestClient,
  UpvestConfigError,
  UpvestError,
  type Limiter,
} from "upvest-client";
import { createRateLimit } from "../src/sandbox/rate-limit.js";
import { json, problem, startApi } from "./support/api.js";

const attempt = { operationId: "place_order" };
const page = json({ meta: { offset: 0, limit: 100, count: 0, total_count: 0 }, data: [] });

/** The pace that the docs of the limiter promise, ms between two attempts. */
const spacingOf = (rate: number): number => (0.9 * 1_020) / rate;

/** Lets `count` attempts queue up and tells when each was admitted, in ms from now. */
function queueUp(limiter: Limiter, count: number): number[] {
  const start = performance.now();
  const times: number[] = [];
  for (let nth = 0; nth < count; nth += 1) {
    void limiter.acquire(attempt).then(() => times.push(performance.now() - start));
  }
  return times;
}

describe("timing", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([
    ["one a second", { requestsPerSecond: 1 }, [0, 1_020, 2_041]],
    ["evenly, and the last waits for the window", { requestsPerSecond: 4 }, [0, 230, 460, 690, 1_020, 1_251]],
    ["a burst first", { requestsPerSecond: 4, burst: 3 }, [0, 0, 0, 230, 1_020, 1_020, 1_020, 1_251, 2_041]],
    ["all of the budget at once", { requestsPerSecond: 2, burst: 2 }, [0, 0, 1_020, 1_020, 2_041]],
    ["by default a twentieth at once", { requestsPerSecond: 40 }, [0, 0, 23, 46]],
  ])("%s", async (_, options, expected) => {
    const times = queueUp(createLimiter(options), expected.length);
    await vi.runAllTimersAsync();
    expect(times).toEqual(expected);
  });

  it.each([1, 7, 20, 50, 300, 1_000])("%d a second: nearly all of it is used", async (rate) => {
    const seconds = Math.max(20, 60 / rate);
    const maxQueue = rate * seconds;
    const times = queueUp(createLimiter({ requestsPerSecond: rate, maxQueue }), maxQueue);
    await vi.advanceTimersByTimeAsync(seconds * 1_000);
    expect(times.length).toBeGreaterThanOrEqual(0.95 * rate * seconds);
    expect(times.length).toBeLessThanOrEqual(rate * seconds);
    await vi.runAllTimersAsync();
  });

  it("a pause earns no more than a burst", async () => {
    const limiter = createLimiter({ requestsPerSecond: 10, burst: 2 });
    const before = queueUp(limiter, 1);
    await vi.advanceTimersByTimeAsync(3_600_000);
    const after = queueUp(limiter, 4);
    await vi.runAllTimersAsync();
    expect(before).toEqual([0]);
    expect(after).toEqual([0, 0, 92, 184]);
  });

  it("a late timer is made up for, so that the pace holds", async () => {
    let late = 0;
    const limiter = createLimiter({
      requestsPerSecond: 100,
      burst: 5,
      clock: () => performance.now() + late,
    });
    const times = queueUp(limiter, 8);
    await vi.advanceTimersByTimeAsync(0);
    expect(times).toHaveLength(5);
    // The process stands still for three slots and a bit.
    late = 32;
    await vi.advanceTimersByTimeAsync(10);
    expect(times).toHaveLength(8);
  });

  it("a clock that is set back costs a second, not the hours it was set back by", async () => {
    let offset = 0;
    const clock = (): number => performance.now() + offset;
    const limiter = createLimiter({ requestsPerSecond: 2, clock });
    await limiter.acquire(attempt);
    offset = -30 * 24 * 3_600_000;
    const times = queueUp(limiter, 3);
    await vi.runAllTimersAsync();
    expect(times).toEqual([1_020, 1_479, 2_041]);
  });
});

describe("the queue", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("refuses at once when full, saying why and what to do, and takes the next when there is room", async () => {
    const limiter = createLimiter({ requestsPerSecond: 10, maxQueue: 3 });
    const times = queueUp(limiter, 4);
    const refused = limiter.acquire(attempt);
    await expect(refused).rejects.toBeInstanceOf(UpvestError);
    await expect(refused).rejects.toThrow(
      "place_order was not sent: the limiter admits 10 requests a second and its queue is full (maxQueue 3). Make fewer calls at once, call again later, or raise maxQueue.",
    );
    await vi.advanceTimersByTimeAsync(100);
    times.push(...queueUp(limiter, 1));
    await expect(limiter.acquire(attempt)).rejects.toThrow("was not sent");
    await vi.runAllTimersAsync();
    expect(times).toHaveLength(4);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ["ten seconds' worth by default", { requestsPerSecond: 3 }, 30],
    ["as long as is asked", { requestsPerSecond: 3, maxQueue: 5 }, 5],
    ["none at all", { requestsPerSecond: 3, maxQueue: 0 }, 0],
  ])("holds %s", async (_, options, length) => {
    const limiter = createLimiter(options);
    const asked = Array.from({ length: 100 }, () => limiter.acquire(attempt));
    const settled = Promise.allSettled(asked);
    await vi.runAllTimersAsync();
    const admitted = (await settled).map(({ status }) => status === "fulfilled");
    expect(admitted).toEqual(Array.from({ length: 100 }, (_, nth) => nth < 1 + length));
  });

  it("is left by an abort with its reason, and the place falls to the next", async () => {
    const limiter = createLimiter({ requestsPerSecond: 10 });
    const leaving = new AbortController();
    const order: string[] = [];
    const join = (name: string, signal?: AbortSignal): Promise<unknown> =>
      limiter.acquire({ ...attempt, signal }).then(() => order.push(`${name} ${performance.now() - start}`));
    const start = performance.now();
    const [, left] = [join("a"), join("b", leaving.signal), join("c"), join("d")];
    const reason = new Error("the user left");
    leaving.abort(reason);
    await expect(left).rejects.toBe(reason);
    await vi.runAllTimersAsync();
    expect(order).toEqual(["a 0", "c 92", "d 184"]);
  });

  it("is not joined on a signal that has aborted, and nothing of the budget goes", async () => {
    const limiter = createLimiter({ requestsPerSecond: 1, maxQueue: 0 });
    const gone = AbortSignal.abort(new Error("early"));
    await expect(limiter.acquire({ ...attempt, signal: gone })).rejects.toThrow("early");
    await limiter.acquire(attempt);
    // Also a full queue says so to those who still want to know, and not to those who have left.
    await expect(limiter.acquire({ ...attempt, signal: gone })).rejects.toThrow("early");
    await expect(limiter.acquire(attempt)).rejects.toThrow("was not sent");
  });

  it("leaves no timer and no listener: after the last has gone, and after the last has left", async () => {
    const options = { requestsPerSecond: 10 };
    const limiter = createLimiter(options);
    const { signal } = new AbortController();
    const all = Promise.all(Array.from({ length: 50 }, () => limiter.acquire({ ...attempt, signal })));
    await vi.advanceTimersByTimeAsync(1);
    expect(vi.getTimerCount()).toBe(1);
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    await vi.runAllTimersAsync();
    await all;
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);

    const other = createLimiter(options);
    const leaving = new AbortController();
    const left = Array.from({ length: 50 }, () => other.acquire({ ...attempt, signal: leaving.signal }));
    const settled = Promise.allSettled(left);
    await vi.advanceTimersByTimeAsync(1);
    expect(vi.getTimerCount()).toBe(1);
    leaving.abort();
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(leaving.signal, "abort")).toHaveLength(0);
    expect((await settled).filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });
});

describe("whatever comes, and whenever", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const gap = fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 60 }) },
    { weight: 1, arbitrary: fc.integer({ min: 61, max: 2_500 }) },
  );
  const arrival = fc.record({
    /** ms after the one before */
    gap,
    /** ms after its arrival; undefined: stays */
    leaves: fc.option(fc.integer({ min: 0, max: 800 }), { nil: undefined, freq: 4 }),
    /** ms from its being sent to its arrival at the server */
    delay: fc.integer({ min: 0, max: 20 }),
    /** ms for which the event loop is busy when it has asked */
    stall: fc.oneof(
      { weight: 15, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 300 }) },
    ),
  });
  type Arrival = typeof arrival extends fc.Arbitrary<infer One> ? One : never;
  const setting = fc
    .integer({ min: 1, max: 60 })
    .chain((rate) => fc.record({ rate: fc.constant(rate), burst: fc.integer({ min: 1, max: rate }) }));

  interface Passed extends Arrival {
    readonly arrived: number;
    readonly admitted: number;
    /** A turn of the event loop later. */
    readonly sent: number;
  }

  /** Plays the arrivals and tells those that got through, in the order in which they did. */
  async function play(rate: number, burst: number, arrivals: readonly Arrival[]): Promise<readonly Passed[]> {
    let stalled = 0;
    const clock = (): number => performance.now() + stalled;
    const limiter = createLimiter({ requestsPerSecond: rate, burst, maxQueue: arrivals.length, clock });
    const passed: Passed[] = [];
    const send = (one: Arrival, arrived: number): void => {
      const admitted = clock();
      setTimeout(() => passed.push({ ...one, arrived, admitted, sent: clock() }), 1);
    };
    let at = 0;
    for (const one of arrivals) {
      at += one.gap;
      setTimeout(() => {
        const arrived = clock();
        const leaving = new AbortController();
        limiter.acquire({ ...attempt, signal: leaving.signal }).then(
          () => send(one, arrived),
          () => undefined,
        );
        if (one.leaves !== undefined) setTimeout(() => leaving.abort(), one.leaves);
        stalled += one.stall;
      }, at);
    }
    await vi.runAllTimersAsync();
    expect(vi.getTimerCount()).toBe(0);
    return passed;
  }

  it("a server that counts in a sliding window refuses none, with 20 ms of jitter on the way", async () => {
    await fc.assert(
      fc.asyncProperty(
        setting,
        fc.array(arrival, { minLength: 1, maxLength: 200, size: "max" }),
        async ({ rate, burst }, arrivals) => {
          const passed = await play(rate, burst, arrivals);
          expect(passed.length).toBeGreaterThanOrEqual(
            arrivals.filter(({ leaves }) => leaves === undefined).length,
          );
          let now = 0;
          const admit = createRateLimit(rate, () => now);
          for (const at of passed.map(({ sent, delay }) => sent + delay).sort((a, b) => a - b)) {
            now = at;
            expect(admit()).toBe(true);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it("they go in order of arrival, and nobody waits while there is budget", async () => {
    const patient = arrival.map((one) => ({ ...one, stall: 0 }));
    await fc.assert(
      fc.asyncProperty(
        setting,
        fc.array(patient, { minLength: 1, maxLength: 200, size: "max" }),
        async ({ rate, burst }, arrivals) => {
          const passed = await play(rate, burst, arrivals);
          passed.forEach(({ arrived, admitted }, nth) => {
            const before = passed[nth - 1];
            const windowAgo = passed[nth - rate];
            expect(arrived).toBeGreaterThanOrEqual(before?.arrived ?? 0);
            const earliest = Math.max(
              arrived,
              before === undefined ? 0 : before.admitted + spacingOf(rate),
              windowAgo === undefined ? 0 : windowAgo.sent + 1_020,
            );
            // The timer counts whole milliseconds.
            expect(admitted).toBeLessThanOrEqual(Math.ceil(earliest));
          });
        },
      ),
      { numRuns: 100 },
    );
  });
});

it.each([
  ["requestsPerSecond", { requestsPerSecond: 0 }, "from 1 to 1000000; it is 0"],
  ["requestsPerSecond", { requestsPerSecond: 2.5 }, "from 1 to 1000000; it is 2.5"],
  ["requestsPerSecond", { requestsPerSecond: Number.POSITIVE_INFINITY }, "from 1 to 1000000; it is Infinity"],
  ["burst", { requestsPerSecond: 10, burst: 0 }, "from 1 to 10; it is 0"],
  ["burst", { requestsPerSecond: 10, burst: 11 }, "from 1 to 10; it is 11"],
  ["maxQueue", { requestsPerSecond: 10, maxQueue: -1 }, "from 0 to 10000000; it is -1"],
  [
    "maxQueue",
    { requestsPerSecond: 10, maxQueue: Number.POSITIVE_INFINITY },
    "from 0 to 10000000; it is Infinity",
  ],
])("an option that cannot work is named: %s", (name, options, told) => {
  const make = (): Limiter => createLimiter(options);
  expect(make).toThrow(UpvestConfigError);
  expect(make).toThrow(`limiter: ${name} must be a whole number ${told}`);
});

describe("in the client", () => {
  it("every request that is sent has asked: the token's, and the one after a 401", async () => {
    const api = await startApi((_, nth) => (nth === 0 ? problem(401, "unauthorised") : page));
    const inner = createLimiter({ requestsPerSecond: 1_000 });
    const sentBefore: number[] = [];
    const limiter: Limiter = {
      acquire: (asked) => {
        sentBefore.push(api.calls.length + api.tokenRequests.length);
        return inner.acquire(asked);
      },
    };
    const client = createUpvestClient({ ...api.options, limiter });
    expect(await client.GET("/accounts")).toMatchObject({ attempts: 2, response: { status: 200 } });
    // Token, call, token, call: each was let through before it was sent, and nothing in between.
    expect(sentBefore).toEqual([0, 1, 2, 3]);
  });

  it("cold callers wait for the token before they ask: what was let through is sent, not saved up", async () => {
    const api = await startApi(() => page);
    const asked: string[] = [];
    const limiter: Limiter = { acquire: async ({ operationId }) => void asked.push(operationId) };
    const client = createUpvestClient({ ...api.options, limiter });
    await Promise.all([client.GET("/accounts"), client.GET("/accounts"), client.GET("/accounts")]);
    expect(asked).toEqual(["issue_token", "list_accounts", "list_accounts", "list_accounts"]);
  });

  it("one that knows no signals and hangs ends with the call's limits: nothing was sent", async () => {
    const api = await startApi(() => page);
    let granted = 1;
    const limiter: Limiter = {
      acquire: () => (granted-- > 0 ? Promise.resolve() : new Promise(() => undefined)),
    };
    const client = createUpvestClient({ ...api.options, limiter });
    await expect(client.GET("/accounts", { deadline: 500 })).rejects.toMatchObject({
      limit: "deadline",
      attempts: 0,
    });
    const reason = new Error("left");
    const left = client.GET("/accounts", { signal: AbortSignal.abort(reason) });
    await expect(left).rejects.toBe(reason);
    expect(api.calls).toHaveLength(0);
  });

  it("a refusal of the limiter ends the call at once, and nothing was sent", async () => {
    const api = await startApi(() => page);
    const limiter = createLimiter({ requestsPerSecond: 1, maxQueue: 0 });
    const client = createUpvestClient({ ...api.options, limiter });
    await expect(client.GET("/accounts")).rejects.toThrow("list_accounts was not sent");
    expect(api.tokenRequests).toHaveLength(1);
    expect(api.calls).toHaveLength(0);
  });
});

it.each([
  [
    "maxQeue",
    { requestsPerSecond: 10, maxQeue: 5 },
    "has no member maxQeue; it has requestsPerSecond, burst,",
  ],
  ["all of them", undefined, "must be a plain object; it is undefined"],
])("an option that it has not is refused: %s", (_, options, told) => {
  const make = (): unknown => Reflect.apply(createLimiter, undefined, [options]);
  expect(make).toThrow(UpvestConfigError);
  expect(make).toThrow(`the options object of createLimiter ${told}`);
});

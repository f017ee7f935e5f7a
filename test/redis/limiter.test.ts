import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { UpvestConfigError, UpvestError } from "../../src/errors.js";
import { send } from "../../src/redis/client.js";
import { redisLimiter, type RedisLimiterOptions } from "../../src/redis/index.js";
import type { Limiter } from "../../src/pipeline/limiter.js";
import {
  libraries,
  redisIsInstalled,
  startRedis,
  type Connection,
  type RedisServer,
} from "./support/server.js";

const attempt = { operationId: "place_order" };

describe.skipIf(!redisIsInstalled).each(libraries)("a limiter on %s", (_, connect) => {
  let redis: RedisServer;
  let connection: Connection;

  beforeAll(async () => {
    redis = await startRedis();
    connection = await connect(redis.url);
  });
  afterAll(async () => {
    connection.close();
    await redis.remove();
  });

  const say = (...command: [string, ...string[]]): Promise<unknown> => send(connection.client, command);
  const newLimiter = (options: RedisLimiterOptions): Limiter => redisLimiter(connection.client, options);

  /** Fills the queue of a limiter that can admit nothing more, and tells how it refuses one more. */
  async function refusalOf(limiter: Limiter): Promise<string> {
    const leaving = new AbortController();
    onTestFinished(() => leaving.abort());
    limiter.acquire({ ...attempt, signal: leaving.signal }).catch(() => undefined);
    const told: unknown = await limiter.acquire(attempt).catch((error: unknown) => error);
    expect(told).toBeInstanceOf(UpvestError);
    return told instanceof Error ? told.message : "";
  }

  it("shares one budget among those with the same prefix, and with nobody else", async () => {
    const [prefix, elsewhere] = [`${randomUUID()}:`, `${randomUUID()}:`];
    const onError = vi.fn();
    const leaving = new AbortController();
    const granted: string[] = [];
    const members = [
      { name: "a", at: prefix, nth: 1 },
      { name: "b", at: prefix, nth: 2 },
      { name: "c", at: prefix, nth: 3 },
      { name: "d", at: elsewhere, nth: 1 },
    ];
    for (const { name, at, nth } of members) {
      newLimiter({ requestsPerSecond: 0.01, prefix: at, onError })
        .acquire({ ...attempt, signal: leaving.signal })
        .then(() => granted.push(name))
        .catch(() => undefined);
      // It counts itself in and then asks, on one connection: what is sent after that is answered after that.
      await vi.waitFor(async () => expect(await say("ZCARD", `${at}members`)).toBe(nth), { timeout: 10_000 });
    }
    await say("PING");
    leaving.abort();
    expect(granted).toEqual(["a", "d"]);
    expect(onError).not.toHaveBeenCalled();
  });

  it("admits again as time goes by, in order of arrival", async () => {
    const limiter = newLimiter({ requestsPerSecond: 100, prefix: `${randomUUID()}:` });
    const order: number[] = [];
    const start = performance.now();
    await Promise.all(
      Array.from({ length: 50 }, (_, nth) => limiter.acquire(attempt).then(() => order.push(nth))),
    );
    expect(order).toEqual(Array.from({ length: 50 }, (_, nth) => nth));
    // 49 intervals of 10.5 ms by Redis's clock, 20 ms of which may be made up for.
    expect(performance.now() - start).toBeGreaterThan(490);
  });

  it("asks a slow Redis for several attempts at once, so that the budget can be used up all the same", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    onTestFinished(() => void vi.useRealTimers());
    let questions = 0;
    const slow = {
      sendCommand: async (args: string[]) => {
        const reply = await say(...(args as [string, ...string[]]));
        if (args.includes(`${prefix}budget:requests`)) questions += 1;
        // By the clock that the limiter reads, it has taken 300 ms.
        vi.advanceTimersByTime(300);
        return reply;
      },
    };
    const prefix = `${randomUUID()}:`;
    const limiter = redisLimiter(slow, { requestsPerSecond: 100, prefix });
    for (let nth = 0; nth < 10; nth += 1) await limiter.acquire(attempt);
    questions = 0;
    const order: number[] = [];
    const start = Date.now();
    await Promise.all(
      Array.from({ length: 60 }, (_, nth) => limiter.acquire(attempt).then(() => order.push(nth))),
    );
    expect(order).toEqual(Array.from({ length: 60 }, (_, nth) => nth));
    expect(questions).toBeLessThan(30);
    // 59 intervals of 10.5 ms by Redis's clock, 20 ms of which may be made up for; a timer may be 1 ms early.
    expect(Date.now() - start).toBeGreaterThan(595);
  });

  it("goes on where Redis's clock was set back: a stamp of the time before stops nobody", async () => {
    const prefix = `${randomUUID()}:`;
    const limiter = newLimiter({ requestsPerSecond: 100, prefix });
    await limiter.acquire(attempt);
    const [seconds] = (await say("TIME")) as [string];
    await say("SET", `${prefix}budget:requests`, `${Number(seconds) + 60}000000`, "PX", "60100");
    await limiter.acquire(attempt);
    expect(Number(await say("PTTL", `${prefix}budget:requests`))).toBeLessThan(1_000);
  });

  it("leaves nothing behind in Redis that does not end by itself", async () => {
    const prefix = `${randomUUID()}:`;
    await newLimiter({ requestsPerSecond: 50, prefix }).acquire(attempt);
    await vi.waitFor(async () => expect(await say("EXISTS", `${prefix}members`)).toBe(1), {
      timeout: 10_000,
    });
    for (const key of (await say("KEYS", `${prefix}*`)) as string[]) {
      expect(Number(await say("PTTL", key))).not.toBe(-1);
    }
  });

  it("refuses at once when its queue is full", async () => {
    const limiter = newLimiter({ requestsPerSecond: 0.01, maxQueue: 1, prefix: `${randomUUID()}:` });
    await limiter.acquire(attempt);
    expect(await refusalOf(limiter)).toBe(
      "place_order was not sent: the limiter admits 0.01 requests a second and its queue is full (maxQueue 1). Make fewer calls at once, call again later, or raise maxQueue.",
    );
  });

  it("while Redis is away: the share of each is the budget divided by how many there were", async () => {
    const prefix = `${randomUUID()}:`;
    const onError = vi.fn();
    const limiters = Array.from({ length: 4 }, () =>
      newLimiter({ requestsPerSecond: 40, maxQueue: 1, prefix, onError }),
    );
    // The last one sees all four.
    for (const limiter of limiters) await limiter.acquire(attempt);
    const fixed = newLimiter({ requestsPerSecond: 40, maxQueue: 1, prefix, localShare: 0.5 });
    await fixed.acquire(attempt);
    expect(await say("ZCARD", `${prefix}members`)).toBe(5);
    const last = limiters.at(-1);
    if (last === undefined) throw new Error("no limiter");

    await redis.kill();
    await last.acquire(attempt);
    expect(await refusalOf(last)).toContain(
      "admits 10 requests a second, the share of this process while Redis is away, and its queue is full",
    );
    await fixed.acquire(attempt);
    expect(await refusalOf(fixed)).toContain("admits 0.5 requests a second, the share of this process");
    expect(onError).toHaveBeenCalledTimes(1);

    await redis.restart();
    await vi.waitFor(async () => expect(await say("PING")).toBe("PONG"), { timeout: 10_000 });
  });

  it("those who wait for Redis's turn go on with the local share when it is killed", async () => {
    const prefix = `${randomUUID()}:`;
    const limiter = newLimiter({ requestsPerSecond: 0.01, localShare: 1_000, prefix });
    await limiter.acquire(attempt);
    const waiting = limiter.acquire(attempt);
    await say("PING");
    await redis.kill();
    await waiting;
    await redis.restart();
    await vi.waitFor(async () => expect(await say("PING")).toBe("PONG"), { timeout: 10_000 });
  });
});

describe("options that cannot work", () => {
  const client = { sendCommand: () => Promise.resolve(null) };
  it.each<[RedisLimiterOptions, string]>([
    [{ requestsPerSecond: 0 }, "requestsPerSecond must be a number above 0, at most 1000000; it is 0"],
    [
      { requestsPerSecond: Number.NaN },
      "requestsPerSecond must be a number above 0, at most 1000000; it is NaN",
    ],
    [
      { requestsPerSecond: 1e7 },
      "requestsPerSecond must be a number above 0, at most 1000000; it is 10000000",
    ],
    [
      { requestsPerSecond: 1, localShare: -1 },
      "localShare must be a number above 0, at most 1000000; it is -1",
    ],
    [{ requestsPerSecond: 1, maxQueue: 0 }, "maxQueue must be a whole number from 1 to 10000000; it is 0"],
    [
      { requestsPerSecond: 1, maxQueue: 1.5 },
      "maxQueue must be a whole number from 1 to 10000000; it is 1.5",
    ],
  ])("%o", (options, told) => {
    const make = (): Limiter => redisLimiter(client, options);
    expect(make).toThrow(UpvestConfigError);
    expect(make).toThrow(`redisLimiter: ${told}`);
  });
});

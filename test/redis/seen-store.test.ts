import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { UpvestError } from "../../src/errors.js";
import { redisSeenStore } from "../../src/redis/index.js";
import { send } from "../../src/redis/client.js";
import {
  libraries,
  redisIsInstalled,
  startRedis,
  type Connection,
  type RedisServer,
} from "./support/server.js";

describe.skipIf(!redisIsInstalled).each(libraries)("a store of seen events on %s", (_, connect) => {
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

  it("remembers for all who share it, under its prefix, until the time is over", async () => {
    const prefix = `${randomUUID()}:`;
    const [one, other] = [
      redisSeenStore(connection.client, { prefix }),
      redisSeenStore(connection.client, { prefix }),
    ];
    expect(await one.get("event-1")).toBeUndefined();
    await one.set("event-1", "handled", 2_592_000_000);
    expect(await other.get("event-1")).toBe("handled");
    expect(await redisSeenStore(connection.client).get("event-1")).toBeUndefined();
    const left = Number(await send(connection.client, ["PTTL", `${prefix}seen:event-1`]));
    expect(left).toBeGreaterThan(2_592_000_000 - 60_000);
    expect(left).toBeLessThanOrEqual(2_592_000_000);
  });

  it("writes later what a Redis that hung did not take", async () => {
    const prefix = `${randomUUID()}:`;
    const store = redisSeenStore(connection.client, { prefix });
    expect(await store.get("event-0")).toBeUndefined();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    redis.freeze();
    const first = expect(store.set("event-0", "handled", 600_000)).rejects.toThrow(
      "Redis did not answer SET within 1000 ms. It is tried again for 30 s",
    );
    await vi.advanceTimersByTimeAsync(1_001);
    await first;
    for (let nth = 1; nth < 250; nth += 1) {
      await expect(store.set(`event-${nth}`, "handled", 600_000)).rejects.toThrow("was not sent");
    }
    // Of its own process it is known all the same.
    expect(await store.get("event-249")).toBe("handled");
    redis.thaw();
    // The first wait is over while nothing is sent yet, the second one is not.
    await vi.advanceTimersByTimeAsync(1_500);
    vi.useRealTimers();
    const written = async (): Promise<unknown> =>
      ((await send(connection.client, ["KEYS", `${prefix}*`])) as unknown[]).length;
    await vi.waitFor(async () => expect(await written()).toBe(250), { timeout: 5_000 });
  });

  it("rejects while Redis is away, so that the delivery comes again", async () => {
    const store = redisSeenStore(connection.client);
    await store.set("event-2", "handled", 60_000);
    await redis.kill();
    await expect(store.get("event-2")).rejects.toThrow(/^Redis /);
    await expect(store.set("event-3", "handled", 60_000)).rejects.toThrow(/^Redis is away: SET was not sent/);
  });
});

describe("marks that Redis does not take", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const full = (): Promise<never> => Promise.reject(new Error("OOM command not allowed."));

  it("are tried again after 0.5, 1, 2 and then each 5 s, and given up after 30 s, which is told", async () => {
    const sent: number[] = [];
    const start = performance.now();
    const onError = vi.fn();
    const sendCommand = (): Promise<unknown> => {
      sent.push(performance.now() - start);
      return full();
    };
    const store = redisSeenStore({ sendCommand }, { onError });
    await expect(store.set("event-1", "handled", 600_000)).rejects.toThrow(
      "Redis refused SET: OOM command not allowed. It is tried again for 30 s",
    );
    await expect(store.set("event-2", "handled", 600_000)).rejects.toThrow("tried again");
    await vi.advanceTimersByTimeAsync(600_000);
    expect(sent).toEqual([0, 0, 500, 1_500, 3_500, 8_500, 13_500, 18_500, 23_500, 28_500]);
    expect(onError.mock.calls.map(([error]) => String(error))).toEqual([
      "UpvestError: Redis refused SET: OOM command not allowed.",
      "UpvestError: Redis did not take 2 marks of handled events within 30 s: another process may handle those events again",
    ]);
    expect(onError.mock.calls[1]?.[0]).toBeInstanceOf(UpvestError);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("are no more than 10,000: what comes then is given up at once", async () => {
    const store = redisSeenStore({ sendCommand: full });
    for (let nth = 0; nth < 10_000; nth += 1)
      await store.set(`${nth}`, "handled", 9e6).catch(() => undefined);
    await expect(store.set("one more", "handled", 9e6)).rejects.toThrow(/not allowed\.$/);
    await expect(store.set("9999", "handled", 9e6)).rejects.toThrow("tried again");
  });

  it("are written for the time that is left, and not where it is over", async () => {
    const sendCommand = vi.fn<(args: string[]) => Promise<unknown>>(full);
    const store = redisSeenStore({ sendCommand });
    await expect(store.set("nonce:1", "used", 1_000)).rejects.toThrow("OOM");
    await expect(store.set("event-1", "handled", 600_000)).rejects.toThrow("OOM");
    await vi.advanceTimersByTimeAsync(1_500);
    sendCommand.mockResolvedValue("OK");
    await vi.advanceTimersByTimeAsync(600_000);
    expect(sendCommand.mock.calls.map(([[, key, , , ttl]]) => [key, ttl]).slice(2)).toEqual([
      ["upvest:seen:nonce:1", "500"],
      ["upvest:seen:event-1", "598500"],
      ["upvest:seen:event-1", "596500"],
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("do not keep the process alive", async () => {
    vi.useRealTimers();
    const store = redisSeenStore({ sendCommand: full });
    const before = process.getActiveResourcesInfo().filter((each) => each === "Timeout").length;
    await expect(store.set("event-1", "handled", 600_000)).rejects.toThrow("OOM");
    expect(process.getActiveResourcesInfo().filter((each) => each === "Timeout")).toHaveLength(before);
  });
});

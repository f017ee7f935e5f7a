import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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

  it("rejects while Redis is away, so that the delivery comes again", async () => {
    const store = redisSeenStore(connection.client);
    await store.set("event-2", "handled", 60_000);
    await redis.kill();
    await expect(store.get("event-2")).rejects.toThrow(/^Redis /);
    await expect(store.set("event-3", "handled", 60_000)).rejects.toThrow(/^Redis is away: SET was not sent/);
  });
});

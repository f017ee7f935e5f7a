import { randomBytes, randomUUID } from "node:crypto";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createUpvestClient, type UpvestClient, type UpvestClientOptions } from "../../src/index.js";
import { send } from "../../src/redis/client.js";
import { redisLimiter, redisTokenStore } from "../../src/redis/index.js";
import { json, startApi, type TestApi } from "../support/api.js";
import {
  libraries,
  redisIsInstalled,
  startRedis,
  type Connection,
  type RedisServer,
} from "./support/server.js";

const page = json({ meta: { offset: 0, limit: 100, count: 0, total_count: 0 }, data: [] });
const canary = "canary_access_token";

const startCanaryApi = (): Promise<TestApi> =>
  startApi(
    () => page,
    () => json({ access_token: canary, expires_in: 1_800, token_type: "bearer", scope: "accounts:read" }),
  );

describe.skipIf(!redisIsInstalled).each(libraries)("a client with %s", (_, connect) => {
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

  const newClient = (
    options: UpvestClientOptions,
    prefix: string,
    encryptionKey: Uint8Array,
    onError: (error: unknown) => void = () => undefined,
  ): UpvestClient =>
    createUpvestClient({
      ...options,
      tokenStore: redisTokenStore(connection.client, { encryptionKey, prefix, onError }),
      limiter: redisLimiter(connection.client, { requestsPerSecond: 300, prefix, onError }),
    });

  it("takes another one's token, where it has the key; with another key it asks for its own and works", async () => {
    const api = await startCanaryApi();
    const prefix = `${randomUUID()}:`;
    const encryptionKey = randomBytes(32);
    await newClient(api.options, prefix, encryptionKey).GET("/accounts");
    await newClient(api.options, prefix, encryptionKey).GET("/accounts");
    expect(api.tokenRequests).toHaveLength(1);
    const onError = vi.fn();
    const other = await newClient(api.options, prefix, randomBytes(32), onError).GET("/accounts");
    expect(other.response.status).toBe(200);
    expect(api.tokenRequests).toHaveLength(2);
    expect(onError).toHaveBeenCalledTimes(1);
    expect(api.calls).toHaveLength(3);
  });

  it("leaves no secret in Redis, in no key and in no value", async () => {
    const api = await startCanaryApi();
    await newClient(api.options, `${randomUUID()}:`, randomBytes(32)).GET("/accounts");
    const keys = (await send(connection.client, ["KEYS", "*"])) as string[];
    expect(keys.filter((key) => key.includes("token:"))).not.toHaveLength(0);
    const everything = [...keys];
    for (const key of keys) {
      const type = await send(connection.client, ["TYPE", key]);
      const read = type === "zset" ? (["ZRANGE", key, "0", "-1"] as const) : (["GET", key] as const);
      everything.push(String(await send(connection.client, read)));
    }
    expect(everything.join("\n")).not.toContain("canary");
    expect(everything.join("\n")).not.toContain("PRIVATE KEY");
  });

  it("makes its calls while Redis takes commands and answers none, and tells no secret of it", async () => {
    const api = await startCanaryApi();
    const told: unknown[] = [];
    const client = newClient(api.options, `${randomUUID()}:`, randomBytes(32), (error) => told.push(error));
    redis.freeze();
    try {
      for (let nth = 0; nth < 20; nth += 1) {
        expect((await client.GET("/accounts")).response.status).toBe(200);
      }
    } finally {
      redis.thaw();
    }
    expect(api.tokenRequests).toHaveLength(1);
    expect(told).toHaveLength(2);
    expect(inspect(told, { depth: 9, showHidden: true })).not.toContain("canary");
  });
});

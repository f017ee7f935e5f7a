import { randomBytes, randomUUID } from "node:crypto";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { UpvestConfigError, UpvestError } from "../../src/errors.js";
import { redisTokenStore } from "../../src/redis/index.js";
import type { StoredToken } from "../../src/token-store.js";
import {
  libraries,
  redisIsInstalled,
  startRedis,
  type Connection,
  type RedisServer,
} from "./support/server.js";
import { send } from "../../src/redis/client.js";

const encryptionKey = randomBytes(32);
const KEY = "https://sandbox.upvest.co ebabcf4d users:read";
const token: StoredToken = {
  accessToken: "canary_access_token",
  scope: "users:read",
  issuedAt: 1_700_000_000_000,
  expiresAt: 1_700_001_800_000,
};

describe.skipIf(!redisIsInstalled).each(libraries)("a token store on %s", (_, connect) => {
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
  const newStore = (
    prefix: string,
    options: Partial<Parameters<typeof redisTokenStore>[1]> = {},
  ): ReturnType<typeof redisTokenStore> =>
    redisTokenStore(connection.client, { encryptionKey, prefix, ...options });

  it("gives other processes what was put in, for as long as the token lives", async () => {
    const prefix = `${randomUUID()}:`;
    expect(await newStore(prefix).get(KEY)).toBeUndefined();
    await newStore(prefix).set(KEY, token, 1_800_000.7);
    expect(await newStore(prefix).get(KEY)).toEqual(token);
    expect(await newStore(prefix).get(`${KEY} orders:read`)).toBeUndefined();
    const left = Number(await say("PTTL", `${prefix}token:${KEY}`));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(1_800_000);
  });

  it("does not put in a token that has ended", async () => {
    const prefix = `${randomUUID()}:`;
    await newStore(prefix).set(KEY, token, 0);
    await newStore(prefix).set(KEY, token, -5);
    expect(await say("EXISTS", `${prefix}token:${KEY}`)).toBe(0);
  });

  it("writes no token in clear text anywhere, and the same token never twice alike", async () => {
    const prefix = `${randomUUID()}:`;
    const store = newStore(prefix);
    await store.lock?.(KEY, async () => {
      await store.set(KEY, token, 60_000);
      return token;
    });
    const first = await say("GET", `${prefix}token:${KEY}`);
    await store.set(KEY, token, 60_000);
    expect(await say("GET", `${prefix}token:${KEY}`)).not.toBe(first);
    const keys = (await say("KEYS", "*")) as string[];
    expect(keys).toContain(`${prefix}token:${KEY}`);
    const everything = [...keys];
    for (const key of keys) everything.push(String(await say("DUMP", key)));
    everything.push(String(first), String(await say("GET", `${prefix}token:${KEY}`)));
    for (const secret of ["canary", Buffer.from(token.accessToken).toString("base64").slice(0, 20)]) {
      expect(everything.join("\n")).not.toContain(secret);
    }
  });

  it("takes the key as bytes or as base64, and keeps no hold on the bytes", async () => {
    const prefix = `${randomUUID()}:`;
    const given = Uint8Array.from(encryptionKey);
    const store = newStore(prefix, { encryptionKey: given });
    given.fill(0);
    await store.set(KEY, token, 60_000);
    const same = newStore(prefix, { encryptionKey: encryptionKey.toString("base64") });
    expect(await same.get(KEY)).toEqual(token);
  });

  it("with another key sees no token, says so once, and writes its own", async () => {
    const prefix = `${randomUUID()}:`;
    await newStore(prefix).set(KEY, token, 60_000);
    const onError = vi.fn();
    const other = newStore(prefix, { encryptionKey: randomBytes(32), onError });
    expect(await other.get(KEY)).toBeUndefined();
    expect(await other.get(KEY)).toBeUndefined();
    expect(onError).toHaveBeenCalledTimes(1);
    expect(onError.mock.calls[0]?.[0]).toMatchObject({
      name: "UpvestError",
      message: expect.stringContaining("Do all processes have the same encryptionKey?") as string,
    });
    const theirs = { ...token, accessToken: "theirs" };
    await other.set(KEY, theirs, 60_000);
    expect(await other.get(KEY)).toEqual(theirs);
  });

  it("does not take an entry that was moved here from another key", async () => {
    const prefix = `${randomUUID()}:`;
    const store = newStore(prefix);
    await store.set("client-a", token, 60_000);
    await say("SET", `${prefix}token:client-b`, String(await say("GET", `${prefix}token:client-a`)));
    expect(await store.get("client-b")).toBeUndefined();
  });

  it("does not take an entry of which one byte was changed, nor anything else that is not its own", async () => {
    const prefix = `${randomUUID()}:`;
    const store = newStore(prefix);
    await store.set(KEY, token, 60_000);
    const entry = String(await say("GET", `${prefix}token:${KEY}`));
    const bytes = Buffer.from(entry.slice(3), "base64");
    const changed = [0, 11, 12, bytes.length - 1].map((at) => {
      const copy = Buffer.from(bytes);
      copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
      return `v1:${copy.toString("base64")}`;
    });
    for (const value of [
      ...changed,
      "",
      "v1:",
      "v1:AAAA",
      "v1:!",
      entry.slice(3),
      `v2:${entry.slice(3)}`,
      "null",
    ]) {
      await say("SET", `${prefix}token:${KEY}`, value);
      expect(await store.get(KEY)).toBeUndefined();
    }
  });

  it("shows nothing of key or token to who looks at it", async () => {
    const base64 = encryptionKey.toString("base64");
    const store = newStore(`${randomUUID()}:`, { encryptionKey: base64 });
    await store.set(KEY, token, 60_000);
    const shown = `${inspect(store, { depth: 9, showHidden: true })}${JSON.stringify(store)}`;
    expect(shown).not.toContain(base64.slice(0, 12));
    expect(shown).not.toContain("canary");
  });

  it("says what Redis refused, without what it was given", async () => {
    const prefix = `${randomUUID()}:`;
    await say("LPUSH", `${prefix}token:${KEY}`, "a list");
    const onError = vi.fn();
    const refused = newStore(prefix, { onError }).get(KEY);
    await expect(refused).rejects.toBeInstanceOf(UpvestError);
    await expect(refused).rejects.toThrow(/^Redis refused GET: WRONGTYPE/);
    const error: unknown = await refused.catch((reason: unknown) => reason);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(prefix);
    expect(onError).toHaveBeenCalledExactlyOnceWith(error);
  });

  describe("its lock", () => {
    const asTask = (accessToken: string) => async (): Promise<StoredToken> => ({ ...token, accessToken });

    it("lets one run its task, gives its token to those who wait, and is gone afterwards", async () => {
      const prefix = `${randomUUID()}:`;
      let running = 0;
      let ran = 0;
      const got = await Promise.all(
        Array.from({ length: 10 }, async (_, nth) => {
          const store = newStore(prefix);
          return store.lock?.(KEY, async () => {
            ran += 1;
            running += 1;
            expect(running).toBe(1);
            const mine = { ...token, accessToken: `token-${nth}` };
            await say("PING");
            await store.set(KEY, mine, 60_000);
            running -= 1;
            return mine;
          });
        }),
      );
      expect(ran).toBe(1);
      expect(new Set(got.map((each) => each?.accessToken)).size).toBe(1);
      await say("PING");
      expect(await say("EXISTS", `${prefix}lock:${KEY}`)).toBe(0);
    });

    it("passes to the next when its task fails, and when its holder dies", async () => {
      const prefix = `${randomUUID()}:`;
      const failing = newStore(prefix).lock?.(KEY, () => Promise.reject(new Error("refused")));
      await expect(failing).rejects.toThrow("refused");
      expect(await newStore(prefix).lock?.(KEY, asTask("next"))).toMatchObject({ accessToken: "next" });
      // What a dead process leaves behind.
      await say("SET", `${prefix}lock:${KEY}`, "dead", "PX", "60000");
      const waiting = newStore(prefix).lock?.(KEY, asTask("heir"));
      await say("PEXPIRE", `${prefix}lock:${KEY}`, "1");
      expect(await waiting).toMatchObject({ accessToken: "heir" });
    });

    it("is not taken from another who holds it now", async () => {
      const prefix = `${randomUUID()}:`;
      const lock = `${prefix}lock:${KEY}`;
      await newStore(prefix).lock?.(KEY, async () => {
        expect(Number(await say("PTTL", lock))).toBeLessThanOrEqual(5_000);
        await say("SET", lock, "another");
        return token;
      });
      await say("PING");
      expect(await say("GET", lock)).toBe("another");
    });

    it("does not wait for a token that was there before", async () => {
      const prefix = `${randomUUID()}:`;
      const store = newStore(prefix);
      await store.set(KEY, { ...token, accessToken: "old" }, 60_000);
      await say("SET", `${prefix}lock:${KEY}`, "holder");
      const waiting = store.lock?.(KEY, asTask("unused"));
      await say("PING");
      await newStore(prefix).set(KEY, { ...token, accessToken: "new" }, 60_000);
      expect(await waiting).toMatchObject({ accessToken: "new" });
    });
  });
});

describe("options that cannot work", () => {
  const client = { sendCommand: () => Promise.resolve(null) };
  it.each([
    ["no bytes", new Uint8Array(), "0 bytes"],
    ["16 bytes", new Uint8Array(16), "16 bytes"],
    ["base64 of 24 bytes", Buffer.alloc(24, "canary").toString("base64"), "24 bytes"],
    ["hexadecimal", "c0ffee00".repeat(8), "48 bytes"],
    ["a passphrase", "canary correct horse battery", "a string that is not base64"],
    ["nothing", undefined, "undefined"],
  ])("an encryption key of %s", (_, encryptionKey, told) => {
    const make = (): unknown => redisTokenStore(client, JSON.parse("{}") as never);
    expect(make).toThrow(UpvestConfigError);
    const given = { encryptionKey } as { encryptionKey: string };
    expect(() => redisTokenStore(client, given)).toThrow(
      `encryptionKey must be 32 random bytes, as Uint8Array or as base64 (openssl rand -base64 32); it is ${told}`,
    );
    expect(() => redisTokenStore(client, given)).not.toThrow("canary");
  });

  it.each([null, undefined, {}, "redis://127.0.0.1"])("a client that is %o", (other) => {
    const make = (): unknown => redisTokenStore(other as never, { encryptionKey });
    expect(make).toThrow(UpvestConfigError);
    expect(make).toThrow("client must be a Redis client");
  });

  it("a prefix that is no text", () => {
    const options = { encryptionKey, prefix: 7 as unknown as string };
    expect(() => redisTokenStore(client, options)).toThrow('prefix must be a string such as "upvest:"');
  });
});

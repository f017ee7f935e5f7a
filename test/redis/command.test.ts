import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { UpvestError } from "../../src/errors.js";
import { createCommand, type Command, type CommandOptions } from "../../src/redis/command.js";
import { locked } from "../../src/redis/lock.js";
import { libraries, redisIsInstalled, startRedis, type RedisServer } from "./support/server.js";

/** Until a command succeeds; the client decides when it is connected again. */
async function untilBack(command: Command): Promise<void> {
  while (!(await command(["PING"]).catch(() => false))) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe.skipIf(!redisIsInstalled).each(libraries)("commands over %s", (_, connect) => {
  async function start(
    options: CommandOptions,
  ): Promise<{ readonly redis: RedisServer; readonly command: Command }> {
    const redis = await startRedis();
    const { client, close } = await connect(redis.url);
    onTestFinished(async () => {
      close();
      await redis.remove();
    });
    return { redis, command: createCommand(client, options) };
  }

  it("a Redis that is killed fails every command, is told of once, and is used again when it is back", async () => {
    const onError = vi.fn();
    const { redis, command } = await start({ timeout: 200, pause: 0, onError });
    expect(await command(["PING"])).toBe("PONG");
    await redis.kill();
    for (let nth = 0; nth < 50; nth += 1) {
      await expect(command(["GET", "canary"])).rejects.toThrow(/^Redis /);
    }
    expect(onError).toHaveBeenCalledTimes(1);
    expect(onError.mock.calls[0]?.[0]).toBeInstanceOf(UpvestError);
    await redis.restart();
    await untilBack(command);
    expect(await command(["SET", "a", "1"])).toBe("OK");
    await redis.kill();
    await expect(command(["GET", "canary"])).rejects.toThrow(/^Redis /);
    expect(onError).toHaveBeenCalledTimes(2);
    expect(JSON.stringify(onError.mock.calls)).not.toContain("canary");
  });

  it("a Redis that hangs is given up, and then left alone: the next are told at once", async () => {
    const { redis, command } = await start({ timeout: 30, pause: 3_600_000 });
    redis.freeze();
    await expect(command(["GET", "a"])).rejects.toThrow("Redis did not answer GET within 30 ms");
    await expect(command(["GET", "a"])).rejects.toThrow(
      "Redis is away: GET was not sent, the last command failed a moment ago",
    );
    redis.thaw();
  });

  it("while it is away, one command at a time finds out whether it is back", async () => {
    const { redis, command } = await start({ timeout: 30, pause: 0 });
    redis.freeze();
    await expect(command(["PING"])).rejects.toThrow("within 30 ms");
    const told = await Promise.allSettled(Array.from({ length: 5 }, () => command(["PING"])));
    const messages = told.map((each) => (each.status === "rejected" ? String(each.reason) : "answered"));
    expect(messages.filter((message) => message.includes("within 30 ms"))).toHaveLength(1);
    expect(messages.filter((message) => message.includes("was not sent"))).toHaveLength(4);
    redis.thaw();
    await untilBack(command);
  });

  it("a full Redis refuses what would fill it further; the rest is carried out, and it is told of once", async () => {
    const onError = vi.fn();
    const { command } = await start({ pause: 3_600_000, onError });
    await command(["SET", "a", "1"]);
    await command(["CONFIG", "SET", "maxmemory", "1"]);
    for (let nth = 0; nth < 5; nth += 1) {
      await expect(command(["SET", "b", "canary"])).rejects.toThrow(
        /^Redis refused SET: OOM command not allowed/,
      );
      expect(await command(["GET", "a"])).toBe("1");
    }
    expect(onError).toHaveBeenCalledTimes(1);
    expect(onError.mock.calls[0]?.[0]).toBeInstanceOf(UpvestError);
    await command(["CONFIG", "SET", "maxmemory", "0"]);
    await command(["SET", "b", "2"]);
    await command(["CONFIG", "SET", "maxmemory", "1"]);
    await expect(command(["SET", "b", "3"])).rejects.toThrow("OOM");
    expect(onError).toHaveBeenCalledTimes(2);
  });

  it("a Redis that became a replica is read on from, and written to again when it is none any more", async () => {
    const { redis, command } = await start({ pause: 3_600_000 });
    await command(["SET", "a", "1"]);
    // Of itself: never in step, so what it has stays.
    await command(["REPLICAOF", "127.0.0.1", new URL(redis.url).port]);
    await expect(command(["SET", "a", "2"])).rejects.toThrow(/^Redis refused SET: READONLY /);
    expect(await command(["GET", "a"])).toBe("1");
    await command(["REPLICAOF", "NO", "ONE"]);
    expect(await command(["SET", "a", "2"])).toBe("OK");
  });

  it("a command that Redis does not know is refused without its arguments", async () => {
    const { command } = await start({});
    const told = await command(["NONSUCH", "canary"]).catch(String);
    expect(told).toMatch(/Redis refused NONSUCH: ERR unknown command/);
    expect(told).not.toContain("canary");
  });

  it("a lock that is taken after it was given up is given back", async () => {
    const { redis, command } = await start({ timeout: 30, pause: 0 });
    redis.freeze();
    const lock = locked("late", async () => "done", {
      command,
      read: async () => undefined,
      same: Object.is,
    });
    await expect(lock).rejects.toThrow("Redis did not answer SET within 30 ms");
    redis.thaw();
    await untilBack(command);
    await vi.waitFor(async () => expect(await command(["EXISTS", "late"])).toBe(0), { timeout: 10_000 });
  });

  it("who has waited long enough for a lock goes on alone", async () => {
    const { command } = await start({});
    await command(["SET", "held", "another"]);
    const task = vi.fn(async () => "done");
    const options = { command, read: async () => undefined, same: Object.is, patience: 0 };
    expect(await locked("held", task, options)).toBe("done");
    expect(task).toHaveBeenCalledTimes(1);
    expect(await command(["GET", "held"])).toBe("another");
  });
});

describe("a client that was never connected", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is waited for a second: it may be about to connect", async () => {
    const onError = vi.fn();
    const client = { isReady: false, sendCommand: () => new Promise<never>(() => undefined) };
    const command = createCommand(client, { onError });
    const told = command(["GET", "a"]).catch((error: Error) => error.message);
    await vi.advanceTimersByTimeAsync(1_001);
    expect(await told).toBe("Redis did not answer GET within 1000 ms. Is the client connected?");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is not waited for again, until it is connected", async () => {
    const sendCommand = vi.fn<() => Promise<unknown>>(() => new Promise<never>(() => undefined));
    const client = { isReady: false, sendCommand };
    const command = createCommand(client, { pause: 0 });
    const told = expect(command(["GET", "a"])).rejects.toThrow("Is the client connected?");
    await vi.advanceTimersByTimeAsync(1_001);
    await told;
    await expect(command(["GET", "a"])).rejects.toThrow("GET was not sent, the client has no connection");
    expect(sendCommand).toHaveBeenCalledTimes(1);
    client.isReady = true;
    sendCommand.mockResolvedValueOnce("PONG");
    expect(await command(["PING"])).toBe("PONG");
  });

  it("is asked nothing where it had a connection and lost it before it was first used", async () => {
    const sendCommand = vi.fn<() => Promise<unknown>>(() => new Promise<never>(() => undefined));
    const client = { isReady: true, sendCommand };
    const command = createCommand(client);
    client.isReady = false;
    await expect(command(["GET", "a"])).rejects.toThrow("GET was not sent, the client has no connection");
    expect(sendCommand).not.toHaveBeenCalled();
  });

  it("is used as soon as it answers, also in bytes and also where it throws instead of rejecting", async () => {
    const sendCommand = vi.fn<() => Promise<unknown>>();
    sendCommand.mockImplementationOnce(() => {
      throw new Error("The client is closed");
    });
    sendCommand.mockResolvedValueOnce("PONG");
    const command = createCommand({ sendCommand }, { pause: 0 });
    await expect(command(["PING"])).rejects.toThrow("Redis failed at PING: The client is closed");
    expect(await command(["PING"])).toBe("PONG");
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    () => {
      throw new Error("listener");
    },
    async () => {
      throw new Error("listener, later");
    },
  ])("a listener that throws harms nobody: %s", async (onError) => {
    const command = createCommand({ sendCommand: () => Promise.reject(new Error("down")) }, { onError });
    await expect(command(["PING"])).rejects.toThrow("Redis failed at PING: down");
  });
});

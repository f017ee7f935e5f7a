import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@redis/client";
import { Redis } from "ioredis";
import type { RedisClient } from "../../../src/redis/index.js";
import { freePort } from "../../support/free-port.js";

/** Without the Debian package `redis-server` these tests are reported as skipped. */
export const redisIsInstalled = spawnSync("redis-server", ["--version"]).status === 0;

/** A real Redis on loopback, which keeps nothing on disk. */
export interface RedisServer {
  readonly url: string;
  /** Like a power cut: what it knew is gone. */
  kill(): Promise<void>;
  /** Again, empty, on the same port. */
  restart(): Promise<void>;
  /** It takes connections and commands, and answers nothing. */
  freeze(): void;
  thaw(): void;
  /** Ends it and cleans up after it. */
  remove(): Promise<void>;
}

export async function startRedis(): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), "upvest-client-redis-"));
  const port = await freePort();
  let running = await run(port, folder);
  let ended: Promise<unknown> = Promise.resolve();
  const kill = async (): Promise<void> => {
    if (running.exitCode === null && running.signalCode === null) {
      ended = new Promise((resolve) => running.once("exit", resolve));
      running.kill("SIGKILL");
    }
    await ended;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    async restart() {
      // Or the port may still be its own.
      await ended;
      running = await run(port, folder);
    },
    freeze: () => void running.kill("SIGSTOP"),
    thaw: () => void running.kill("SIGCONT"),
    async remove() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function run(port: number, folder: string): Promise<ChildProcess> {
  const options = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const server = spawn("redis-server", [...options, "--dir", folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    let said = "";
    server.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes("Ready to accept connections")) resolve(server);
    });
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`redis-server ended with ${code}: ${said}`)));
  });
}

/** A user's client, and how the user would close it. */
export interface Connection {
  readonly client: RedisClient;
  readonly close: () => void;
}

const ignore = (): void => undefined;

export async function connectNodeRedis(url: string): Promise<Connection> {
  const client = createClient({ url, socket: { reconnectStrategy: 20 } });
  client.on("error", ignore);
  await client.connect();
  return { client, close: () => client.destroy() };
}

export async function connectIoRedis(url: string): Promise<Connection> {
  const client = new Redis(url, { retryStrategy: () => 20 });
  client.on("error", ignore);
  await new Promise((resolve) => client.once("ready", resolve));
  return { client, close: () => client.disconnect() };
}

export const libraries = [
  ["node-redis", connectNodeRedis],
  ["ioredis", connectIoRedis],
] as const;

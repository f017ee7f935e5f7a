/** The part of node-redis that is used: the packages `redis` and `@redis/client`, one server or Sentinel. */
export interface NodeRedisClient {
  /** Sends one command, its name first. */
  sendCommand(args: string[]): Promise<unknown>;
  readonly isReady?: boolean;
}

/** The part of ioredis that is used. */
export interface IoRedisClient {
  /** Sends one command. */
  call(command: string, ...args: string[]): Promise<unknown>;
  readonly status?: string;
}

/** A client of your own, of either library, connected or about to be. It stays yours: nothing here connects, configures or closes it. */
export type RedisClient = NodeRedisClient | IoRedisClient;

const isIoRedis = (client: RedisClient): client is IoRedisClient =>
  "call" in client && typeof client.call === "function";

export const isRedisClient = (client: unknown): client is RedisClient =>
  typeof client === "object" &&
  client !== null &&
  (("call" in client && typeof client.call === "function") ||
    ("sendCommand" in client && typeof client.sendCommand === "function"));

/** Sends one command. ioredis has a `sendCommand` too, which takes something else: its `call` is looked for first. */
export function send(client: RedisClient, [name, ...args]: readonly [string, ...string[]]): Promise<unknown> {
  return isIoRedis(client) ? client.call(name, ...args) : client.sendCommand([name, ...args]);
}

/** Whether the client says that it has a connection; one that says nothing of it counts as connected. */
export function isConnected(client: RedisClient): boolean {
  return isIoRedis(client)
    ? client.status === undefined || client.status === "ready"
    : client.isReady !== false;
}

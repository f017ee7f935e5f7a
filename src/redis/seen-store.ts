import type { SeenStore } from "../webhooks/seen.js";
import type { RedisClient } from "./client.js";
import { createCommand, textOf } from "./command.js";
import { prefixOf } from "./options.js";

/** What {@link redisSeenStore} may be told. */
export interface RedisSeenStoreOptions {
  /** What all keys start with. Default `upvest:`. */
  readonly prefix?: string;
}

/**
 * Remembers webhook events and nonces in Redis, for all processes that receive deliveries. While Redis is away both
 * functions reject within a second: the receiver then answers 500, and the delivery comes again.
 *
 * @param client yours, connected or about to be: node-redis or ioredis
 * @throws UpvestConfigError for an option that cannot work
 */
export function redisSeenStore(client: RedisClient, { prefix }: RedisSeenStoreOptions = {}): SeenStore {
  const command = createCommand(client);
  const start = `${prefixOf(prefix)}seen:`;
  return {
    get: async (id) => textOf(await command(["GET", start + id])),
    async set(id, value, ttl) {
      await command(["SET", start + id, value, "PX", String(Math.max(1, Math.ceil(ttl)))]);
    },
  };
}

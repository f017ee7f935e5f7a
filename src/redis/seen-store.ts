import type { SeenStore } from "../webhooks/seen.js";
import type { RedisClient } from "./client.js";
import { createCommand, textOf, type OnRedisError } from "./command.js";
import { createMarks } from "./marks.js";
import { prefixOf } from "./options.js";

/** What {@link redisSeenStore} may be told. */
export interface RedisSeenStoreOptions {
  /** What all keys start with. Default `upvest:`. */
  readonly prefix?: string;
  /**
   * Told when Redis goes away or refuses (once, until it is back), and of marks that it did not take within 30 s: another
   * process may handle those events again.
   */
  readonly onError?: OnRedisError;
}

/**
 * Remembers webhook events and nonces in Redis, for all processes that receive deliveries. While Redis is away both
 * functions reject within a second: the receiver then answers 500, and the delivery comes again. What `set` could not
 * write is tried again for 30 s, in the background; it keeps no process alive.
 *
 * @param client yours, connected or about to be: node-redis or ioredis
 * @throws UpvestConfigError for an option that cannot work
 */
export function redisSeenStore(client: RedisClient, options: RedisSeenStoreOptions = {}): SeenStore {
  const prefix = prefixOf("redisSeenStore", options);
  const { onError } = options;
  const command = createCommand(client, { onError });
  const start = `${prefix}seen:`;
  const marks = createMarks(
    (id, value, ttl) => command(["SET", start + id, value, "PX", String(Math.max(1, Math.ceil(ttl)))]),
    onError,
  );
  return {
    get: async (id) => marks.waiting(id) ?? textOf(await command(["GET", start + id])),
    set: (id, value, ttl) => marks.write(id, value, ttl),
  };
}

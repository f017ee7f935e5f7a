/**
 * What several processes share through one Redis: access tokens, a rate budget, the webhook events that were handled.
 * Read on: token-store.ts (with seal.ts and lock.ts), limiter.ts (queue.ts, budget.ts, members.ts), seen-store.ts
 * (marks.ts); all of them reach Redis through command.ts.
 */
export type { IoRedisClient, NodeRedisClient, RedisClient } from "./client.js";
export { redisLimiter, type RedisLimiterOptions } from "./limiter.js";
export { redisSeenStore, type RedisSeenStoreOptions } from "./seen-store.js";
export { redisTokenStore, type RedisTokenStoreOptions } from "./token-store.js";

import { UpvestError } from "../base-errors.js";
import type { StoredToken, TokenStore } from "../token-store.js";
import type { RedisClient } from "./client.js";
import { createCommand, report, textOf, type OnRedisError } from "./command.js";
import { locked } from "./lock.js";
import { prefixOf } from "./options.js";
import { createSeal } from "./seal.js";

/** What {@link redisTokenStore} needs to know. */
export interface RedisTokenStoreOptions {
  /**
   * 32 random bytes, or their base64. Tokens are encrypted with it (AES-256-GCM) before they leave the process. All
   * processes that share tokens need the same one; who has another sees no token and asks for one of its own.
   */
  readonly encryptionKey: Uint8Array | string;
  /** What all keys start with. Default `upvest:`. */
  readonly prefix?: string;
  /**
   * Told when Redis goes away or refuses (once, until it is back) and of an entry that cannot be decrypted. Neither
   * fails a call, so this is the only place that hears of it.
   */
  readonly onError?: OnRedisError;
}

/**
 * Keeps access tokens in Redis, for all processes that use the same server, prefix and encryption key: one of them asks
 * for a token, the others take it from there. While Redis is away each process uses a token of its own.
 *
 * @param client yours, connected or about to be: node-redis or ioredis
 * @throws UpvestConfigError for an option that cannot work
 */
export function redisTokenStore(client: RedisClient, options: RedisTokenStoreOptions): TokenStore {
  const start = prefixOf("redisTokenStore", options, "encryptionKey");
  const { encryptionKey, onError } = options;
  const command = createCommand(client, { onError });
  const seal = createSeal(encryptionKey);
  let unreadable: string | undefined;

  async function get(key: string): Promise<StoredToken | undefined> {
    const place = `${start}token:${key}`;
    const sealed = textOf(await command(["GET", place]));
    if (sealed === undefined) return undefined;
    const opened = await seal.open(sealed, place);
    const token = opened === undefined ? undefined : tokenOf(opened);
    if (token === undefined && sealed !== unreadable) {
      // Once for each entry: who waits for a lock looks again and again.
      unreadable = sealed;
      report(
        onError,
        new UpvestError(
          "the token in Redis cannot be decrypted, so a new one is asked for. Do all processes have the same encryptionKey?",
        ),
      );
    }
    return token;
  }

  return {
    get,
    async set(key, token, ttl) {
      const { accessToken, scope, issuedAt, expiresAt } = token;
      const lifetime = Math.floor(ttl);
      if (!(lifetime > 0)) return;
      const place = `${start}token:${key}`;
      const sealed = await seal.close(JSON.stringify({ accessToken, scope, issuedAt, expiresAt }), place);
      await command(["SET", place, sealed, "PX", String(lifetime)]);
    },
    lock: (key, task) =>
      locked(`${start}lock:${key}`, task, {
        command,
        read: () => get(key),
        same: (one, other) => one.accessToken === other.accessToken,
      }),
  };
}

/** @returns undefined for anything but a token as `set` writes it */
function tokenOf(json: string): StoredToken | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { accessToken, scope, issuedAt, expiresAt } = value as Readonly<Record<keyof StoredToken, unknown>>;
  return typeof accessToken === "string" &&
    typeof scope === "string" &&
    typeof issuedAt === "number" &&
    typeof expiresAt === "number"
    ? { accessToken, scope, issuedAt, expiresAt }
    : undefined;
}

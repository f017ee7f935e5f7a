import { UpvestConfigError, UpvestError } from "../base-errors.js";
import type { Limiter } from "../pipeline/limiter.js";
import {
  loadLibrary,
  localBudget,
  sharedBudget,
  type Budget,
  type Library,
  type SharedBudget,
} from "./budget.js";
import type { RedisClient } from "./client.js";
import { createCommand, type OnRedisError } from "./command.js";
import { createMembers } from "./members.js";
import { prefixOf } from "./options.js";
import { createQueue, type Grant } from "./queue.js";

/** What {@link redisLimiter} needs to know. */
export interface RedisLimiterOptions {
  /** What all processes together may send; the same number in each. Upvest's sandbox: 300 (Upvest docs, "Environments"). */
  readonly requestsPerSecond: number;
  /** How many attempts may wait in this process; one more is refused at once. Default: 10 times `requestsPerSecond`. */
  readonly maxQueue?: number;
  /**
   * What this process may send in a second while Redis is away. Default: `requestsPerSecond` divided by the number of
   * processes that used the limiter in the last ten seconds before; a tenth where this one has never reached Redis.
   */
  readonly localShare?: number;
  /** What all keys start with; one prefix, one budget. Default `upvest:`. */
  readonly prefix?: string;
  /** Told when Redis goes away or refuses (once, until it is back); calls go on with the local share. */
  readonly onError?: OnRedisError;
}

/** ms after which the budget is asked again at the latest: Redis may be away by then, and the local share open. */
const LONGEST_PAUSE = 1_000;

/**
 * One rate budget for all processes that use the same Redis and prefix, evenly spaced: no second of a server's sliding
 * window sees more than `requestsPerSecond`. In each process attempts go in order of arrival.
 *
 * `acquire` rejects with an UpvestError when `maxQueue` attempts wait already, with the signal's reason when it aborts,
 * and with an UpvestConfigError where the package rate-limiter-flexible is not installed.
 *
 * @param client yours, connected or about to be: node-redis or ioredis
 * @throws UpvestConfigError for an option that cannot work
 */
export function redisLimiter(client: RedisClient, options: RedisLimiterOptions): Limiter {
  const prefix = prefixOf("redisLimiter", options, "requestsPerSecond", "maxQueue", "localShare");
  const rate = positive("requestsPerSecond", options.requestsPerSecond);
  const maxQueue = whole("maxQueue", options.maxQueue ?? Math.ceil(10 * rate));
  const fixedShare =
    options.localShare === undefined ? undefined : positive("localShare", options.localShare);
  const command = createCommand(client, { onError: options.onError });
  const members = createMembers(command, `${prefix}members`);

  let library: Promise<Library> | undefined;
  let shared: SharedBudget | undefined;
  let local: { readonly rate: number; readonly budget: Budget } | undefined;
  let away = false;

  const share = (): number => {
    const count = members.count();
    return fixedShare ?? (count === undefined ? rate / 10 : rate / count);
  };

  async function askBudgets(most: number): Promise<Grant> {
    const loaded = await (library ??= loadLibrary());
    members.announce();
    try {
      shared ??= sharedBudget(loaded, command, `${prefix}budget`, rate);
      const grant = await shared.ask(most);
      away = false;
      return grant;
    } catch {
      away = true;
      const now = share();
      if (local?.rate !== now) local = { rate: now, budget: localBudget(loaded, now) };
      return local.budget(1);
    }
  }

  return createQueue({
    maxQueue,
    pace: () => (away ? undefined : shared?.pace()) ?? { most: 1, apart: 0 },
    async ask(most) {
      const grant = await askBudgets(most);
      return "goIn" in grant ? grant : { askAgainIn: Math.min(LONGEST_PAUSE, grant.askAgainIn) };
    },
    full: (operationId) => {
      const admits = away
        ? `${Number(share().toFixed(3))} requests a second, the share of this process while Redis is away,`
        : `${rate} requests a second`;
      return new UpvestError(
        `${operationId} was not sent: the limiter admits ${admits} and its queue is full (maxQueue ${maxQueue}). Make fewer calls at once, call again later, or raise maxQueue.`,
      );
    },
  });
}

function positive(name: string, value: unknown): number {
  if (typeof value === "number" && value > 0 && value <= 1_000_000) return value;
  throw new UpvestConfigError(
    `redisLimiter: ${name} must be a number above 0, at most 1000000; it is ${String(value)}`,
  );
}

function whole(name: string, value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 10_000_000) return value;
  throw new UpvestConfigError(
    `redisLimiter: ${name} must be a whole number from 1 to 10000000; it is ${String(value)}`,
  );
}

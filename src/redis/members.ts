import type { Command } from "./command.js";

/** Who shares a budget: counted while Redis is there, so that the number is known when it is not. */
export interface Members {
  /** Counts this process in, now and then. Call it whenever the budget is used. */
  announce(): void;
  /** How many there were at the last count, this process included; undefined: never counted. */
  count(): number | undefined;
}

/** ms between two announcements. */
const EVERY = 2_000;

/** ms after which a process that no longer announces itself is no longer counted. */
const REMEMBERED = 10_000;

/** By Redis's clock: a sorted set of members by the time they were last heard of. */
const COUNT = `
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call("ZADD", KEYS[1], now, ARGV[1])
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", now - ARGV[2])
redis.call("PEXPIRE", KEYS[1], ARGV[2])
return redis.call("ZCARD", KEYS[1])`;

export function createMembers(command: Command, name: string): Members {
  const self = crypto.randomUUID();
  let counted: number | undefined;
  let next = Number.NEGATIVE_INFINITY;
  return {
    announce() {
      const now = performance.now();
      if (now < next) return;
      next = now + EVERY;
      command(["EVAL", COUNT, "1", name, self, String(REMEMBERED)])
        .then((reply) => (counted = Math.max(1, Number(reply))))
        .catch(() => undefined);
    },
    count: () => counted,
  };
}

import type { RateLimiterMemory, RateLimiterRedis } from "rate-limiter-flexible";
import { UpvestConfigError } from "../base-errors.js";
import { whyNotLoaded } from "../optional-peer.js";
import type { Command } from "./command.js";
import { ASKING, type Grant, type Pace } from "./queue.js";

/** Asks for so many attempts at most; rejects with an Error when the budget cannot be asked. */
export type Budget = (most: number) => Promise<Grant>;

/** A budget over the network. */
export interface SharedBudget {
  readonly ask: Budget;
  /** How to ask, so that the budget can be used up however far Redis is. */
  readonly pace: () => Pace;
}

/** The part of rate-limiter-flexible that is used; it is an optional peer. */
export interface Library {
  readonly RateLimiterRedis: typeof RateLimiterRedis;
  readonly RateLimiterMemory: typeof RateLimiterMemory;
}

/**
 * s in which no more than the rate is admitted: a second, and how much longer one request may be under way than another
 * before a server that counts arrivals sees more in a second of its own. The limiter of one process has the same.
 */
const WINDOW = 1.03;

/** s by which the even pace may be overtaken after a delay, so that late timers and slow answers cost nothing. */
const TOLERANCE = 0.02;

/**
 * ms that attempts are admitted ahead, to go when it is their turn. Longer saves questions, shorter is fairer. The same
 * for all: who is far from Redis and were admitted further ahead would leave nothing to those who are near.
 */
const AHEAD = 100;

/** us from now to the last time that an attempt may be admitted for. */
const LATEST = AHEAD * 1_000 + TOLERANCE * 1e6;

/** us between two attempts. */
const intervalOf = (rate: number): number => Math.ceil(((WINDOW + TOLERANCE) * 1e6) / rate);

/** More than all questions together can ask for: how much is admitted is the script's affair. */
const POINTS = 1e9;

/**
 * rate-limiter-flexible counts in fixed windows, and two of them may be emptied back to back: twice the rate in one
 * second, which a server with a sliding window refuses. Through the place that the library has for a script of one's
 * own this runs the generic cell rate algorithm instead (ITU-T I.371): one time stamp, moved on by an interval for each
 * attempt. By Redis's own clock, so those of the processes may differ; a time stamp that lies further ahead than can have
 * been admitted was left by that clock before it was set back. `%.0f`, because Lua would round the microseconds when it
 * writes them. ARGV: attempts that are asked for, and what the library has for its own. Answers as it
 * reads it: attempts that are admitted, and ms until the first is due, less than 0 where it may overtake.
 */
const script = (rate: number): string => `
local time = redis.call("TIME")
local now = time[1] * 1000000 + time[2]
local due = math.max(tonumber(redis.call("GET", KEYS[1]) or now), now)
if due - now > ${LATEST + intervalOf(rate)} then due = now + ${LATEST} end
local left = ${LATEST} - (due - now)
if left < 0 then return { ARGV[3] + 1, math.ceil(-left / 1000) } end
local count = math.min(ARGV[1], 1 + math.floor(left / ${intervalOf(rate)}))
local first = math.ceil((due - now - ${TOLERANCE * 1e6}) / 1000)
due = due + count * ${intervalOf(rate)}
redis.call("SET", KEYS[1], string.format("%.0f", due), "PX", math.ceil((due - now) / 1000))
return { count, first }`;

/** One budget for all who ask under this name. */
export function sharedBudget(library: Library, command: Command, name: string, rate: number): SharedBudget {
  /** ms, an average of late. */
  let trip = 0;
  const limiter = new library.RateLimiterRedis({
    // All that the library asks of a client here.
    storeClient: {
      eval: async (
        source: string,
        { keys, arguments: given }: Readonly<Record<"keys" | "arguments", readonly string[]>>,
      ) => {
        const asked = performance.now();
        const reply = await command(["EVAL", source, String(keys.length), ...keys, ...given]);
        trip += (performance.now() - asked - trip) / 4;
        return reply;
      },
    },
    useRedisPackage: true,
    customIncrTtlLuaScript: script(rate),
    keyPrefix: name,
    points: POINTS,
    duration: 1,
  });
  return {
    async ask(most) {
      const { admitted, ms } = await consume(limiter, most);
      // Not at once when the next place is free: all processes would ask at that moment.
      if (admitted === 0) return { askAgainIn: ms + Math.random() * AHEAD };
      const interval = intervalOf(rate) / 1_000;
      return { goIn: Array.from({ length: admitted }, (_, nth) => Math.ceil(ms + nth * interval)) };
    },
    // Evenly, because what comes at once is admitted no further than AHEAD; and twice what uses up the budget, because not
    // every question is asked as soon as it might be.
    pace: () => {
      const apart = trip / ASKING;
      return { apart, most: Math.max(1, Math.ceil((2 * rate * apart) / 1_000)) };
    },
  };
}

/** A budget of this process alone. */
export function localBudget(library: Library, rate: number): Budget {
  const points = Math.max(1, Math.floor(rate / 20));
  const limiter = new library.RateLimiterMemory({ points, duration: points / rate });
  return async () => {
    const { admitted, ms } = await consume(limiter, 1);
    return admitted > 0 ? { goIn: [0] } : { askAgainIn: Math.ceil(ms) };
  };
}

interface Answer {
  readonly admitted: number;
  readonly ms: number;
}

/** The library resolves what it admits, and rejects both what it does not and what went wrong. */
async function consume(limiter: RateLimiterRedis | RateLimiterMemory, most: number): Promise<Answer> {
  try {
    const { consumedPoints, msBeforeNext } = await limiter.consume("requests", most);
    return { admitted: consumedPoints, ms: msBeforeNext };
  } catch (answer) {
    if (answer instanceof Error) throw answer;
    if (typeof answer === "object" && answer !== null && "msBeforeNext" in answer) {
      return { admitted: 0, ms: Number(answer.msBeforeNext) };
    }
    throw new Error("rate-limiter-flexible gave an answer that it does not document", { cause: answer });
  }
}

/** Loaded by those who use it: tokens can be shared without it. */
export async function loadLibrary(load?: () => Promise<Library>): Promise<Library> {
  try {
    // Within the try: a bundler then takes it for a package that may be absent.
    return load === undefined ? await import("rate-limiter-flexible") : await load();
  } catch (cause) {
    const why = whyNotLoaded("rate-limiter-flexible", "npm install rate-limiter-flexible@11", cause);
    throw new UpvestConfigError(`redisLimiter needs the package rate-limiter-flexible, which ${why}`, {
      cause,
    });
  }
}

import type { RateLimiterMemory, RateLimiterRedis } from "rate-limiter-flexible";
import { UpvestConfigError } from "../base-errors.js";
import { whyNotLoaded } from "../optional-peer.js";
import type { Command } from "./command.js";
import type { Grant } from "./queue.js";

/** Asks for one attempt; rejects with an Error when the budget cannot be asked. */
export type Budget = () => Promise<Grant>;

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

/** ms that attempts are admitted ahead, to go when it is their turn. Longer saves questions, shorter is fairer. */
const AHEAD = 100;

/**
 * rate-limiter-flexible counts in fixed windows, and two of them may be emptied back to back: twice the rate in one
 * second, which a server with a sliding window refuses. Through the place that the library has for a script of one's
 * own this runs the generic cell rate algorithm instead (ITU-T I.371): one time stamp, moved on by an interval for each
 * attempt. By Redis's own clock, so those of the processes may differ. `%.0f`, because Lua would round the microseconds
 * when it writes them. Answers as the library reads it: points used, and ms.
 */
const script = (rate: number): string => `
local time = redis.call("TIME")
local now = time[1] * 1000000 + time[2]
local due = math.max(tonumber(redis.call("GET", KEYS[1]) or now), now)
local wait = math.max(0, due - now - ${TOLERANCE * 1e6}) / 1000
if wait > ${AHEAD} then return { ARGV[3] + 1, math.ceil(wait - ${AHEAD}) } end
due = due + ARGV[1] * ${Math.ceil(((WINDOW + TOLERANCE) * 1e6) / rate)}
redis.call("SET", KEYS[1], string.format("%.0f", due), "PX", math.ceil((due - now) / 1000))
return { 1, math.ceil(wait) }`;

/** One budget for all who ask under this name. */
export function sharedBudget(library: Library, command: Command, name: string, rate: number): Budget {
  const limiter = new library.RateLimiterRedis({
    // All that the library asks of a client here.
    storeClient: {
      eval: (
        source: string,
        { keys, arguments: given }: Readonly<Record<"keys" | "arguments", readonly string[]>>,
      ) => command(["EVAL", source, String(keys.length), ...keys, ...given]),
    },
    useRedisPackage: true,
    customIncrTtlLuaScript: script(rate),
    keyPrefix: name,
    points: 1,
    duration: 1,
  });
  return async () => {
    const answer = await consume(limiter);
    if (answer.admitted) return { goIn: answer.ms };
    // Not at once when the next place is free: all processes would ask at that moment.
    return { askAgainIn: answer.ms + Math.random() * AHEAD };
  };
}

/** A budget of this process alone. */
export function localBudget(library: Library, rate: number): Budget {
  const points = Math.max(1, Math.floor(rate / 20));
  const limiter = new library.RateLimiterMemory({ points, duration: points / rate });
  return async () => {
    const answer = await consume(limiter);
    return answer.admitted ? { goIn: 0 } : { askAgainIn: Math.ceil(answer.ms) };
  };
}

interface Answer {
  readonly admitted: boolean;
  readonly ms: number;
}

/** The library resolves what it admits, and rejects both what it does not and what went wrong. */
async function consume(limiter: RateLimiterRedis | RateLimiterMemory): Promise<Answer> {
  try {
    const { msBeforeNext } = await limiter.consume("requests");
    return { admitted: true, ms: msBeforeNext };
  } catch (answer) {
    if (answer instanceof Error) throw answer;
    if (typeof answer === "object" && answer !== null && "msBeforeNext" in answer) {
      return { admitted: false, ms: Number(answer.msBeforeNext) };
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

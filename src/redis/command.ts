import { UpvestConfigError, UpvestError } from "../base-errors.js";
import { isConnected, isRedisClient, send, type RedisClient } from "./client.js";

/**
 * Sends a command and gives its reply.
 *
 * @param onLate gets the reply of a command that was given up and was carried out all the same
 * @throws UpvestError when Redis is away, slow or refuses
 */
export type Command = (
  args: readonly [string, ...string[]],
  onLate?: (reply: unknown) => void,
) => Promise<unknown>;

/** Told of what costs comfort and no call: Redis is away, an entry cannot be read. */
export type OnRedisError = (error: UpvestError) => void;

export interface CommandOptions {
  /**
   * Told once each time Redis goes away, not for every command that fails until it is back; and once of each command that
   * Redis refuses, until it carries that one out again.
   */
  readonly onError?: OnRedisError | undefined;
  /** ms until a command is given up. */
  readonly timeout?: number;
  /** ms after a failure in which nothing is sent. */
  readonly pause?: number;
}

/**
 * Wraps a client so that a Redis that is away costs a call at most one short wait. Both client libraries keep commands
 * in a queue while they reconnect, for as long as that takes. So each command has a time limit; after a failure nothing
 * is sent for a moment, and then one command at a time until one succeeds. One that is answered with an error (OOM from a
 * full Redis, READONLY after a failover) fails alone: Redis is there, and other commands may well succeed.
 *
 * @throws UpvestConfigError for something that is no Redis client
 */
export function createCommand(client: RedisClient, options: CommandOptions = {}): Command {
  if (!isRedisClient(client)) {
    throw new UpvestConfigError(
      `client must be a Redis client, from createClient() of the package redis or new Redis() of ioredis; it is ${client === null ? "null" : typeof client}`,
    );
  }
  const { onError, timeout = 1_000, pause = 1_000 } = options;
  /** It had a connection, so if it has none now it has lost it; before that it may be about to get one. */
  let connected = isConnected(client);
  let away = false;
  let quietUntil = 0;
  let probing = false;
  /** Names of commands that were refused when they were last sent. */
  const refused = new Set<string>();

  const fail = (error: UpvestError): UpvestError => {
    if (!away) report(onError, error);
    away = true;
    return error;
  };

  return async (args, onLate) => {
    const [name] = args;
    if (isConnected(client)) connected = true;
    // One that was waited for in vain is not waited for again.
    else if (connected || away) {
      throw fail(new UpvestError(`Redis is away: ${name} was not sent, the client has no connection`));
    }
    if (away && (probing || performance.now() < quietUntil)) {
      throw new UpvestError(`Redis is away: ${name} was not sent, the last command failed a moment ago`);
    }
    const probe = away;
    if (probe) probing = true;
    try {
      const reply = await within(
        started(() => send(client, args)),
        timeout,
        (late) => {
          // It is back, then.
          away = false;
          onLate?.(late);
        },
      );
      away = false;
      refused.delete(name);
      return reply;
    } catch (error) {
      if (isReply(error)) {
        away = false;
        // Redis quotes the arguments of a command that it does not know.
        const refusal = new UpvestError(
          `Redis refused ${name}: ${error.message.replace(/, with args.*/s, "")}`,
        );
        if (!refused.has(name)) report(onError, refusal);
        refused.add(name);
        throw refusal;
      }
      quietUntil = performance.now() + pause;
      // Not kept as `cause`: ioredis hangs the arguments of the command on its errors.
      const what =
        error === TOO_SLOW
          ? `did not answer ${name} within ${timeout} ms${connected ? "" : ". Is the client connected?"}`
          : `failed at ${name}: ${error instanceof Error ? error.message || error.name : "no reason given"}`;
      throw fail(new UpvestError(`Redis ${what}`));
    } finally {
      if (probe) probing = false;
    }
  };
}

/** What a listener throws, at once or later, must not reach the call that it was told of, nor end the process. */
export function report(onError: OnRedisError | undefined, error: UpvestError): void {
  // It is a listener's own affair.
  new Promise((resolve) => resolve(onError?.(error))).catch(() => undefined);
}

/**
 * Whether it is an error that Redis itself replied with. By the word in capitals that its replies begin with (Redis docs,
 * "RESP protocol specification", simple errors): the client libraries mark them by classes, which have other names in a
 * minified program. Errors of the system have a code.
 */
const isReply = (error: unknown): error is Error =>
  error instanceof Error && /^[A-Z]{2,} /.test(error.message) && !("code" in error);

/** A reply that is text, or `undefined` for none. Clients with a type mapping answer in bytes. */
export function textOf(reply: unknown): string | undefined {
  if (typeof reply === "string") return reply;
  return reply instanceof Uint8Array ? new TextDecoder().decode(reply) : undefined;
}

const TOO_SLOW = Symbol("too slow");

/** node-redis throws some errors at once, where a promise is expected. */
const started = async <T>(start: () => Promise<T>): Promise<T> => start();

async function within<T>(promise: Promise<T>, ms: number, onLate: (value: T) => void): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;
  const expiry = new Promise<never>((_, reject) => {
    const expire = (): void => {
      over = true;
      reject(TOO_SLOW);
    };
    // Where it was this process that stood still, the reply has come and waits to be read: one more turn lets it.
    timer = setTimeout(() => {
      timer = setTimeout(expire, 0);
    }, ms);
  });
  const told = async (): Promise<T> => {
    const value = await promise;
    if (over) onLate(value);
    return value;
  };
  try {
    return await Promise.race([told(), expiry]);
  } finally {
    clearTimeout(timer);
  }
}

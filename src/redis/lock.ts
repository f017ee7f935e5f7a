import { textOf, type Command } from "./command.js";

/** ms that a lock outlives its holder, should he die; while he lives he renews it. */
const LIFETIME = 5_000;

/** Only the owner may touch the lock: it may have ended and be another's by now. */
const RELEASE = `if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("del", KEYS[1]) end return 0`;
const RENEW = `if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("pexpire", KEYS[1], ARGV[2]) end return 0`;

export interface LockOptions<T> {
  readonly command: Command;
  /** What the task of another holder has left for us, if anything. */
  readonly read: () => Promise<T | undefined>;
  readonly same: (one: T, other: T) => boolean;
  /** ms to wait for the lock before going on without it. */
  readonly patience?: number;
}

/**
 * Runs the task while no other process runs one under this name; or, where another one was at it, gives what that one
 * has left. It saves work and guards nothing: who has waited long enough goes on alone.
 *
 * @throws what the task throws; UpvestError when Redis is away before the task has begun
 */
export async function locked<T>(
  name: string,
  task: () => Promise<T>,
  { command, read, same, patience = 8_000 }: LockOptions<T>,
): Promise<T> {
  const owner = crypto.randomUUID();
  const release = (): void => {
    // It ends by itself where this fails.
    command(["EVAL", RELEASE, "1", name, owner]).catch(() => undefined);
  };
  const take = async (): Promise<boolean> => {
    const reply = await command(["SET", name, owner, "NX", "PX", String(LIFETIME)], (late) => {
      // Nobody waits for it any more, and nobody else should.
      if (textOf(late) === "OK") release();
    });
    return textOf(reply) === "OK";
  };

  const deadline = performance.now() + patience;
  let mine = await take();
  if (!mine) {
    const before = await read();
    while (!mine && performance.now() < deadline) {
      // Drawn anew each time, so that many who wait do not ask in step.
      await pause(20 + 60 * Math.random());
      const now = await read();
      if (now !== undefined && (before === undefined || !same(now, before))) return now;
      mine = await take();
    }
    if (!mine) return task();
  }

  const renewal = setInterval(() => {
    command(["EVAL", RENEW, "1", name, owner, String(LIFETIME)]).catch(() => undefined);
  }, LIFETIME / 3);
  try {
    return await task();
  } finally {
    clearInterval(renewal);
    release();
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

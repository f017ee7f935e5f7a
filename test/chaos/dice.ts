/** A source of chance that gives the same at every run. */
export interface Dice {
  /** Between 0 (included) and 1 (not included). */
  readonly next: () => number;
  /** A whole number from 0, below `end`. */
  readonly below: (end: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(list: readonly [T, ...T[]]) => T;
}

/**
 * Dice for one purpose, named by the parts: whoever names the same parts throws the same, in whatever order things
 * happen. Names are hashed with FNV-1a, numbers come from mulberry32.
 */
export function dice(...parts: readonly (string | number)[]): Dice {
  let state = 0x811c9dc5;
  for (const character of parts.join(" ")) {
    state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number): number => Math.floor(next() * end);
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: (list) => list[below(list.length)] ?? list[0],
  };
}

/** A UUID of version 4, which is what Upvest takes as an idempotency key. */
export function uuid({ below }: Dice): string {
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => below(16).toString(16)).join("");
  return `${hex(8)}-${hex(4)}-4${hex(3)}-${"89ab"[below(4)] ?? "8"}${hex(3)}-${hex(12)}`;
}

/** `UPVEST_CHAOS_SEED`: a number, `random` for a fresh one, or nothing for the one that every run takes. */
export function seedFrom(env: NodeJS.ProcessEnv): number {
  const given = env["UPVEST_CHAOS_SEED"] ?? "20261121";
  if (given === "random") return Math.floor(Math.random() * 2 ** 31);
  if (/^\d{1,10}$/.test(given)) return Number(given);
  throw new Error(
    `UPVEST_CHAOS_SEED must be a whole number of up to ten digits, or "random"; it is ${given}`,
  );
}

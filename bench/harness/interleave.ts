/** Measures several sides in turn, so that a machine that is busy for a while is busy for all of them. */
import type { Goal, Row } from "./row.js";

/** Takes one sample: the cost of one unit, in a unit of its own choice. */
export type Sampler = () => number | Promise<number>;

/** The figure of each round, by side. */
export type Samples<Side extends string> = Readonly<Record<Side, readonly number[]>>;

export interface Plan {
  /** Odd, so that a median is one that was measured. Default 9. */
  readonly rounds?: number;
  /**
   * Samples that each side gives in a round; their median counts. Default 25: many short ones, most of which no other process
   * cuts in on.
   */
  readonly turns?: number;
  /** Samples of each side that are thrown away first. Default 5. */
  readonly warmUp?: number;
}

export async function interleave<Side extends string>(
  sides: Readonly<Record<Side, Sampler>>,
  { rounds = 9, turns = 25, warmUp = 5 }: Plan = {},
): Promise<Samples<Side>> {
  const names = Object.keys(sides) as Side[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Side, number[]>;
  for (let turn = 0; turn < warmUp; turn += 1) for (const name of names) await sides[name]();
  // No forced collection between the rounds: it throws away what the engine has learned of every side's objects, and the next
  // samples then measure how fast that is learned again.
  for (let round = 0; round < rounds; round += 1) {
    const taken = new Map<Side, number[]>(names.map((name) => [name, []]));
    for (let turn = 0; turn < turns; turn += 1) {
      // By chance, as in any fixed order one side could always meet what else the machine does at intervals.
      const order = shuffled(names);
      for (const name of order) taken.get(name)?.push(await sides[name]());
    }
    for (const name of names) samples[name].push(median(taken.get(name) ?? []));
  }
  return samples;
}

const shuffled = <T>(list: readonly T[]): T[] =>
  list
    .map((value) => ({ value, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ value }) => value);

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Sets one side of an interleaved measurement against another. */
export function versus<Side extends string>(
  samples: Samples<Side>,
  row: { readonly name: string; readonly unit: string; readonly goal?: Goal },
  { ours, other, against }: { readonly ours: Side; readonly other: Side; readonly against: string },
): Omit<Row, "met"> {
  const ratios = samples[ours].map((value, round) => value / (samples[other][round] ?? Number.NaN));
  return {
    ...row,
    against,
    ours: median(samples[ours]),
    other: median(samples[other]),
    ratio: median(ratios),
    range: [Math.min(...ratios), Math.max(...ratios)],
  };
}

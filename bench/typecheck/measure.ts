/** Runs compilers on programs in turn, and gives the middle of what they report. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { VARIANTS, type Variant } from "./programs.js";

export interface Sample {
  /** s, checking alone, as the compiler counts it. */
  readonly check: number;
  /** s, the whole command. */
  readonly wall: number;
  readonly instantiations: number;
}

export type Samples = Readonly<Record<Variant, Sample>>;
type Directories = Readonly<Record<Variant, string>>;

/**
 * @returns the median of each figure over the rounds; in a round every program has its turn, so that a machine that is busy
 * for a while is busy for all. Throws where a program does not compile, or where its types turn out to be `any`.
 */
export function measure(compiler: string, directories: Directories, rounds: number): Samples {
  for (const variant of VARIANTS) compile(compiler, join(directories[variant], "guard.json"));
  const samples: Record<Variant, Sample[]> = { empty: [], raw: [], ours: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const variant of VARIANTS) samples[variant].push(sample(compiler, directories[variant]));
  }
  return { empty: middle(samples.empty), raw: middle(samples.raw), ours: middle(samples.ours) };
}

function sample(compiler: string, directory: string): Sample {
  const start = performance.now();
  const output = compile(compiler, directory);
  const wall = (performance.now() - start) / 1000;
  return { wall, check: figure(output, "Check time"), instantiations: figure(output, "Instantiations") };
}

function compile(compiler: string, project: string): string {
  const { stdout, status } = spawnSync(
    process.execPath,
    [compiler, "-p", project, "--noEmit", "--extendedDiagnostics"],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`${project} does not compile:\n${stdout.slice(0, 2_000)}`);
  return stdout;
}

function figure(output: string, name: string): number {
  const found = new RegExp(`^${name}:\\s+([\\d.]+)`, "m").exec(output)?.[1];
  if (found === undefined) throw new Error(`The compiler reports no ${JSON.stringify(name)}:\n${output}`);
  return Number(found);
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const middle = (samples: readonly Sample[]): Sample => ({
  check: median(samples.map(({ check }) => check)),
  wall: median(samples.map(({ wall }) => wall)),
  instantiations: median(samples.map(({ instantiations }) => instantiations)),
});

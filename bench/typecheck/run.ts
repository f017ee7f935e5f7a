/**
 * What the types cost a user: one consumer file that calls thirty operations, checked against an empty file, against raw
 * openapi-typescript bindings through openapi-fetch, and against this package. All in one run, taken in turn.
 *
 * Run it: npm run bench:typecheck (with UPVEST_PUBLISHED_SPEC for the published description too)
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { measure, type Sample, type Samples } from "./measure.js";
import { makePrograms, type Programs } from "./programs.js";

/** Odd, so that a median is one that was measured. */
const ROUNDS = 9;
const root = fileURLToPath(new URL("../..", import.meta.url));
const results = fileURLToPath(new URL("../results/typecheck.json", import.meta.url));
const compilers = {
  "5.9": join(root, "node_modules/typescript/bin/tsc"),
  "7.0": join(root, "node_modules/ts7/bin/tsc"),
};

interface Comparison {
  /** Above the empty file. */
  readonly raw: number;
  readonly ours: number;
  /** Ours to raw. */
  readonly ratio: number;
}

interface Row {
  readonly description: string;
  readonly typescript: string;
  /** s */
  readonly check: Comparison;
  /** s */
  readonly wall: Comparison;
  readonly instantiations: Comparison;
}

interface Size {
  readonly description: string;
  readonly raw: number;
  readonly ours: number;
  readonly ratio: number;
}

const rounded = (value: number): number => Number(value.toFixed(3));
const ratio = (ours: number, raw: number): number => Number((ours / raw).toFixed(2));

function above({ empty, raw, ours }: Samples, key: keyof Sample): Comparison {
  const [a, b] = [raw[key] - empty[key], ours[key] - empty[key]];
  return { raw: rounded(a), ours: rounded(b), ratio: ratio(b, a) };
}

function rowsOf({ title, directories }: Programs): Row[] {
  return Object.entries(compilers).map(([typescript, compiler]) => {
    const samples = measure(compiler, directories, ROUNDS);
    return {
      description: title,
      typescript,
      check: above(samples, "check"),
      wall: above(samples, "wall"),
      instantiations: above(samples, "instantiations"),
    };
  });
}

async function compare(spec: string): Promise<{ rows: Row[]; size: Size }> {
  const scratch = await mkdtemp(join(tmpdir(), "upvest-client-typecheck-"));
  try {
    const overlay = join(root, "openapi/overlay.yaml");
    const programs = await makePrograms(join(scratch, "programs"), {
      root,
      spec,
      overlay,
      tsc: compilers["5.9"],
    });
    const { raw, ours } = programs.bytes;
    const size = { description: programs.title, raw, ours, ratio: ratio(ours, raw) };
    return { rows: rowsOf(programs), size };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

const seconds = ({ raw, ours, ratio: of }: Comparison): string[] => [
  `${raw.toFixed(2)} s`,
  `${ours.toFixed(2)} s`,
  of.toFixed(2),
];
const count = (value: number): string => value.toLocaleString("en");

const published = process.env["UPVEST_PUBLISHED_SPEC"];
if (published === undefined)
  console.log(
    "UPVEST_PUBLISHED_SPEC is not set: the published description is left out, and no results are written.\n",
  );

const rows: Row[] = [];
const sizes: Size[] = [];
for (const spec of [join(root, "openapi/upvest.yaml"), ...(published === undefined ? [] : [published])]) {
  const found = await compare(spec);
  rows.push(...found.rows);
  sizes.push(found.size);
}

console.log(
  table(
    "description,TypeScript,check: raw,ours,ratio,wall: raw,ours,ratio,instantiations: raw,ours,ratio".split(
      ",",
    ),
    rows.map(({ description, typescript, check, wall, instantiations }) => [
      description,
      typescript,
      ...seconds(check),
      ...seconds(wall),
      count(instantiations.raw),
      count(instantiations.ours),
      instantiations.ratio.toFixed(2),
    ]),
  ),
);
console.log(
  `\n${table(
    ["description", "types: raw, bytes", "ours", "ratio"],
    sizes.map(({ description, raw, ours, ratio: of }) => [
      description,
      count(raw),
      count(ours),
      of.toFixed(2),
    ]),
  )}`,
);
// Half a comparison would take the place of a whole one.
if (published !== undefined) {
  const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model, rounds: ROUNDS };
  await mkdir(dirname(results), { recursive: true });
  await writeFile(results, `${JSON.stringify({ machine, rows, sizes }, undefined, 2)}\n`);
}

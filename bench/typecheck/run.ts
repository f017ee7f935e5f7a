/**
 * What the types cost a user: one consumer file that calls thirty operations, checked against an empty file, against raw
 * openapi-typescript bindings through openapi-fetch, and against this package. All in one run, taken in turn.
 *
 * Run it: npm run bench:typecheck (with UPVEST_PUBLISHED_SPEC for the published description too)
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makePrograms, VARIANTS, type Variant } from "./programs.js";

const ROUNDS = 7;
const root = fileURLToPath(new URL("../..", import.meta.url));
const compilers = {
  "5.9": join(root, "node_modules/typescript/bin/tsc"),
  "7.0": join(root, "node_modules/ts7/bin/tsc"),
};

interface Sample {
  /** s, as the compiler counts it: from start to end. */
  readonly total: number;
  /** s, checking alone. */
  readonly check: number;
  readonly instantiations: number;
}

function measure(compiler: string, directory: string): Sample {
  const { stdout, status } = spawnSync(
    process.execPath,
    [compiler, "-p", directory, "--noEmit", "--extendedDiagnostics"],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`${directory} does not compile:\n${stdout.slice(0, 2_000)}`);
  const figure = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+([\\d.]+)`, "m").exec(stdout)?.[1]);
  return {
    total: figure("Total time"),
    check: figure("Check time"),
    instantiations: figure("Instantiations"),
  };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

function compare(compiler: string, directories: Readonly<Record<Variant, string>>): Record<Variant, Sample> {
  const samples: Record<Variant, Sample[]> = { empty: [], raw: [], ours: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const variant of VARIANTS) samples[variant].push(measure(compiler, directories[variant]));
  }
  const middle = (variant: Variant): Sample => ({
    total: median(samples[variant].map(({ total }) => total)),
    check: median(samples[variant].map(({ check }) => check)),
    instantiations: median(samples[variant].map(({ instantiations }) => instantiations)),
  });
  return { empty: middle("empty"), raw: middle("raw"), ours: middle("ours") };
}

const published = process.env["UPVEST_PUBLISHED_SPEC"];
if (published === undefined)
  console.log("UPVEST_PUBLISHED_SPEC is not set: the published description is left out.");
const specs = [join(root, "openapi/upvest.yaml"), ...(published === undefined ? [] : [published])];

const rows: Record<string, string | number>[] = [];
for (const spec of specs) {
  const scratch = mkdtempSync(join(tmpdir(), "upvest-client-typecheck-"));
  try {
    const programs = await makePrograms(join(scratch, "programs"), {
      root,
      spec,
      overlay: join(root, "openapi/overlay.yaml"),
      tsc: compilers["5.9"],
    });
    for (const [version, compiler] of Object.entries(compilers)) {
      const { empty, raw, ours } = compare(compiler, programs.directories);
      const above = (key: keyof Sample): readonly [number, number] => [
        raw[key] - empty[key],
        ours[key] - empty[key],
      ];
      const [rawTotal, oursTotal] = above("total");
      const [rawCheck, oursCheck] = above("check");
      const [rawCount, oursCount] = above("instantiations");
      rows.push({
        description: programs.title,
        TypeScript: version,
        "raw, s above empty": Number(rawTotal.toFixed(2)),
        "ours, s": Number(oursTotal.toFixed(2)),
        ratio: Number((oursTotal / rawTotal).toFixed(2)),
        "check: raw, s": Number(rawCheck.toFixed(2)),
        "check: ours, s": Number(oursCheck.toFixed(2)),
        "instantiations: raw": rawCount,
        "instantiations: ours": oursCount,
        "types: raw, kB": Math.round(programs.bytes.raw / 1000),
        "types: ours, kB": Math.round(programs.bytes.ours / 1000),
      });
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

console.table(rows);
const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model, rounds: ROUNDS };
writeFileSync(
  fileURLToPath(new URL("../results/typecheck.json", import.meta.url)),
  `${JSON.stringify({ machine, rows }, undefined, 2)}\n`,
);

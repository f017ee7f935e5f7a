/**
 * Measures the built package beside what one would use instead. It always ends well: a goal that is missed is a finding, told in
 * the table and again at the end.
 *
 *   npm run bench                     everything; writes bench/results/latest.json
 *   npm run bench -- sign call        some of it; writes bench/results/partial.json
 *   npm run bench -- --json           JSON in place of tables
 *   npm run bench -- size --detail    what each source file weighs
 *   npm run bench -- --no-build       dist/ as it is
 *   npm run bench -- --readme         measures nothing: puts the tables of latest.json into bench/README.md
 */
import { execFileSync, fork } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "./harness/compile.js";
import { machine } from "./harness/machine.js";
import { readResults, writeReadme, writeResults } from "./harness/results.js";
import type { Row } from "./harness/row.js";
import { plain } from "./harness/table.js";

const MEASUREMENTS = [
  "sign",
  "event-loop",
  "call",
  "loopback",
  "paging",
  "token",
  "webhook",
  "import",
  "size",
  "growth",
] as const;
const FLAGS = new Set(["--json", "--detail", "--no-build", "--readme"]);

const root = fileURLToPath(new URL("..", import.meta.url));
const args = process.argv.slice(2);
const flags = new Set(args.filter((arg) => arg.startsWith("--")));
const chosen = args.filter((arg) => !arg.startsWith("--"));
const unknown = [
  ...[...flags].filter((flag) => !FLAGS.has(flag)),
  ...chosen.filter((name) => !MEASUREMENTS.some((known) => known === name)),
];
if (unknown.length > 0) {
  console.error(
    `Unknown: ${unknown.join(", ")}. Measurements: ${MEASUREMENTS.join(", ")}. Options: ${[...FLAGS].join(", ")}.`,
  );
  process.exit(1);
}

if (flags.has("--readme")) writeReadme(root, readResults(root, "latest"));
else await measureAll();

async function measureAll(): Promise<void> {
  const where = machine();
  if (!flags.has("--no-build")) {
    execFileSync("npm", ["run", "--silent", "build"], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  }
  const directory = await compile(root);
  const measurements: Record<string, readonly Row[]> = {};
  for (const name of MEASUREMENTS) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    const rows = await measure(join(directory, `${name}.mjs`));
    measurements[name] = rows;
    if (!flags.has("--json")) console.log(`\n${name}\n${plain(rows)}`);
  }
  const results = { machine: where, measurements };
  writeResults(root, chosen.length > 0 ? "partial" : "latest", results);
  if (flags.has("--json")) console.log(JSON.stringify(results, undefined, 2));
  else console.log(`\n${verdict(Object.values(measurements).flat())}`);
}

/** Runs one measurement in a process of its own, so that none inherits the heap or the compiled code of another. */
function measure(file: string): Promise<readonly Row[]> {
  return new Promise((resolve, reject) => {
    const options = flags.has("--detail") ? ["--detail"] : [];
    const child = fork(file, options, { cwd: root, execArgv: ["--expose-gc"] });
    let rows: readonly Row[] | undefined;
    child.on("message", (message) => {
      rows = message as readonly Row[];
      // The channel keeps a process alive that has nothing more to do.
      child.disconnect();
    });
    child.on("error", reject);
    child.on("exit", (code) => {
      if (code === 0 && rows !== undefined) resolve(rows);
      else reject(new Error(`${file} ended with ${code} before it had measured anything`));
    });
  });
}

function verdict(rows: readonly Row[]): string {
  const judged = rows.filter(({ met }) => met !== undefined);
  const missed = judged.filter(({ met }) => met === false);
  if (missed.length === 0) return `All ${judged.length} goals are met.`;
  return `${missed.length} of ${judged.length} goals are missed:\n${plain(missed)}`;
}

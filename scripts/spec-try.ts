/**
 * Puts another description in the place of ours, in a scratch copy, and sees whether everything made from it still
 * holds: generate, the types of src/, the contract tests. Nothing in the checkout changes.
 *
 * Run it: npm run spec:try -- --spec FILE
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values } = parseArgs({ options: { spec: { type: "string" } } });
if (values.spec === undefined) {
  console.error("Which description? npm run spec:try -- --spec FILE");
  process.exit(2);
}
const spec = resolve(values.spec);
const copy = mkdtempSync(join(tmpdir(), "upvest-client-try-"));

/** What the trial needs of the checkout. */
const parts = [
  "openapi",
  "scripts",
  "src",
  "test/contract",
  "test/support",
  "package.json",
  "tsconfig.json",
  "vitest.config.ts",
];

/** Entries that stand on one operation: a description from before it has nothing for them. */
const standing: readonly (readonly [entry: string, path: string])[] = [
  ["src/download", "/files/{folder}/{file_name}"],
];

function leftOut(): readonly string[] {
  const text = readFileSync(spec, "utf8");
  const absent = standing.filter(([, path]) => !text.includes(path));
  for (const [entry, path] of absent) console.log(`${entry} is left out: this description has no ${path}.`);
  return absent.map(([entry]) => entry);
}

/** @param tool under node_modules; of the compilers there are several, and any of them may be the `tsc` of .bin */
function step(name: string, tool: string, args: readonly string[]): boolean {
  console.log(`\n== ${name}`);
  const command = join(root, "node_modules", tool);
  return spawnSync(command, args, { cwd: copy, stdio: "inherit" }).status === 0;
}

function trial(): boolean {
  for (const part of parts) cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "dir");
  cpSync(spec, join(copy, "openapi", "upvest.yaml"));
  // The other tests name operations of our description; these take theirs from whatever description there is.
  writeFileSync(
    join(copy, "tsconfig.try.json"),
    JSON.stringify({
      extends: "./tsconfig.json",
      include: ["src", "generated", "test/contract/examples.test.ts"],
      exclude: leftOut(),
    }),
  );
  return (
    step("generate", ".bin/tsx", ["scripts/generate.ts"]) &&
    step("types of src/ and generated/", "typescript/bin/tsc", ["--noEmit", "-p", "tsconfig.try.json"]) &&
    step("contract tests", ".bin/vitest", [
      "run",
      "test/contract",
      "--typecheck.enabled=false",
      "--reporter=dot",
    ])
  );
}

try {
  process.exitCode = trial() ? 0 : 1;
  console.log(
    process.exitCode === 0
      ? `\n${values.spec} fits this package's code. What it does to users, spec:diff tells:\n` +
          `npm run spec:diff -- openapi/upvest.yaml ${values.spec}`
      : `\n${values.spec} does not fit this package's code: see above.`,
  );
} finally {
  rmSync(copy, { recursive: true, force: true });
}

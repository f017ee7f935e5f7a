/**
 * Makes `generated/` out of `openapi/`.
 *
 *     npm run generate [-- --spec FILE --overlay FILE --out DIR --check --verbose]
 *
 * `--check` writes nothing and fails when `DIR` is not what would be written.
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { generate } from "./generate/generate.js";
import { compareWith, write } from "./generate/output.js";

const inProject = (path: string): string => {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
  return relative(process.cwd(), file) || ".";
};

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      spec: { type: "string", default: inProject("openapi/upvest.yaml") },
      overlay: { type: "string", default: inProject("openapi/overlay.yaml") },
      out: { type: "string", default: inProject("generated") },
      check: { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
    },
  });
  const { files, corrections } = await generate(values.spec, values.overlay);
  if (values.verbose) {
    for (const { target, matches } of corrections) {
      console.log(
        matches === 0 ? `not found, nothing to correct: ${target}` : `corrected ${matches}: ${target}`,
      );
    }
  }
  if (!values.check) {
    await write(values.out, files);
    console.log(`${values.out}: ${files.size} files from ${values.spec}`);
    return 0;
  }
  const drift = await compareWith(values.out, files);
  for (const { file, state } of drift) console.error(`${values.out}/${file}: ${state}`);
  if (drift.length > 0) console.error("Run `npm run generate`, and commit what it writes.");
  return drift.length > 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  // The message says where and why; where in this program it was noticed helps no one.
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

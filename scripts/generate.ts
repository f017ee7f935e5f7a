/**
 * Makes `generated/` out of `openapi/`.
 *
 *     npm run generate [-- --spec FILE --overlay FILE --out DIR --check --verbose]
 *
 * `--check` writes nothing and fails when `DIR` is not what would be written. The steps: scripts/generate/generate.ts.
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { generateCommand } from "./generate/command.js";

const inProject = (path: string): string =>
  relative(process.cwd(), fileURLToPath(new URL(`../${path}`, import.meta.url))) || ".";

process.exitCode = await generateCommand(process.argv.slice(2), {
  spec: inProject("openapi/upvest.yaml"),
  overlay: inProject("openapi/overlay.yaml"),
  out: inProject("generated"),
  log: console.log,
  error: console.error,
});

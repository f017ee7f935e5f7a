/**
 * Freezes the type tests of the package as those of the version in package.json: test/types/released/VERSION. From then on
 * `npm run package:check` compiles them against whatever is packed, so that no later version breaks a program of today.
 *
 * Run it with each release: npm run release:freeze
 */
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PROGRAMS, RELEASED } from "../package/types.js";
import { root } from "../package/tarball.js";

const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
const target = join(RELEASED, version);
if (existsSync(target)) {
  console.error(`${target} is there: what was released does not change. Raise the version first.`);
  process.exitCode = 1;
} else {
  cpSync(PROGRAMS, target, { recursive: true });
  console.log(`${target}: frozen`);
}

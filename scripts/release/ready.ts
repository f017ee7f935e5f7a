/**
 * Says whether the checkout is ready to be released under a tag, one line for each thing that is not.
 *
 * Run it: npx tsx scripts/release/ready.ts v1.2.3
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RELEASED } from "../package/types.js";
import { root } from "../package/tarball.js";

const [tag = ""] = process.argv.slice(2);
const { version, repository } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly version: string;
  readonly repository?: { readonly url?: string };
};
/** OWNER/NAME, where a workflow runs this. */
const home = process.env["GITHUB_REPOSITORY"];
const changelog = readFileSync(join(root, "CHANGELOG.md"), "utf8");

const missing = [
  tag !== `v${version}` && `The tag is "${tag}", the version in package.json ${version}.`,
  !changelog.includes(`\n## [${version}]`) && `CHANGELOG.md has no section [${version}].`,
  !existsSync(join(RELEASED, version)) && "The type tests are not frozen: npm run release:freeze",
  // npm refuses the provenance of a package that names another repository, or none.
  home !== undefined &&
    repository?.url !== `git+https://github.com/${home}.git` &&
    `package.json must name its repository: { "type": "git", "url": "git+https://github.com/${home}.git" }`,
].filter((line) => line !== false);
for (const line of missing) console.error(line);
process.exitCode = missing.length === 0 ? 0 : 1;

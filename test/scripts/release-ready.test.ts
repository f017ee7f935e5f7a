import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { root } from "../../scripts/package/tarball.js";

const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as { readonly version: string };

/** What stands against a release under that tag, as a workflow of that repository is told. */
function against(
  tag: string,
  repository?: string,
): { readonly code: number | null; readonly said: string[] } {
  const { GITHUB_REPOSITORY: _, ...env } = process.env;
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", `${root}scripts/release/ready.ts`, tag],
    {
      cwd: root,
      encoding: "utf8",
      env: { ...env, ...(repository !== undefined && { GITHUB_REPOSITORY: repository }) },
    },
  );
  return { code: status, said: stderr.split("\n").filter((line) => line !== "") };
}

it("a release wants the tag, the version and the package's repository to agree", () => {
  const { code, said } = against("v0.0.1", "somebody/somewhere");
  expect(code).toBe(1);
  expect(said).toContain(`The tag is "v0.0.1", the version in package.json ${version}.`);
  expect(said.join("\n")).toContain('"url": "git+https://github.com/somebody/somewhere.git"');
});

it("what agrees is not complained of", () => {
  const { said } = against(`v${version}`);
  expect(said.filter((line) => !line.startsWith("CHANGELOG.md has no section"))).toEqual([]);
});

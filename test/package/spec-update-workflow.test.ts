/** The step that opens the pull request, run for real: a repository on disk, and a `gh` that writes down what it is asked. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";

const file = fileURLToPath(new URL("../../.github/workflows/spec-update.yml", import.meta.url));
const workflow = parse(readFileSync(file, "utf8")) as {
  readonly jobs: { readonly propose: { readonly steps: readonly { readonly run?: string }[] } };
};
const step = workflow.jobs.propose.steps.at(-1)?.run ?? "";

const GH = `#!/bin/sh
echo "$1 $2" >> "$GH_LOG"
if [ "$1 $2" = "pr list" ]; then echo "$GH_OPEN"; fi
`;

function setUp() {
  const root = mkdtempSync(join(tmpdir(), "upvest-workflow-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const at = (...parts: string[]): string => join(root, ...parts);
  const log = at("gh.log");
  const env = {
    PATH: `${at("bin")}:${process.env["PATH"] ?? ""}`,
    HOME: root,
    GIT_CONFIG_NOSYSTEM: "1",
    GH_LOG: log,
  };
  const run = (command: string, args: readonly string[], cwd: string, more: object = {}): string =>
    execFileSync(command, args, { cwd, env: { ...env, ...more }, encoding: "utf8", stdio: "pipe" });
  const person = { GIT_AUTHOR_NAME: "P", GIT_AUTHOR_EMAIL: "p@example.com" };
  const committer = { GIT_COMMITTER_NAME: "P", GIT_COMMITTER_EMAIL: "p@example.com" };
  const byPerson = (cwd: string, ...args: string[]): string =>
    run("git", args, cwd, { ...person, ...committer });

  mkdirSync(at("bin"));
  writeFileSync(at("bin", "gh"), GH);
  chmodSync(at("bin", "gh"), 0o755);
  run("git", ["init", "--quiet", "--bare", "--initial-branch=main", "origin.git"], root);
  run("git", ["clone", "--quiet", at("origin.git"), "seed"], root);
  mkdirSync(at("seed", "openapi"));
  writeFileSync(at("seed", "openapi", "upvest.yaml"), "version: 1\n");
  byPerson(at("seed"), "add", ".");
  byPerson(at("seed"), "commit", "--quiet", "--message", "Start");
  byPerson(at("seed"), "push", "--quiet", "origin", "HEAD:main");

  let runs = 0;
  /** Runs the step for a description of this version; gives what `gh` was asked. */
  const propose = (version: number, report: string, open: number): { told: string[]; body: string } => {
    runs += 1;
    const clone = at(`clone${runs}`);
    run("git", ["clone", "--quiet", "--depth", "1", `file://${at("origin.git")}`, clone], root);
    writeFileSync(join(clone, "openapi", "upvest.yaml"), `version: ${version}\n`);
    writeFileSync(join(clone, "package.json"), "{}\n");
    run("git", ["add", "--all"], clone);
    const patch = run("git", ["diff", "--cached", "--binary"], clone);
    run("git", ["reset", "--quiet", "--hard"], clone);
    mkdirSync(join(clone, "update"));
    writeFileSync(join(clone, "update", "changes.patch"), patch);
    writeFileSync(join(clone, "update", "report.txt"), report);
    rmSync(log, { force: true });
    run("bash", ["-e", "-c", step], clone, { GH_OPEN: String(open) });
    const body = join(clone, "update", "body.md");
    return {
      told: readFileSync(log, "utf8").trim().split("\n"),
      body: existsSync(body) ? readFileSync(body, "utf8") : "",
    };
  };
  const branch = (format: string): string =>
    run("git", ["log", "-1", `--format=${format}`, "spec-update"], at("origin.git")).trim();
  return { propose, branch, byPerson, at, run };
}

it("opens one pull request, with the report as code, of nothing but the update", () => {
  const { propose, branch, run, at } = setUp();
  const report = `1 -> 2\r\n@everyone\nfixes #1\n${"x".repeat(80_000)}`;
  const { told, body } = propose(2, report, 0);
  expect(told).toEqual(["auth setup-git", "pr list", "pr create"]);
  expect(body.length).toBeLessThan(65_536);
  expect(body.split(/[\r\n]+/).filter((line) => line !== "" && !line.startsWith("    "))).toEqual([]);
  const files = run("git", ["ls-tree", "-r", "--name-only", "spec-update"], at("origin.git"));
  expect(files.trim().split("\n")).toEqual(["openapi/upvest.yaml"]);

  const first = branch("%H");
  expect(propose(2, report, 1).told).toEqual(["auth setup-git", "pr list", "pr edit"]);
  expect(branch("%H")).toBe(first);
  propose(3, report, 1);
  expect(branch("%H")).not.toBe(first);
});

it("leaves the branch alone once a person has added to it", () => {
  const { propose, branch, byPerson, run, at } = setUp();
  propose(2, "1 -> 2", 0);
  run("git", ["clone", "--quiet", "--branch", "spec-update", at("origin.git"), "person"], at());
  byPerson(at("person"), "commit", "--quiet", "--allow-empty", "--message", "Mend what it broke");
  byPerson(at("person"), "push", "--quiet", "origin", "spec-update");
  expect(propose(3, "1 -> 3", 1).told).toEqual(["auth setup-git"]);
  expect(branch("%s")).toBe("Mend what it broke");
});

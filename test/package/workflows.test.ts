/** What every workflow must have, so that a stolen action or a strange pull request gets as little as can be. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly run?: string;
}
interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly "runs-on"?: string;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly concurrency?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const directory = fileURLToPath(new URL("../../.github/workflows/", import.meta.url));
const workflows = readdirSync(directory).map((file) => {
  const text = readFileSync(directory + file, "utf8");
  return { file, text, workflow: parse(text) as Workflow };
});

/** What a job may be given beyond reading, and nothing else. */
const GRANTS: Readonly<Record<string, readonly string[]>> = {
  "release.yml publish": ["contents", "id-token", "attestations"],
  "spec-update.yml propose": ["contents", "pull-requests"],
};

it("there are workflows", () => {
  expect(workflows.map(({ file }) => file)).toEqual(["ci.yml", "release.yml", "spec-update.yml"]);
});

describe.each(workflows)("$file", ({ file, text, workflow }) => {
  it("starts with no permission, and no pull request runs with ours", () => {
    expect(workflow.permissions).toEqual({});
    expect(workflow.concurrency).toBeDefined();
    expect(Object.keys(workflow.on)).not.toContain("pull_request_target");
    expect(Object.keys(workflow.on)).not.toContain("workflow_run");
  });

  it("pins every action by its commit, and says which version that is", () => {
    const lines = text.split("\n").filter((line) => /\buses:/.test(line));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  it.each(Object.entries(workflow.jobs))("job %s has a time limit and the least permissions", (name, job) => {
    expect(job["timeout-minutes"]).toBeGreaterThan(0);
    expect(job["runs-on"]).not.toContain("latest");
    const writes = Object.entries(job.permissions ?? {}).filter(([, grant]) => grant !== "read");
    expect(job.permissions).toBeDefined();
    expect(writes.map(([scope]) => scope)).toEqual(GRANTS[`${file} ${name}`] ?? []);
  });

  it("leaves no credentials in the checkout, and puts no text of others into a command", () => {
    for (const { uses, with: given, run } of Object.values(workflow.jobs).flatMap(({ steps }) => steps)) {
      if (uses?.startsWith("actions/checkout@")) expect(given?.["persist-credentials"]).toBe(false);
      expect(run ?? "").not.toContain("${{");
    }
    expect(text).not.toMatch(/secrets\.|NPM_TOKEN|NODE_AUTH_TOKEN/);
  });
});

it("only who publishes may say who they are", () => {
  const jobs = workflows.flatMap(({ workflow }) => Object.entries(workflow.jobs));
  expect(
    jobs.filter(([, { permissions }]) => permissions?.["id-token"] === "write").map(([name]) => name),
  ).toEqual(["publish"]);
});

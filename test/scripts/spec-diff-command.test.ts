import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { diffCommand } from "../../scripts/spec/diff-command.js";
import { AFTER, BEFORE, GROWN } from "./spec-fixtures.js";
import { recordingTerminal } from "./spec-support.js";

describe("npm run spec:diff", () => {
  let directory: string;
  const file = (name: string): string => join(directory, name);
  const run = async (...args: string[]): Promise<{ code: number; printed: string; complained: string }> => {
    const terminal = recordingTerminal();
    const code = await diffCommand(args, terminal);
    return { code, printed: terminal.printed(), complained: terminal.complained() };
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "spec-diff-"));
    await writeFile(file("before.json"), JSON.stringify(BEFORE));
    await writeFile(file("after.json"), JSON.stringify(AFTER));
    await writeFile(file("grown.json"), JSON.stringify(GROWN));
    await writeFile(file("broken.yaml"), "openapi: [3.0.3");
    await writeFile(file("other.yaml"), "hello: world");
  });
  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it("ends with 0 for no change and for compatible ones", async () => {
    const same = await run(file("before.json"), file("before.json"));
    expect(same).toMatchObject({ code: 0, complained: "" });
    expect(same.printed).toContain("No changes");
    const grown = await run(file("before.json"), file("grown.json"));
    expect(grown).toMatchObject({ code: 0, complained: "" });
    expect(grown.printed).toContain("Asks for a minor release");
  });

  it("ends with 3 for breaking ones", async () => {
    const { code, printed } = await run(file("before.json"), file("after.json"));
    expect(code).toBe(3);
    expect(printed).toContain("BREAKS CODE WRITTEN AGAINST OUR TYPES (3)");
    expect(printed).toContain("Asks for a major release");
  });

  it("prints JSON alone with --json", async () => {
    const { code, printed, complained } = await run(file("before.json"), file("after.json"), "--json");
    expect(code).toBe(3);
    expect(complained).toBe("");
    expect(JSON.parse(printed)).toMatchObject({ formatVersion: 1, bump: "major" });
  });

  it.each([
    { args: [], problem: "Expected two files, OLD and NEW, but got 0." },
    { args: ["one"], problem: "but got 1." },
    { args: ["one", "two", "three"], problem: "but got 3." },
    { args: ["one", "two", "--yaml"], problem: "--yaml" },
  ])("ends with 2 and says how it is called for $args", async ({ args, problem }) => {
    const { code, printed, complained } = await run(...args);
    expect({ code, printed }).toEqual({ code: 2, printed: "" });
    expect(complained).toContain(problem);
    expect(complained).toContain("npm run spec:diff -- OLD NEW");
  });

  it("ends with 1 for a file that cannot be read or is no description", async () => {
    for (const [name, reason] of [
      ["missing.yaml", "cannot be read (ENOENT)"],
      ["broken.yaml", "not YAML"],
      ["other.yaml", "not OpenAPI"],
    ] as const) {
      const { code, printed, complained } = await run(file("before.json"), file(name));
      expect({ code, printed }).toEqual({ code: 1, printed: "" });
      expect(complained).toContain(file(name));
      expect(complained).toContain(reason);
    }
  });

  it("tells its exit codes with --help", async () => {
    const { code, printed } = await run("--help");
    expect(code).toBe(0);
    expect(printed).toMatch(
      /Exit code: 0 .*\n\s+3 breaking.*\n\s+2 called wrongly\n\s+1 a file cannot be read/,
    );
  });

  it("runs as a program", async () => {
    const program = promisify(execFile)(
      process.execPath,
      ["--import", "tsx", "scripts/spec-diff.ts", file("before.json"), file("after.json"), "--json"],
      { maxBuffer: 1 << 24 },
    );
    await expect(program).rejects.toMatchObject({
      code: 3,
      stderr: "",
      stdout: expect.stringContaining('"bump": "major"'),
    });
  });
});

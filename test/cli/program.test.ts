import { describe, expect, it } from "vitest";
import { createProgram } from "../../src/cli/program.js";
import { VERSION } from "../../src/version.js";
import { runCli, silentIo } from "./support/run.js";

it("tells its version on stdout", async () => {
  expect(await runCli(["--version"])).toEqual({ stdout: `${VERSION}\n`, stderr: "", exitCode: 0 });
});

it("tells what it can do, and what its exit codes mean", async () => {
  const { stdout, exitCode } = await runCli(["--help"]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("Usage: upvest-client [options] [command]");
  expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  expect(stdout).toMatch(/3 {2}a write was sent, and whether it took effect is unknown/);
});

it("without a command it says what there is, as an error", async () => {
  const { stdout, stderr, exitCode } = await runCli([]);
  expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
  expect(stderr).toContain("Commands:");
});

const commands = createProgram(silentIo()).commands;

describe.each(commands.map((command) => [command.name(), command] as const))("%s", (name, command) => {
  it("has a help text with examples", async () => {
    const { stdout, exitCode } = await runCli([name, "--help"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples:\n  (?:upvest-client|curl).* ${name}`));
  });

  it("has a help text of 80 columns at most, or as wide as the terminal", async () => {
    const { stdout } = await runCli([name, "--help"]);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    const { stdout: wide } = await runCli([name, "--help"], { width: 200 });
    expect(wide).not.toBe(stdout);
  });

  it("takes no option that Node would take for its own", () => {
    // Node reads --env-file* wherever it stands and ends with "not found" (nodejs/node#54232).
    expect(command.options.filter(({ long }) => long?.startsWith("--env-file"))).toEqual([]);
  });
});

describe("what is mistyped is a usage error, with a suggestion", () => {
  it.each<[readonly string[], string]>([
    [["keyge"], "unknown command 'keyge'\n(Did you mean keygen?)"],
    [["request", "GET", "/accounts", "--paginat"], "(Did you mean --paginate?)"],
    [["request", "GET"], "missing required argument 'path'"],
    [["keygen", "--algorithm", "rsa"], "Allowed choices are ed25519, p521"],
    [["request", "GET", "/accounts", "--max", "0"], "It must be a whole number, 1 or more."],
    [["request", "GET", "/accounts", "--query", "limit"], "It must be NAME=VALUE."],
  ])("%j", async (argv, message) => {
    const { stdout, stderr, exitCode } = await runCli(argv);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(stderr).toContain(message);
    expect(stderr).toContain("(add --help to see what it takes)");
  });
});

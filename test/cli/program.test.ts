import { expect, it } from "vitest";
import { VERSION } from "../../src/version.js";
import { runCli } from "./support/run.js";

it("tells its version on stdout", async () => {
  expect(await runCli(["--version"])).toEqual({ stdout: `${VERSION}\n`, stderr: "", exitCode: 0 });
});

it("tells what it can do, and what its exit codes mean", async () => {
  const { stdout, exitCode } = await runCli(["--help"]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("Usage: upvest-client [options]");
  expect(stdout).toMatch(/3 {2}a write was sent, and whether it took effect is unknown/);
});

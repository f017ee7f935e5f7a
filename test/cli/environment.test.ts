import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readVariables } from "../../src/cli/environment.js";
import { runCli } from "./support/run.js";
import { scratch } from "./support/scratch.js";

describe("variables", () => {
  it("of the process win over those of .env; a key's path is of the working directory", async () => {
    const cwd = scratch();
    writeFileSync(
      join(cwd, ".env"),
      "A=file\nB=file\nUPVEST_API_HTTP_SIGN_PRIVATE_KEY_FILENAME=keys/key.pem\n",
    );
    const { env, file } = await readVariables({ env: { A: "process" }, cwd }, {});
    expect(env).toMatchObject({
      A: "process",
      B: "file",
      UPVEST_API_HTTP_SIGN_PRIVATE_KEY_FILENAME: join(cwd, "keys/key.pem"),
    });
    expect(file).toBe(join(cwd, ".env"));
  });

  it("come from another file where one is named, and no file need be there", async () => {
    const cwd = scratch();
    expect(await readVariables({ env: { A: "process" }, cwd }, {})).toEqual({
      env: { A: "process" },
      file: undefined,
    });
    writeFileSync(join(cwd, "live.env"), "export A=live\n");
    expect((await readVariables({ env: {}, cwd }, { env: "live.env" })).env).toEqual({ A: "live" });
  });

  it("all of a file count that Windows wrote: the mark before the first name is no part of it", async () => {
    const cwd = scratch();
    writeFileSync(join(cwd, ".env"), '\uFEFFA=first\r\nB="two\r\nlines"\r\nC=last\r\n');
    const { env } = await readVariables({ env: {}, cwd }, {});
    expect(env).toEqual({ A: "first", B: "two\nlines", C: "last" });
  });

  it("a file that was named and cannot be read is an error; so is a .env that is none", async () => {
    const cwd = scratch();
    await expect(readVariables({ env: {}, cwd }, { env: "no.env" })).rejects.toThrow(
      "no.env cannot be read: ENOENT",
    );
    mkdirSync(join(cwd, ".env"));
    await expect(readVariables({ env: {}, cwd }, {})).rejects.toThrow(".env cannot be read: EISDIR");
  });
});

it("what is missing is named, with where to go from there", async () => {
  const { stdout, stderr, exitCode } = await runCli(["request", "GET", "/accounts"], { cwd: scratch() });
  expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
  expect(stderr).toMatch(
    /error: missing in the environment: UPVEST_API_CLIENT_ID, UPVEST_API_CLIENT_SECRET, UPVEST_API_KEY_ID/,
  );
  expect(stderr).toContain("There is no .env here. To look at each: upvest-client doctor.");
});

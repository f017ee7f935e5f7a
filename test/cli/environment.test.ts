import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readVariables } from "../../src/cli/environment.js";
import { json, startApi } from "../support/api.js";
import { runCli } from "./support/run.js";
import { envOf } from "./support/sandbox.js";
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

describe("exported credentials", () => {
  const led = async (file: string, env: Record<string, string>, flag = {}): Promise<string | undefined> => {
    const cwd = scratch();
    writeFileSync(join(cwd, ".env"), file);
    return (await readVariables({ env, cwd }, flag)).ledAway;
  };
  const secret = { UPVEST_API_CLIENT_SECRET: "canary" };
  const elsewhere = "UPVEST_API_BASE_URL=https://user:canary@elsewhere.example\n";

  it("are not led elsewhere by a .env that nobody named, and it is told without a secret", async () => {
    const told = await led(elsewhere, secret);
    expect(told).toMatch(/^UPVEST_API_BASE_URL is https:\/\/\[hidden\]@elsewhere\.example, .*--env \.env/);
    expect(told).toContain("UPVEST_API_CLIENT_SECRET is exported");
    expect(told).not.toContain("canary");
    const key = { UPVEST_API_HTTP_SIGN_PRIVATE_KEY: "canary", ...secret };
    expect(await led("UPVEST_API_BASE_URL=https://api.upvest.co.example", key)).toContain("are exported");
  });

  it.each([
    ["the file is named", elsewhere, secret, { env: ".env" }],
    ["the address is exported too", elsewhere, { ...secret, UPVEST_API_BASE_URL: "http://127.0.0.1:1" }, {}],
    ["the address is one of Upvest's", "UPVEST_API_BASE_URL=https://api.upvest.co", secret, {}],
    ["the file has no address", "UPVEST_API_KEY_ID=x", secret, {}],
    ["they stand in the file, too", `${elsewhere}UPVEST_API_CLIENT_SECRET=x`, { PATH: "x" }, {}],
  ])("go where they should where %s", async (_, file, env, flag) => {
    expect(await led(file, env, flag)).toBeUndefined();
  });

  it("are sent nowhere, by no command", async () => {
    const api = await startApi(() => json({}));
    const cwd = scratch();
    const { UPVEST_API_BASE_URL, ...rest } = envOf(api.options);
    writeFileSync(join(cwd, ".env"), `UPVEST_API_BASE_URL=${UPVEST_API_BASE_URL}\n`);
    for (const argv of [["request", "GET", "/accounts"], ["token"], ["proxy"], ["doctor"]]) {
      const { stdout, stderr, exitCode } = await runCli(argv, { cwd, env: rest });
      expect(`${stdout}${stderr}`).toContain("which stands in .env, and UPVEST_API_CLIENT_SECRET");
      expect(exitCode).toBe(argv[0] === "doctor" ? 1 : 2);
    }
    expect([...api.calls, ...api.tokenRequests]).toEqual([]);
    expect(
      (await runCli(["token", "--scope", "accounts:read", "--env", ".env"], { cwd, env: rest })).exitCode,
    ).toBe(0);
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

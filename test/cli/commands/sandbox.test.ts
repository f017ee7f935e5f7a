import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { createUpvestClient, fromEnv, UpvestConnectionError } from "upvest-client";
import { takenPort } from "../../../src/cli/taken-port.js";
import { Interrupt } from "../../../src/cli/io.js";
import { runCli, type Ran, type World } from "../support/run.js";
import { scratch } from "../support/scratch.js";

/** Starts a sandbox, does something once it is ready, then ends it as Ctrl-C does. */
async function during(
  argv: readonly string[],
  act: (stdout: string) => Promise<unknown>,
  world: World = {},
): Promise<Ran> {
  const ending = new AbortController();
  let acted: Promise<unknown> | undefined;
  const ran = await runCli(["sandbox", ...argv], {
    ...world,
    signal: ending.signal,
    onWrite(stdout, stderr) {
      world.onWrite?.(stdout, stderr);
      if (acted !== undefined || !stderr.includes("for await (const account")) return;
      acted = act(stdout).finally(() => ending.abort(new Interrupt("SIGINT")));
    },
  });
  await acted;
  return ran;
}

describe("a sandbox", () => {
  it("gives variables to paste, tells of each request, and ends cleanly", async () => {
    const { stdout, stderr, exitCode } = await during(
      ["--collection", "list_accounts=7", "--collection", "list_users=0"],
      async (stdout) => {
        const options = fromEnv(parseEnv(stdout));
        const client = createUpvestClient(options);
        expect(await client.paginate("/accounts").toArray({ max: 100 })).toHaveLength(7);
        expect(await client.paginate("/users").toArray({ max: 100 })).toEqual([]);
        const stranger = createUpvestClient({
          ...options,
          clientId: "8d4997a8-cf7a-4e51-adbb-401656a3e5c2",
          retry: false,
        });
        expect((await stranger.GET("/accounts")).error?.status).toBe(401);
        await fetch(`${options.baseUrl}/nowhere`);
      },
    );
    expect(exitCode).toBe(0);
    expect(
      stdout
        .split("\n")
        .filter((line) => line !== "")
        .every((line) => /^export UPVEST_API_\w+=\S+$/.test(line)),
    ).toBe(true);
    const [, url = ""] = /listens at (\S+)\. Ctrl-C ends it\./.exec(stderr) ?? [];
    expect(stderr).toMatch(/\n\d\d:\d\d:\d\d {2}200 {2}POST \/auth\/token {2}issue_token, verified\n/);
    expect(stderr).toMatch(/ {2}200 {2}GET \/accounts\?offset=0 {2}list_accounts, verified\n/);
    expect(stderr).toMatch(
      / {2}401 {2}POST \/auth\/token {2}issue_token, NOT verified: the key does not belong to the client/,
    );
    expect(stderr).toMatch(/ {2}404 {2}GET \/nowhere {2}no such operation\n/);
    expect(stderr).toContain('import { createUpvestClient, fromEnv } from "upvest-client";');
    expect(stderr).toMatch(/\n\d requests; the sandbox is closed\n$/);
    await expect(fetch(url)).rejects.toThrow("fetch failed");
  });

  it("fails as it is told to, once for each time it is told", async () => {
    const rules = ["503", "drop-before", "drop-after", "truncate", "delay-1"];
    const argv = [...rules.flatMap((how) => ["--fail", `list_users=${how}`]), "-f", "list_accounts=418"];
    const ended: unknown[] = [];
    const { stderr } = await during(argv, async (stdout) => {
      const client = createUpvestClient({ ...fromEnv(parseEnv(stdout)), retry: false });
      expect((await client.GET("/accounts")).error?.status).toBe(418);
      for (let nth = 0; nth < 6; nth += 1) {
        const call = client.GET("/users").then(({ response }) => response.status);
        ended.push(await call.catch((error: unknown) => error instanceof UpvestConnectionError));
      }
    });
    expect(ended).toEqual([503, true, true, true, 200, 200]);
    expect(stderr.match(/ {2}dropped {2}GET \/users/g)).toHaveLength(2);
  });

  it("tells of each attempt to deliver, as events come from the command line", async () => {
    const endpoint = createHttpServer((request, response) => {
      response.statusCode = request.url === "/good" ? 200 : 500;
      response.end(request.url === "/good" ? undefined : "not\ntoday");
    });
    await new Promise<void>((resolve) => endpoint.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void endpoint.close());
    const { port } = endpoint.address() as AddressInfo;
    let told = (): void => undefined;
    const both = new Promise<void>((resolve) => (told = resolve));
    const onWrite = (_: string, stderr: string): void => {
      if (stderr.split("  delivery to ").length > 2) told();
    };
    const act = async (stdout: string) => {
      const env = parseEnv(stdout);
      for (const path of ["good", "bad"]) {
        const webhook = { title: path, url: `http://127.0.0.1:${port}/${path}`, type: ["ALL"] };
        const created = await runCli(["request", "POST", "/webhooks", "-d", JSON.stringify(webhook)], {
          env,
        });
        const { id } = JSON.parse(created.stdout) as { readonly id: string };
        expect((await runCli(["request", "POST", `/webhooks/${id}/test`], { env })).exitCode).toBe(0);
      }
      await both;
    };
    const { stderr } = await during([], act, { onWrite });
    expect(stderr).toMatch(/ {2}200 {2}delivery to http:\/\/127\.0\.0\.1:\d+\/good {2}1 event, attempt 1\n/);
    expect(stderr).toMatch(
      / {2}500 {2}delivery to http:\/\/127\.0\.0\.1:\d+\/bad {2}1 event, attempt 1, not today\n/,
    );
  });

  it("takes its options", async () => {
    const argv = [
      "--algorithm",
      "p521",
      "--token-lifetime",
      "60",
      "--scope",
      "users:read",
      "--quiet",
      "--strict",
    ];
    const { stderr } = await during(argv, async (stdout) => {
      const variables = parseEnv(stdout);
      const run = (...words: readonly string[]) => runCli(words, { env: variables });
      expect((await run("doctor", "--scope", "users:read")).stdout).toMatch(/ECDSA P-521/);
      expect(await run("token", "--scope", "users:read")).toMatchObject({
        stdout: expect.stringMatching(/expires in 60 s/) as string,
      });
      expect((await run("token", "--scope", "orders:admin")).exitCode).toBe(1);
    });
    expect(stderr).not.toContain("issue_token");
  });

  it("admits no more requests in a second than it was told", async () => {
    await during(["--rate-limit", "1", "--quiet"], async (stdout) => {
      const { UPVEST_API_BASE_URL: url = "", UPVEST_API_CLIENT_ID: id = "" } = parseEnv(stdout);
      const headers = { "upvest-client-id": id };
      // Without a signature: what is admitted is refused for that, and nothing is repeated.
      const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(`${url}/users`, { headers })));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 429]));
    });
  });

  it("writes its variables to a file for its owner alone, and shows no secret then", async () => {
    const cwd = scratch();
    const file = join(cwd, ".env");
    const { stdout, stderr } = await during(
      ["--write-env", ".env"],
      async () => {
        expect((await runCli(["doctor"], { cwd })).exitCode).toBe(0);
      },
      { cwd },
    );
    expect(stdout).toBe("");
    const variables = parseEnv(readFileSync(file, "utf8"));
    for (const name of ["UPVEST_API_CLIENT_SECRET", "UPVEST_API_HTTP_SIGN_PRIVATE_KEY_BASE64"]) {
      expect(stderr).not.toContain(variables[name]);
    }
    expect(stderr).toContain(
      "Credentials are in .env (mode 600). Try:\n  upvest-client request GET '/accounts?limit=2'\n",
    );
    if (process.platform !== "win32") expect(statSync(file).mode & 0o777).toBe(0o600);

    // A file of an earlier sandbox is replaced ...
    await during(["--write-env", ".env"], () => Promise.resolve(), { cwd });
    expect(parseEnv(readFileSync(file, "utf8"))["UPVEST_API_CLIENT_ID"]).not.toBe(
      variables["UPVEST_API_CLIENT_ID"],
    );
  });

  it("leaves alone a file that is not of an earlier sandbox", async () => {
    const cwd = scratch();
    writeFileSync(join(cwd, ".env"), "UPVEST_API_CLIENT_ID=real\n");
    const { stderr, exitCode } = await runCli(["sandbox", "--write-env", ".env"], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(".env is there already, and not of an earlier sandbox");
    expect(readFileSync(join(cwd, ".env"), "utf8")).toBe("UPVEST_API_CLIENT_ID=real\n");
    // Nor one that it cannot read.
    mkdirSync(join(cwd, "other.env"));
    const other = await runCli(["sandbox", "--write-env", "other.env"], { cwd });
    expect(other.exitCode).toBe(2);
    expect(other.stderr).toContain("other.env is there already, and not of an earlier sandbox");
  });
});

describe("what cannot be started is a usage error", () => {
  it.each<[readonly string[], string]>([
    [["--collection", "list_nothing=3"], "--collection: the description has no paged operation list_nothing"],
    [["--collection", "list_accounts=many"], "--collection list_accounts: many is not a number of items"],
    [["--collection", "accounts=3"], "no paged operation accounts (list_accounts?)"],
    [["--fail", "place_orders=503"], "--fail: the description has no operation place_orders (place_order?)"],
    [["--fail", "place_order"], "It must be NAME=VALUE."],
    ...["399", "600", "drop", "drop-during", "delay-", "delay-x", ""].map(
      (how): [readonly string[], string] => [
        ["--fail", `place_order=${how}`],
        `--fail place_order: ${how} is not a status from 400 to 599, drop-before, drop-after, truncate or delay-MS`,
      ],
    ),
    [["--scope", "user:read"], "--scope: the description has no scope user:read (users:read?)"],
    [["--write-env", "nowhere/.env"], "nowhere/.env cannot be written: ENOENT"],
    [["--port", "70000"], "from 0 to 65535"],
  ])("%j", async (argv, message) => {
    const { stderr, exitCode } = await runCli(["sandbox", ...argv]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });

  it.each(["--port", "--inspect"])("a port that is taken, by %s", async (option) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { stderr, exitCode } = await runCli(["sandbox", option, String(port)]);
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      `error: port ${port} (${option}) is taken: name another, or none to have any free one\n`,
    );
  });
});

it("a port that no option named is told all the same, and another error is not one of these", () => {
  const taken = Object.assign(new Error("taken"), { code: "EADDRINUSE", port: 1 });
  expect(takenPort(taken, { "--port": undefined })?.message).toBe(
    "port 1 is taken: name another, or none to have any free one",
  );
  expect(takenPort(new Error("another"), { "--port": 1 })).toBeUndefined();
});

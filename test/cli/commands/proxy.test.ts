import { describe, expect, it, onTestFinished } from "vitest";
import { startSandbox, type Sandbox } from "upvest-client/sandbox";
import { Interrupt, type Environment } from "../../../src/cli/io.js";
import { runCli, type Ran } from "../support/run.js";

const variablesOf = ({ url, credentials }: Sandbox): Environment => ({
  UPVEST_API_BASE_URL: url,
  UPVEST_API_CLIENT_ID: credentials.clientId,
  UPVEST_API_CLIENT_SECRET: credentials.clientSecret,
  UPVEST_API_KEY_ID: credentials.signingKey.keyId,
  UPVEST_API_HTTP_SIGN_PRIVATE_KEY: credentials.signingKey.privateKey,
});

/** Starts a proxy, does something once it is ready, then ends it as Ctrl-C does. */
async function during(
  argv: readonly string[],
  env: Environment,
  act: (stderr: string) => Promise<unknown>,
): Promise<Ran> {
  const ending = new AbortController();
  let acted: Promise<unknown> | undefined;
  const ran = await runCli(["proxy", ...argv], {
    env,
    signal: ending.signal,
    onWrite(_, stderr) {
      if (acted !== undefined || !stderr.includes("  curl ")) return;
      acted = act(stderr).finally(() => ending.abort(new Interrupt("SIGINT")));
    },
  });
  await acted;
  return ran;
}

const address = (stderr: string, before: string): string =>
  new RegExp(`${before} (http://127\\.0\\.0\\.1:\\d+)`).exec(stderr)?.[1] ??
  expect.fail(`no address after ${before}`);

describe("proxy", () => {
  it("signs calls, receives deliveries, shows both, and ends cleanly", async () => {
    const sandbox = await startSandbox({ deliverySpeed: Infinity });
    onTestFinished(() => sandbox.close());
    const { stderr, stdout, exitCode } = await during(
      ["--inspect", "--listen", "0"],
      variablesOf(sandbox),
      async (stderr) => {
        const url = address(stderr, "listens at");
        expect((await fetch(`${url}/accounts?limit=2`)).status).toBe(200);
        expect((await fetch(`${url}/nothing`)).status).toBe(404);
        const hooks = address(stderr, "received at");
        const [delivery] = await sandbox.deliver(
          [{ type: "ACCOUNT.ACTIVATED", object: { id: "x" } }],
          `${hooks}/hooks`,
        );
        expect(delivery?.outcome).toBe("delivered");
        expect((await fetch(address(stderr, "shown at"))).status).toBe(200);
      },
    );
    expect(exitCode).toBe(0);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/ {2}200 {2}GET \/accounts\?limit=2 {2}list_accounts, \d+ ms/);
    expect(stderr).toMatch(/ {2}404 {2}GET \/nothing {2}not sent/);
    expect(stderr).toMatch(/ {2}200 {2}POST \/hooks {2}ACCOUNT.ACTIVATED/);
    expect(stderr).toContain("3 calls and deliveries; the proxy is closed");
  });

  it.each([
    [["--listen", "hooks"], /a path such as \/hooks, or a port/],
    [["--forward", "http://127.0.0.1:1"], /needs listen/],
    [["--inspect", "99999"], /from 0 to 65535/],
    [["--listen", "/accounts"], /the API has that path/],
  ])("%j is a usage error", async (argv, message) => {
    const sandbox = await startSandbox();
    onTestFinished(() => sandbox.close());
    const { stderr, exitCode } = await runCli(["proxy", ...argv], { env: variablesOf(sandbox) });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });
});

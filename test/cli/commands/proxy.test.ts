import { describe, expect, it, onTestFinished } from "vitest";
import { startSandbox, type Sandbox } from "upvest-client/sandbox";
import { Interrupt, type Environment } from "../../../src/cli/io.js";
import { json, startApi } from "../../support/api.js";
import { runCli, type Ran } from "../support/run.js";
import { envOf } from "../support/sandbox.js";

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
  more: { readonly second?: AbortSignal; readonly onWrite?: (stderr: string) => void } = {},
): Promise<Ran> {
  const ending = new AbortController();
  let acted: Promise<unknown> | undefined;
  const ran = await runCli(["proxy", ...argv], {
    env,
    signal: ending.signal,
    ...(more.second !== undefined && { second: more.second }),
    onWrite(_, stderr) {
      more.onWrite?.(stderr);
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
    expect(stderr).toMatch(/ {2}404 {2}GET \/nothing {2}not sent: .*GET \/nothing/);
    expect(stderr).toMatch(/ {2}200 {2}POST \/hooks {2}ACCOUNT.ACTIVATED/);
    expect(stderr).toContain("2 calls and 1 delivery; the proxy is closed");
  });

  it("says what became of a call where its status would mislead", async () => {
    const sandbox = await startSandbox({ deliverySpeed: Infinity });
    onTestFinished(() => sandbox.close());
    sandbox.fail({ operation: "create_report", drop: "before" });
    const { stderr, exitCode } = await during(["--listen", "0"], variablesOf(sandbox), async (stderr) => {
      const url = address(stderr, "listens at");
      const post = (path: string, type: string) =>
        fetch(`${url}${path}`, { method: "POST", headers: { "content-type": type }, body: "{}" });
      await post("/orders", "text/plain");
      await post("/orders", "application/json");
      await post("/reports", "application/json");
      await sandbox.deliver(
        [{ type: "ACCOUNT.ACTIVATED", object: { id: "x" } }],
        `${address(stderr, "received at")}/hooks`,
        { tamper: "unsigned" },
      );
    });
    expect(stderr).toMatch(
      / {2}400 {2}POST \/orders {2}place_order, not sent: place_order takes a body of application\/json, not text\/plain, \d+ ms/,
    );
    expect(stderr).toMatch(/ {2}401 {2}POST \/hooks {2}ACCOUNT.ACTIVATED, delivery refused: no_signature, /);
    // The API's own refusal stays as it is.
    expect(stderr).toMatch(/ {2}400 {2}POST \/orders {2}place_order, \d+ ms/);
    expect(stderr).toMatch(
      / {2}502 {2}POST \/reports {2}create_report, OUTCOME UNKNOWN: without an idempotency key, so look /,
    );
    // Its caller was told; 3 is for what ends with the proxy.
    expect(exitCode).toBe(0);
  });

  describe("ended while a write is in flight", () => {
    /** A proxy that got one POST /orders, which the API has and does not answer. */
    async function ended(
      how: (letGo: () => void, again: () => void) => void,
    ): Promise<Ran & { readonly key: string }> {
      let letGo = (): void => undefined;
      let arrive = (): void => undefined;
      const gate = new Promise<void>((resolve) => (letGo = resolve));
      const arrived = new Promise<void>((resolve) => (arrive = resolve));
      const api = await startApi(async () => {
        arrive();
        await gate;
        return json({}, 202);
      });
      onTestFinished(letGo);
      const second = new AbortController();
      let waiting = false;
      let answer: Promise<unknown> | undefined;
      const ran = await during(
        [],
        envOf(api.options),
        async (stderr) => {
          const headers = { "content-type": "application/json" };
          answer = fetch(`${address(stderr, "listens at")}/orders`, { method: "POST", headers, body: "{}" });
          await arrived;
        },
        {
          second: second.signal,
          onWrite: (stderr) => {
            if (waiting || !stderr.includes("waiting up to 8 s for 1 call; Ctrl-C again ends at once"))
              return;
            waiting = true;
            how(letGo, () => second.abort(new Interrupt("SIGINT")));
          },
        },
      );
      await answer;
      expect(waiting).toBe(true);
      return { ...ran, key: String(api.calls[0]?.headers["idempotency-key"]) };
    }

    it("waits for its answer", async () => {
      const { stderr, exitCode } = await ended((letGo) => letGo());
      expect(stderr).toMatch(/ {2}202 {2}POST \/orders {2}place_order, \d+ ms/);
      expect(stderr).toContain("\n1 call; the proxy is closed");
      expect(exitCode).toBe(0);
    });

    it("with the second Ctrl-C: the outcome is unknown, its key is told, and the exit code is 3", async () => {
      const { stderr, exitCode, key } = await ended((_, again) => again());
      expect(stderr).toContain(`\nPOST /orders  outcome unknown, idempotency key ${key}\n`);
      expect(stderr).toContain("repeat it under its key");
      expect(exitCode).toBe(3);
    });
  });

  it.each([
    [["--listen", "0", "--forward", "http://127.0.0.1:1"], undefined],
    [["--listen", "/hooks", "--forward", "http://127.0.0.1:1/hooks"], undefined],
    [["--listen", "/hooks", "--forward", "http://127.0.0.1:1/other"], /\/other.* is signed for \/hooks/],
    [["--listen", "0", "--forward", "http://127.0.0.1:1/hooks"], /\/hooks.* may be signed for another path/],
  ])("%j: warns of a path that the signature does not fit", async (argv, warning) => {
    const sandbox = await startSandbox();
    onTestFinished(() => sandbox.close());
    const { stderr } = await during(argv, variablesOf(sandbox), () => Promise.resolve());
    const told = /^warning: .*$/m.exec(stderr)?.[0];
    if (warning === undefined) expect(told).toBeUndefined();
    else expect(told).toMatch(warning);
  });

  it("a taken port is told by the option that names it", async () => {
    const sandbox = await startSandbox();
    onTestFinished(() => sandbox.close());
    const { port } = new URL(sandbox.url);
    for (const argv of [
      ["--port", port],
      ["--listen", port],
      ["--inspect", port],
    ]) {
      const { stderr, exitCode } = await runCli(["proxy", ...argv], { env: variablesOf(sandbox) });
      expect(stderr).toContain(`error: port ${port} (${argv[0] ?? ""}) is taken: name another`);
      expect(exitCode).toBe(2);
    }
  });

  it.each([
    [["--listen", "hooks"], /a path such as \/hooks, or a port/],
    [["--forward", "http://127.0.0.1:1"], /needs listen/],
    [["--inspect", "99999"], /from 0 to 65535/],
    [["--listen", "/accounts"], /the API has that path/],
    [["--listen", "3005", "--port", "3005"], /port and listen are both 3005/],
  ])("%j is a usage error", async (argv, message) => {
    const sandbox = await startSandbox();
    onTestFinished(() => sandbox.close());
    const { stderr, exitCode } = await runCli(["proxy", ...argv], { env: variablesOf(sandbox) });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });
});

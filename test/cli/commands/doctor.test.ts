import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startSandbox } from "upvest-client/sandbox";
import { Interrupt } from "../../../src/cli/io.js";
import { json, problem, startApi } from "../../support/api.js";
import { runCli } from "../support/run.js";
import { envOf, useSandbox } from "../support/sandbox.js";
import { scratch } from "../support/scratch.js";

/** The report's lines, without the aligned spaces. */
const linesOf = (stdout: string): readonly string[] =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.replaceAll(/ {2,}/g, " "));

describe("against the sandbox", () => {
  const world = useSandbox({ scopes: ["webhooks:read", "users:read", "users:admin"] });

  it("says of each thing that it is well", async () => {
    const { stdout, stderr, exitCode } = await runCli(["doctor"], { env: world.env });
    expect(exitCode).toBe(0);
    expect(linesOf(stdout)).toEqual([
      expect.stringMatching(/^ok platform Node \d+\.\d+\.\d+ on /),
      "ok variables all there, from the environment (no .env here)",
      "ok key Ed25519",
      `ok ids UPVEST_API_CLIENT_ID ${world.sandbox.credentials.clientId}`,
      `ok ids UPVEST_API_KEY_ID ${world.sandbox.credentials.signingKey.keyId}`,
      expect.stringMatching(/^ok connection 127\.0\.0\.1, port \d+ is open \(\d+ ms\)$/),
      "ok clock in step with the server's",
      "ok token granted: webhooks:read",
      expect.stringMatching(/^ok call GET \/auth\/verify_keys: 200, request id \S+, \d+ ms$/),
    ]);
    expect(stderr).toBe(`\n${world.sandbox.url}: all well\n`);
  });

  it("tries each configured scope by itself: one that is refused is a failure", async () => {
    const env = { ...world.env, UPVEST_API_SCOPES: "users:read orders:admin" };
    const { stdout, stderr, exitCode } = await runCli(["doctor"], { env, isTTY: { stderr: true } });
    expect(exitCode).toBe(1);
    expect(linesOf(stdout).slice(-3)).toEqual([
      "ok token granted: users:read",
      "FAIL token refused: orders:admin (401 unauthorised) -> ask Upvest to configure these scopes, or take them out of UPVEST_API_SCOPES",
      // As every call would: the client asks for all of them in one token.
      expect.stringMatching(/^FAIL call GET \/users|^FAIL call POST \/auth\/token .*401/),
    ]);
    expect(stderr).toContain("[progress] token 2 of 2: orders:admin");
  });

  it("--all-scopes tries those of the description: one that is refused is a warning", async () => {
    const { stdout, exitCode } = await runCli(["doctor", "--all-scopes"], { env: world.env });
    expect(exitCode).toBe(0);
    expect(linesOf(stdout).slice(-3)).toEqual([
      "ok token granted: users:admin users:read webhooks:read",
      expect.stringMatching(
        /^warn token refused: account_liquidations:admin .*-> ask Upvest to configure those that you need$/,
      ),
      expect.stringMatching(/^ok call GET \/auth\/verify_keys/),
    ]);
  });

  it("on a terminal long lines are broken between words, and what to do is not", async () => {
    const { stdout } = await runCli(["doctor", "--all-scopes"], { env: world.env, width: 100 });
    const lines = stdout.trimEnd().split("\n");
    const at = lines.findIndex((line) => /^warn +token +refused: account_liquidations:admin /.test(line));
    expect(at).toBeGreaterThan(0);
    const rest = lines.slice(at + 1, -1);
    expect(rest.at(-1)).toBe(`${" ".repeat(18)}-> ask Upvest to configure those that you need`);
    expect(rest.length).toBeGreaterThan(5);
    for (const line of rest) expect(line).toMatch(/^ {18}\S.{0,81}$/);
  });

  it("takes another harmless call where the scope of the first is not granted", async () => {
    const { stdout } = await runCli(["doctor", "--scope", "users:read"], { env: world.env });
    expect(linesOf(stdout).at(-1)).toMatch(/^ok call GET \/users: 200/);
  });

  it("a key that is not registered fails at the token, with what to compare", async () => {
    const env = { ...world.env, UPVEST_API_KEY_ID: "8d4997a8-cf7a-4e51-adbb-401656a3e5c2" };
    const { stdout, stderr, exitCode } = await runCli(["doctor"], { env });
    expect(exitCode).toBe(1);
    expect(linesOf(stdout).slice(-2)).toEqual([
      expect.stringMatching(
        /^FAIL token webhooks:read: 401 unauthorised: Signature is incorrect, request id .* -> UPVEST_API_CLIENT_ID, UPVEST_API_KEY_ID and the private key must belong together, .*; what was signed: upvest-client token --scope webhooks:read$/,
      ),
      "skip call no scope was granted that admits a harmless one",
    ]);
    expect(stderr).toMatch(/: 1 failed, 0 warnings\n$/);
  });

  it("a refusal is told apart by its detail, and the command to go on with is the one that was typed", async () => {
    const cwd = scratch();
    const npx = { npm_command: "exec" };
    const doctor = async (more: Readonly<Record<string, string>>, ...argv: readonly string[]) => {
      const lines = Object.entries({ ...world.env, ...more }).map(([name, value]) => `${name}=${value}\n`);
      writeFileSync(join(cwd, "live.env"), lines.join(""), { mode: 0o600 });
      return (await runCli(["doctor", "--env", "live.env", ...argv], { cwd, env: npx })).stdout;
    };
    const { clientId } = world.sandbox.credentials;
    const same = await doctor({ UPVEST_API_KEY_ID: clientId });
    expect(same).toMatch(
      /warn +ids +UPVEST_API_CLIENT_ID and UPVEST_API_KEY_ID are the same -> Upvest sent you two ids/,
    );
    expect(same).toMatch(/what was signed: npx upvest-client token --scope webhooks:read --env live\.env\n/);
    const secret = await doctor({ UPVEST_API_CLIENT_SECRET: "canary-wrong-secret" });
    expect(secret).toMatch(/FAIL +token .* -> compare UPVEST_API_CLIENT_SECRET, then UPVEST_API_CLIENT_ID,/);
    expect(secret).not.toContain("what was signed");
    expect(await doctor({}, "--scope", "orders:admin")).toMatch(
      /FAIL +token +orders:admin: 401 .* -> ask Upvest to configure the scope for this client, or ask for one that it has\n/,
    );
  });

  it("colours where there are colours", async () => {
    const { stdout } = await runCli(["doctor"], { env: world.env, colour: true });
    expect(stdout.startsWith("\u001B[32mok   \u001B[39m ")).toBe(true);
  });
});

describe("a client that has not the scope of the most harmless call", () => {
  const doctor = async (scopes: readonly string[], ...argv: readonly string[]) => {
    const sandbox = await startSandbox({ scopes: [...scopes] });
    onTestFinished(() => sandbox.close());
    const env = envOf({ baseUrl: sandbox.url, ...sandbox.credentials });
    const { stdout, stderr, exitCode } = await runCli(["doctor", ...argv], { env });
    return { lines: linesOf(stdout), stderr, exitCode, requests: sandbox.requests };
  };
  const advice =
    "nothing, where you do not need it; else ask Upvest to configure it. To try those that you do need: --scope NAME, or --all-scopes";

  it("is well: another reading scope is tried, with a warning", async () => {
    const { lines, stderr, exitCode } = await doctor(["accounts:read", "instruments:read"]);
    expect(exitCode).toBe(0);
    expect(lines.slice(-4)).toEqual([
      "ok clock in step with the server's",
      "ok token granted: accounts:read",
      `warn token refused: webhooks:read users:read (401 unauthorised) -> ${advice}`,
      expect.stringMatching(/^ok call GET \/accounts: 200/),
    ]);
    expect(stderr).toMatch(/: 0 failed, 1 warning\n$/);
  });

  it("is well, too, where it has none of those that are tried: id, key and secret were accepted", async () => {
    const { lines, exitCode } = await doctor(["orders:admin"]);
    expect(exitCode).toBe(0);
    expect(lines.slice(-2)).toEqual([
      `warn token refused: webhooks:read users:read accounts:read instruments:read portfolios:read savings_plans:read fees:read transactions:read (401 unauthorised) -> ${advice}`,
      "skip call no scope was granted that admits a harmless one",
    ]);
  });

  it("a scope that was asked for by name is a failure all the same", async () => {
    const { lines, exitCode } = await doctor(["users:read"], "--scope", "webhooks:read");
    expect(exitCode).toBe(1);
    expect(lines.at(-2)).toMatch(/^FAIL token webhooks:read: 401 /);
  });
});

it("a refusal in words that are not known is a failure where no scope is granted; one that is not about scopes ends it", async () => {
  const api = await startApi(
    () => json({}),
    () => problem(401, "unauthorised"),
  );
  const { stdout, exitCode } = await runCli(["doctor"], { env: envOf(api.options) });
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/FAIL +token +webhooks:read \(and 7 other scopes\): 401 unauthorised: /);
  expect(api.tokenRequests).toHaveLength(8);
  for (const [status, detail] of [
    [401, "Signature is incorrect"],
    [401, "wrong client secret"],
    [500, "out of order"],
  ] as const) {
    const refusing = await startApi(
      () => json({}),
      () => json({ type: "https://docs.upvest.co/errors/x", title: "x", status, detail }, status),
    );
    const told = (await runCli(["doctor"], { env: envOf(refusing.options) })).stdout;
    expect(told).toMatch(new RegExp(`FAIL +token +webhooks:read: ${status} x: ${detail}`));
    expect(new Set(refusing.tokenRequests.map(({ body }) => body)).size).toBe(1);
  }
});

it("says where the variables come from, and that a file is not there", async () => {
  const cwd = scratch();
  const api = await startApi(() => json({}));
  const variables = Object.entries(envOf(api.options));
  writeFileSync(join(cwd, ".env"), variables.map(([name, value]) => `${name}=${value}\n`).join(""), {
    mode: 0o600,
  });
  const told = async (env: Readonly<Record<string, string>>) =>
    (await runCli(["doctor"], { cwd, env })).stdout;
  expect(await told({})).toMatch(/ok +variables +all there, from \.env\n/);
  expect(await told({ UPVEST_API_CLIENT_ID: "8d4997a8-cf7a-4e51-adbb-401656a3e5c2" })).toMatch(
    /ok +variables +all there, from the environment and \.env\n/,
  );
  const { stdout, stderr, exitCode } = await runCli(["doctor", "--env", "no.env"], { cwd });
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 1 });
  expect(linesOf(stdout).slice(1)).toEqual([
    expect.stringMatching(/^FAIL env file no\.env cannot be read: ENOENT.* -> name one that is there/),
  ]);
});

it("names every variable that is missing, and judges the key all the same", async () => {
  const cwd = scratch();
  await runCli(["keygen", "--algorithm", "p521", "--no-passphrase"], { cwd });
  const file = join(cwd, "upvest-signing-key.pem");
  chmodSync(file, 0o644);
  const env = {
    UPVEST_API_HTTP_SIGN_PRIVATE_KEY_FILENAME: "upvest-signing-key.pem",
    UPVEST_API_BASE_URL: "http://127.0.0.1:1",
  };
  const { stdout, exitCode } = await runCli(["doctor"], { cwd, env });
  expect(exitCode).toBe(1);
  const lines = linesOf(stdout);
  for (const name of ["CLIENT_ID", "CLIENT_SECRET", "KEY_ID"]) {
    expect(lines).toContain(
      `FAIL variables UPVEST_API_${name} is not set in the environment (no .env here) -> set it to what Upvest sent you for this environment`,
    );
  }
  expect(stdout).toMatch(/warn +key +ECDSA P-521, .* -> ask Upvest for Ed25519/);
  if (process.platform !== "win32") {
    expect(stdout).toMatch(
      /warn +key file +upvest-signing-key.pem has mode 644: .* -> chmod 600 upvest-signing-key.pem/,
    );
  }
  expect(stdout).toMatch(/FAIL +connection +127\.0\.0\.1, .*ECONNREFUSED.* -> is the server running/);
  expect(lines.at(-1)).toBe("skip token and what follows it: first the failures above");
});

it("a key that cannot be read is said to be so, without its content", async () => {
  const cwd = scratch();
  const env = { UPVEST_API_HTTP_SIGN_PRIVATE_KEY_PASSPHRASE: "canary-correct-horse" };
  await runCli(["keygen"], { cwd, env });
  const there = {
    UPVEST_API_BASE_URL: "http://127.0.0.1:1",
    UPVEST_API_HTTP_SIGN_PRIVATE_KEY: readFileSync(join(cwd, "upvest-signing-key.pem"), "utf8"),
  };
  const wrong = { ...there, UPVEST_API_HTTP_SIGN_PRIVATE_KEY_PASSPHRASE: "canary-another-horse" };
  expect((await runCli(["doctor"], { cwd, env: wrong })).stdout).toMatch(
    /FAIL +key +.*passphrase is wrong.* -> look at UPVEST_API_HTTP_SIGN_PRIVATE_KEY /,
  );
  expect((await runCli(["doctor"], { cwd, env: there })).stdout).toMatch(
    /FAIL +key +the signing key is encrypted: set /,
  );
});

it("ids that are none, a .env that others can read, and a base URL that cannot be used", async () => {
  const cwd = scratch();
  const api = await startApi(() => json({ keys: [] }));
  const variables = {
    ...envOf(api.options),
    UPVEST_API_KEY_ID: "canary-not-an-id",
    UPVEST_API_BASE_URL: "http://example.invalid",
  };
  writeFileSync(
    join(cwd, ".env"),
    Object.entries(variables)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(""),
  );
  chmodSync(join(cwd, ".env"), 0o644);
  const { stdout, exitCode } = await runCli(["doctor"], { cwd });
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/warn +ids +UPVEST_API_KEY_ID is no UUID, as Upvest's ids are -> compare it/);
  if (process.platform !== "win32")
    expect(stdout).toMatch(/warn +env file +\.env has mode 644: .* -> chmod 600 \.env/);
  expect(stdout).toMatch(
    /FAIL +address +UPVEST_API_BASE_URL is http:\/\/example\.invalid: baseUrl must be https/,
  );
  // Nothing connects to what the client would refuse.
  expect(stdout).not.toMatch(/connection/);
  expect(stdout).toMatch(/skip +token/);
});

it("a name that is not found says which variable to look at", async () => {
  const api = await startApi(() => json({}));
  const env = { ...envOf(api.options), UPVEST_API_BASE_URL: "https://no-such-host.invalid" };
  expect((await runCli(["doctor"], { env })).stdout).toMatch(
    /FAIL +connection +.*no-such-host\.invalid.* -> check UPVEST_API_BASE_URL/,
  );
});

it("an address that is none, and scopes that are none, are told as they were given", async () => {
  const api = await startApi(() => json({}));
  const doctor = async (more: Readonly<Record<string, string>>) =>
    (await runCli(["doctor"], { env: { ...envOf(api.options), ...more } })).stdout;
  expect(await doctor({ UPVEST_API_BASE_URL: "htp://x" })).toMatch(
    /FAIL +address +UPVEST_API_BASE_URL is htp:\/\/x: baseUrl must be .* -> for live set https:\/\/api\.upvest\.co/,
  );
  expect(await doctor({ UPVEST_API_BASE_URL: "https://me:canary-word@api.upvest.co" })).not.toContain(
    "canary-word",
  );
  expect(await doctor({ UPVEST_API_SCOPES: "users:read;orders:admin" })).toMatch(
    /FAIL +scopes +UPVEST_API_SCOPES must be scopes .*; it is "users:read;orders:admin" -> mend it/,
  );
  expect(await doctor({ UPVEST_API_SCOPES: "user:read" })).toMatch(
    /warn +scopes +UPVEST_API_SCOPES: the description knows no scope user:read \(users:read\?\) -> mend it/,
  );
});

it("Ctrl-C at the passphrase's prompt ends it", async () => {
  const cwd = scratch();
  await runCli(["keygen"], {
    cwd,
    env: { UPVEST_API_HTTP_SIGN_PRIVATE_KEY_PASSPHRASE: "canary-correct-horse" },
  });
  const env = { UPVEST_API_HTTP_SIGN_PRIVATE_KEY_FILENAME: "upvest-signing-key.pem" };
  const isTTY = { stdin: true, stderr: true };
  const run = await runCli(["doctor"], { cwd, env, isTTY, secrets: [new Interrupt("SIGINT")] });
  expect(run.exitCode).toBe(130);
  expect(run.stderr).toMatch(/interrupted\n$/);
  expect(run.stdout).not.toMatch(/FAIL +key/);
});

it("a clock that is off is a warning, and far off a failure", async () => {
  const dated = (seconds: number) => ({ date: new Date(Date.now() + seconds * 1000).toUTCString() });
  for (const [seconds, message] of [
    [20, /warn +clock +(?:19|20|21) s behind the server's -> set the clock by NTP/],
    [-90, /FAIL +clock +(?:89|90|91) s ahead of the server's; the client corrects/],
  ] as const) {
    const grant = {
      access_token: "ory_at_token-1",
      expires_in: 60,
      token_type: "bearer",
      scope: "webhooks:read",
    };
    const api = await startApi(
      () => json({ keys: [] }),
      () => json(grant, 200, dated(seconds)),
    );
    expect((await runCli(["doctor"], { env: envOf(api.options) })).stdout).toMatch(message);
  }
});

it("a refusal that is no 401 is told with its request id", async () => {
  const api = await startApi(
    () => json({}),
    () => problem(500, "internal", { "upvest-request-id": "r-1" }),
  );
  const { stdout } = await runCli(["doctor"], { env: envOf(api.options) });
  expect(stdout).toMatch(
    /FAIL +token +webhooks:read: 500 internal: internal, request id r-1 -> try again later/,
  );
});

it("a call that is refused says how to see what was signed; a connection that is lost, where to look", async () => {
  const refusing = await startApi(() => problem(401, "unauthorised"));
  expect((await runCli(["doctor"], { env: envOf(refusing.options) })).stdout).toMatch(
    /FAIL +call +GET \/auth\/verify_keys .*401 unauthorised.*; what was signed: upvest-client request GET \/auth\/verify_keys --dry-run/,
  );
  const forbidding = await startApi(() => problem(403, "forbidden"));
  expect((await runCli(["doctor"], { env: envOf(forbidding.options) })).stdout).toMatch(
    /FAIL +call +GET \/auth\/verify_keys .*403 forbidden.* -> ask Upvest with the request id/,
  );
  const cutting = await startApi(
    () => ({ cut: "before" }),
    () => ({ cut: "before" }),
  );
  const { stdout, exitCode } = await runCli(["doctor"], { env: envOf(cutting.options) });
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/skip +clock/);
  expect(stdout).toMatch(/FAIL +token +POST \/auth\/token .*no complete answer.* -> see connection/);
});

const hasOpenssl = ((): boolean => {
  try {
    execFileSync("openssl", ["version"]);
    return true;
  } catch {
    return false;
  }
})();

it.skipIf(!hasOpenssl)("a certificate that nobody vouches for", async () => {
  const cwd = scratch();
  const subject = ["-subj", "/CN=localhost", "-days", "2", "-keyout", "tls.key", "-out", "tls.crt"];
  execFileSync("openssl", ["req", "-x509", "-newkey", "ed25519", "-nodes", ...subject], {
    cwd,
    stdio: "ignore",
  });
  const server = createServer({
    key: readFileSync(join(cwd, "tls.key")),
    cert: readFileSync(join(cwd, "tls.crt")),
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const env = { UPVEST_API_BASE_URL: `https://127.0.0.1:${port}`, HTTPS_PROXY: "http://proxy.invalid:3128" };
  const { stdout } = await runCli(["doctor"], { env });
  expect(stdout).toMatch(
    /FAIL +connection +127\.0\.0\.1, port \d+ is open \(\d+ ms\), .*self-signed.* -> a proxy in between/,
  );
  expect(stdout).toMatch(/warn +proxy +HTTPS_PROXY is set, and Node's fetch goes past it/);
});

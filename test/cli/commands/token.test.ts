import { describe, expect, it } from "vitest";
import { json, startApi } from "../../support/api.js";
import { runCli } from "../support/run.js";
import { envOf, useSandbox } from "../support/sandbox.js";

describe("against the sandbox", () => {
  const world = useSandbox({ scopes: ["users:read", "orders:admin"] });

  it("tells what was granted and until when, and never the token", async () => {
    const { stdout, stderr, exitCode } = await runCli(["token", "--scope", "users:read,orders:admin"], {
      env: world.env,
    });
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(stdout).toMatch(
      /^granted users:read orders:admin\nexpires in 1800 s, at \d{4}-\d\d-\d\dT[\d:.]+Z\n$/,
    );
  });

  it("as JSON", async () => {
    const { stdout } = await runCli(["token", "-s", "users:read", "-s", "orders:admin", "--json"], {
      env: world.env,
    });
    expect(JSON.parse(stdout)).toEqual({
      scopes: ["users:read", "orders:admin"],
      expires_in: 1800,
      expires_at: expect.stringMatching(/^\d{4}-/),
    });
  });

  it("takes the scopes of the environment where none are named", async () => {
    const env = { ...world.env, UPVEST_API_SCOPES: "users:read" };
    expect((await runCli(["token"], { env })).stdout).toMatch(/^granted users:read\n/);
  });

  it("without any it names those of the description", async () => {
    const { stdout, stderr, exitCode } = await runCli(["token"], { env: world.env });
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(stderr).toMatch(/which scopes\?[\s\S]* orders:admin +orders:read/);
  });

  it("shows the token with --show alone, on stdout, and warns where it will stand on a screen", async () => {
    const argv = ["token", "--scope", "users:read", "--show"];
    const piped = await runCli(argv, { env: world.env });
    expect(piped.stdout).toMatch(/^ory_at_\S+\n$/);
    expect(piped.stderr).toMatch(/^granted users:read\n/);
    expect(piped.stderr).not.toContain("ory_at_");
    const onScreen = await runCli(argv, { env: world.env, isTTY: { stdout: true } });
    expect(onScreen.stderr).toContain("warning: a secret; it now stands on your screen");
    const asJson = await runCli([...argv, "--json"], { env: world.env });
    expect(JSON.parse(asJson.stdout)).toHaveProperty("access_token", expect.stringMatching(/^ory_at_/));
  });

  it("a refusal says what it is about, and what was signed only where that may be at fault", async () => {
    const scope = await runCli(["token", "--scope", "payments:admin"], { env: world.env });
    expect(scope).toMatchObject({ stdout: "", exitCode: 1 });
    expect(scope.stderr).toMatch(
      /^error: .*401.*\nWhat to do: ask Upvest to configure the scope for this client, or ask for one that it has\.\n$/,
    );
    const wrong = { ...world.env, UPVEST_API_CLIENT_SECRET: "canary-wrong-secret" };
    const secret = await runCli(["token", "--scope", "users:read"], { env: wrong });
    expect(secret.stderr).toMatch(/^error: .*401.*\nWhat to do: compare UPVEST_API_CLIENT_SECRET, .*\n$/);
    const other = { ...world.env, UPVEST_API_KEY_ID: "8d4997a8-cf7a-4e51-adbb-401656a3e5c2" };
    const signature = await runCli(["token", "--scope", "users:read"], { env: other });
    expect(signature.stderr).toMatch(
      /^401 at the token endpoint: .* To look at each: upvest-client doctor\n/,
    );
    expect(signature.stderr).toContain('"@path": /auth/token');
  });

  it("a scope that the description does not know is asked for all the same, with a word about it", async () => {
    const { stderr, exitCode } = await runCli(["token", "--scope", "user:read"], { env: world.env });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^warning: --scope: the description knows no scope user:read \(users:read\?\)\n/);
  });
});

it("tells which scopes were not granted", async () => {
  const some = { access_token: "ory_at_token-1", expires_in: 60, token_type: "bearer", scope: "users:read" };
  const api = await startApi(
    () => json({}),
    () => json(some),
  );
  const { stdout, stderr } = await runCli(["token", "-s", "users:read,users:admin"], {
    env: envOf(api.options),
  });
  expect(stdout).toMatch(/^granted users:read\n/);
  expect(stderr).toBe("not granted: users:admin\n");
});

it("an answer that is no token is an error", async () => {
  const api = await startApi(
    () => json({}),
    () => json({ access_token: 1 }),
  );
  const { stderr, exitCode } = await runCli(["token", "-s", "users:read"], { env: envOf(api.options) });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("error: the answer is not a token");
});

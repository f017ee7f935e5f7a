import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createServer, Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { inspect, promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSandbox, type Sandbox, type SandboxOptions } from "upvest-client/sandbox";
import { createCaller, type Caller } from "./support/caller.js";
import { description } from "../../generated/description.js";

describe("what is recorded", () => {
  let sandbox: Sandbox;
  let caller: Caller;
  let token: string;

  beforeAll(async () => {
    sandbox = await startSandbox();
    caller = createCaller(sandbox);
    token = await caller.token("accounts:admin");
  });
  afterAll(async () => {
    caller.close();
    await sandbox.close();
  });

  test("is what was sent and answered, and what the verifier saw", async () => {
    const idempotencyKey = randomUUID();
    const json = { user_id: randomUUID(), account_group_id: randomUUID(), type: "TRADING" };
    await caller.call("POST", "/accounts", { token, idempotencyKey, json });
    const seen = sandbox.requests.at(-1);
    expect(seen).toMatchObject({
      method: "POST",
      url: "/accounts",
      operationId: "create_account",
      body: JSON.stringify(json),
      status: 200,
      idempotency: "new",
      fault: undefined,
      headers: { "idempotency-key": idempotencyKey, authorization: "[redacted]", signature: "[redacted]" },
    });
    expect(seen?.headers["signature-input"]).toMatch(/^sig1=\("@method"/);
    expect(seen?.signature?.base).toContain('"@path": /accounts\n');
    expect(seen?.signature?.base).toContain('\n"authorization": [redacted]\n');
    expect(Math.abs((seen?.at ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  test("is in the order of arrival", async () => {
    sandbox.fail({ operation: "list_accounts", delay: 30 });
    const slow = caller.call("GET", "/accounts?limit=1", { token });
    await caller.call("GET", "/accounts?limit=2", { token, headers: {} });
    await slow;
    const urls = sandbox.requests.slice(-2).map(({ url }) => url);
    expect(new Set(urls)).toEqual(new Set(["/accounts?limit=1", "/accounts?limit=2"]));
    const times = sandbox.requests.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test("has no secret in it, wherever it was sent", async () => {
    const { clientId, clientSecret, signingKey } = sandbox.credentials;
    const fields = {
      client_id: clientId,
      client_secret: clientSecret,
      grant_type: "client_credentials",
      scope: "users:read",
    };
    await caller.tokenRequest(fields);
    await caller.tokenRequest({ ...fields, client_secret: "a wrong guess" });
    await caller.tokenRequest(fields, { body: `client%5Fsecret=${clientSecret}&x=1` });
    await caller.call("POST", "/auth/token", { json: fields });
    await caller.call("GET", `/accounts?key=${clientSecret}&token=${token}`, { token });
    await caller.call("GET", "/accounts", { token, headers: { "x-token": token } });
    await caller.call("GET", "/accounts", { token, keyId: "unknown" });
    await caller.call("GET", "/accounts", { token: "a-token-of-another-make" });

    const text = inspect(sandbox.requests, { depth: null, maxArrayLength: null, maxStringLength: null });
    for (const secret of [
      token,
      clientSecret,
      "wrong",
      "a-token-of-another-make",
      signingKey.privateKey.split("\n")[1] ?? "?",
    ]) {
      expect(text).not.toContain(secret);
    }
    expect(text).toContain("client_secret=[redacted]&grant_type=client_credentials");
    expect(text).not.toMatch(/ory_at_/);
    expect(text).not.toMatch(/sig1=:/);
  });

  test("a sandbox that is printed does not show its credentials", () => {
    const { clientSecret, signingKey } = sandbox.credentials;
    const shown = [
      inspect(sandbox, { showHidden: true, getters: true, depth: null }),
      inspect(sandbox.credentials, { showHidden: true, depth: null }),
      JSON.stringify(sandbox),
    ].join("\n");
    expect(shown).not.toContain(clientSecret);
    expect(shown).not.toContain(signingKey.privateKey.split("\n")[1]);
    expect(shown).not.toContain("PRIVATE KEY");
  });
});

describe("starting", () => {
  test.each<[string, object, RegExp]>([
    ["misspelt", { strickt: true }, /startSandbox has no strickt; it has port, .*, inspector\.$/],
    ["port", { port: -1 }, /port must be a whole number from 0 to 65535; it is -1/],
    ["algorithm", { algorithm: "rsa" }, /algorithm must be "ed25519" or "ecdsa-p521"; it is rsa/],
    ["scopes", { scopes: ["accounts:reed"] }, /scopes: the description does not name accounts:reed/],
    ["tokenLifetime", { tokenLifetime: 0 }, /tokenLifetime must be/],
    [
      "collections of another operation",
      { collections: { place_order: 3 } },
      /"place_order" is not a paged operation/,
    ],
    [
      "collections of a wrong size",
      { collections: { list_accounts: -1 } },
      /collections\.list_accounts must be/,
    ],
    [
      "collections of what is really there",
      { collections: { list_webhooks: 3 } },
      /"list_webhooks" lists the subscriptions that were created/,
    ],
    ["rateLimit", { rateLimit: 0 }, /rateLimit must be/],
    ["signatureWindow", { signatureWindow: 0.5 }, /signatureWindow must be/],
    ["clockTolerance", { clockTolerance: -1 }, /clockTolerance must be/],
    ["deliverySpeed", { deliverySpeed: 0 }, /deliverySpeed must be a number above 0, or Infinity; it is 0/],
    ["deliveryTimeout", { deliveryTimeout: 0 }, /deliveryTimeout must be/],
  ])("refuses %s out of bounds", async (_, options, message) => {
    const careless: SandboxOptions = Object.assign({}, options);
    await expect(startSandbox(careless)).rejects.toThrow(TypeError);
    await expect(startSandbox(careless)).rejects.toThrow(message);
  });

  test("refuses a document that is no description", async () => {
    await expect(startSandbox({ description: {} })).rejects.toThrow(/has no operations/);
    const { "/auth/token": _, ...paths } = Object(description["paths"]);
    await expect(startSandbox({ description: { ...description, paths } })).rejects.toThrow(
      /no token endpoint/,
    );
  });

  test("leaves the document as it was", async () => {
    const before = JSON.stringify(description);
    await (await startSandbox()).close();
    expect(JSON.stringify(description)).toBe(before);
  });

  test("says so when the port is taken", async () => {
    const sandbox = await startSandbox();
    const port = Number(new URL(sandbox.url).port);
    await expect(startSandbox({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    await sandbox.close();
    const again = await startSandbox({ port });
    expect(again.url).toBe(`http://127.0.0.1:${port}`);
    await again.close();
  });

  test("hands out other credentials each time", async () => {
    const [one, other] = [await startSandbox(), await startSandbox()];
    expect(one.credentials.clientSecret).not.toBe(other.credentials.clientSecret);
    expect(one.credentials.signingKey.keyId).not.toBe(other.credentials.signingKey.keyId);
    await Promise.all([one.close(), other.close()]);
  });

  test("effects of an unknown operation are a TypeError", async () => {
    const sandbox = await startSandbox();
    expect(() => sandbox.effects("place_ordre")).toThrow(/"place_ordre" is not an operationId/);
    await sandbox.close();
  });
});

describe("closing", () => {
  test("ends idle connections, waits and half-sent requests", async () => {
    const sandbox = await startSandbox();
    const caller = createCaller(sandbox);
    const token = await caller.token("accounts:admin");
    sandbox.fail({ operation: "list_accounts", delay: 1_000_000 });
    const refused = expect(caller.call("GET", "/accounts", { token })).rejects.toMatchObject({
      code: "ECONNRESET",
    });
    // Answered by the same server after it, on a connection that then stays idle.
    expect((await caller.call("GET", "/account_groups", { token })).status).toBe(200);
    const half = new Socket();
    const ended = new Promise((resolve) => half.once("close", resolve));
    half.on("error", () => undefined);
    const port = Number(new URL(sandbox.url).port);
    await new Promise<void>((resolve) => half.connect(port, "127.0.0.1", resolve));
    half.write("POST /accounts HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{");

    await sandbox.close();
    await refused;
    await ended;
    expect(sandbox.effects("list_accounts")).toBe(0);
    await expect(fetch(sandbox.url)).rejects.toThrow();
    // A second time does no harm.
    await sandbox.close();
    caller.close();
  });

  test("leaves nothing that keeps a program from ending", async () => {
    const script = fileURLToPath(new URL("./support/start-and-close.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", script], {
      timeout: 100_000,
    });
    expect(stdout).toBe("held\nclosed\ndropped\n");
  });

  test("a port that was free before is free again", async () => {
    const sandbox = await startSandbox();
    await sandbox.close();
    const server = createServer();
    await new Promise<void>((resolve) =>
      server.listen(Number(new URL(sandbox.url).port), "127.0.0.1", resolve),
    );
    await new Promise((resolve) => server.close(resolve));
  });
});

describe("without Prism", () => {
  test("the error says what to install", async () => {
    const script = fileURLToPath(new URL("./support/without-prism.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", script]);
    expect(stdout).toContain("npm install --save-dev @stoplight/prism-http@5.12.0");
    expect(stdout).toContain("ERR_MODULE_NOT_FOUND");
  });
});

import { createHash, generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Rehearsal } from "../../../src/cli/dry-run.js";
import { Interrupt } from "../../../src/cli/io.js";
import { json, problem, startApi } from "../../support/api.js";
import { runCli, type World } from "../support/run.js";
import { envOf, useSandbox } from "../support/sandbox.js";
import { scratch } from "../support/scratch.js";

const id = "ad45b27f-c0e7-4cfb-b48c-a83670dbdfbd";
const account = { user_id: id, account_group_id: id, type: "TRADING" };
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({
  type: "pkcs8",
  format: "pem",
});
const uuid = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/;

describe("against the sandbox", () => {
  const world = useSandbox({ collections: { list_accounts: 250, list_users: 0 } });
  const request = (argv: readonly string[], more: World = {}) =>
    runCli(["request", ...argv], { env: world.env, ...more });

  it("writes the body to stdout as one line of JSON, and the facts to stderr", async () => {
    const { stdout, stderr, exitCode } = await request(["GET", "/accounts?limit=2"]);
    expect(exitCode).toBe(0);
    expect(stdout.trimEnd()).not.toContain("\n");
    expect(JSON.parse(stdout)).toMatchObject({ meta: { limit: 2, total_count: 250 }, data: [{}, {}] });
    expect(stderr).toMatch(
      /^200 OK {2}list_accounts {2}request id \S{36} {2}1 attempt {2}\d+ ms \(token \d+ ms\)\n$/,
    );
    expect(world.sandbox.requests.at(-1)).toMatchObject({
      url: "/accounts?limit=2",
      signature: { verified: true },
    });
  });

  it("on a terminal the facts break between them, not within one", async () => {
    const { stderr } = await request(["GET", "/accounts?limit=2"], { columns: 80 });
    expect(stderr).toMatch(/^200 OK {2}list_accounts {2}request id \S{36}\n {2}1 attempt {2}\d+ ms /);
  });

  it("on a terminal the body is laid out, unless --json is there", async () => {
    const isTTY = { stdout: true };
    expect((await request(["GET", `/accounts/${id}`], { isTTY })).stdout).toMatch(/^\{\n {2}"id": /);
    expect((await request(["GET", `/accounts/${id}`, "--json"], { isTTY })).stdout).toMatch(
      /^\{"id":.*\}\n$/,
    );
  });

  it("--query adds to the path's query, and takes its place", async () => {
    const argv = ["GET", "/accounts?limit=2&offset=1", "-q", "offset=3", "--query", "sort=created_at"];
    expect((await request(argv)).exitCode).toBe(0);
    expect(world.sandbox.requests.at(-1)?.url).toBe("/accounts?limit=2&offset=3&sort=created_at");
  });

  it("a query parameter that the description does not have is sent, with a word about it", async () => {
    const limit = await request(["GET", "/accounts?limt=2"]);
    expect(limit.exitCode).toBe(0);
    expect(limit.stderr).toMatch(/^warning: list_accounts has no query parameter limt \(limit\?\)\n200 OK/);
    const other = await request(["GET", "/accounts?limit=1", "-q", "colour=red"]);
    expect(other.stderr).toMatch(
      /^warning: list_accounts has no query parameter colour \(it has .*limit.*\)\n200 OK/,
    );
    expect((await request(["GET", `/accounts/${id}?x=1`])).stderr).toMatch(
      /^warning: .* \(it has none at all\)/,
    );
  });

  it("--header is sent and signed", async () => {
    await request(["GET", "/accounts", "--header", "Accept-Language: de"]);
    expect(world.sandbox.requests.at(-1)?.signature?.base).toContain('"accept-language": de\n');
  });

  it("--include writes status and headers before the body", async () => {
    const { stdout } = await request(["GET", "/accounts?limit=1", "--include"]);
    expect(stdout).toMatch(/^HTTP 200 OK\n(?:[\w-]+: .*\n)+\n\{"meta":.*\n$/);
    expect(stdout).toMatch(/\nupvest-request-id: /);
  });

  it("--include writes them before the problem of a refusal, too; with --json it is there once", async () => {
    for (const more of [[], ["--json"]]) {
      const { stdout, exitCode } = await request(["GET", "/accounts?limit=5000", "--include", ...more]);
      expect(exitCode).toBe(1);
      expect(stdout).toMatch(/^HTTP 400 Bad Request\n(?:[\w-]+: .*\n)+\n\{.*"status":400.*\}\n$/);
    }
    const onTerminal = await request(["GET", "/accounts?limit=5000", "-i"], { isTTY: { stdout: true } });
    expect(onTerminal.stdout).toMatch(/\n\n\{\n {2}"[^]*\n\}\n$/);
  });

  it("a write tells its key before it is sent, and takes its body from the line, a file or stdin", async () => {
    const cwd = scratch();
    const [text, laidOut] = [JSON.stringify(account), `${JSON.stringify(account, undefined, 2)}\n`];
    writeFileSync(join(cwd, "account.json"), laidOut);
    for (const [data, body, more] of [
      [text, text, {}],
      ["@account.json", laidOut, { cwd }],
      ["-", laidOut, { input: laidOut }],
    ] as const) {
      const { stdout, stderr, exitCode } = await request(["POST", "/accounts", "--data", data], more);
      expect(exitCode).toBe(0);
      expect(JSON.parse(stdout)).toHaveProperty("id");
      const [, key] =
        /^POST \/accounts at 127\.0\.0\.1:\d+, idempotency key (\S+)\n200 OK {2}create_account/.exec(
          stderr,
        ) ?? [];
      expect(key).toMatch(uuid);
      expect(world.sandbox.requests.at(-1)).toMatchObject({
        body,
        headers: { "idempotency-key": key },
      });
    }
  });

  it("a body goes out byte for byte: parsed and written again, numbers would change", async () => {
    const text = `{ "amount": 1.10, "id": 12345678901234567890,\t"name": "\\u00e9\u00e9", "name": 1E2 }\r\n`;
    const api = await startApi(() => json({ id }));
    const run = (argv: readonly string[], more: World = {}) =>
      runCli(["request", "POST", "/accounts", ...argv], { env: envOf(api.options), ...more });
    const cwd = scratch();
    writeFileSync(join(cwd, "account.json"), text);
    for (const [data, more] of [
      [text, {}],
      ["@account.json", { cwd }],
      ["-", { input: text }],
    ] as const) {
      expect((await run(["--data", data], more)).exitCode).toBe(0);
      expect(api.calls.at(-1)?.body).toBe(text);
      const { stdout } = await run(["--data", data, "--dry-run", "--json"], more);
      const shown = JSON.parse(stdout) as Rehearsal;
      const digest = createHash("sha512").update(text).digest("base64");
      expect(shown).toMatchObject({
        body: text,
        headers: {
          "content-digest": `sha-512=:${digest}:`,
          "content-length": String(Buffer.byteLength(text)),
          "content-type": "application/json",
        },
        signatureBase: expect.stringContaining(`"content-digest": sha-512=:${digest}:\n`),
      });
    }
  });

  it("a body that names a file is asked about", async () => {
    const cwd = scratch();
    writeFileSync(join(cwd, "order"), "{}");
    const told = async (data: string) => (await request(["POST", "/orders", "-d", data], { cwd })).stderr;
    expect(await told("order")).toMatch(/^error: --data is not JSON: .*; did you mean @order\?\n$/);
    expect(await told("orders/new.json")).toMatch(/; did you mean @orders\/new\.json\?\n$/);
    for (const data of ["{'a':1}", "ordr", ".", '{"file":"a.json', "a\0b", "x".repeat(5000)]) {
      expect(await told(data)).not.toContain("did you mean");
    }
  });

  it("a body that is not UTF-8, or begins with a byte order mark, is no JSON", async () => {
    const cwd = scratch();
    for (const bytes of [Buffer.from('{"name":"\u00e9"}', "latin1"), Buffer.from("\uFEFF{}")]) {
      writeFileSync(join(cwd, "account.json"), bytes);
      const { stderr, exitCode } = await request(["POST", "/accounts", "-d", "@account.json"], { cwd });
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/^error: account\.json is not JSON: /);
    }
  });

  it("--idempotency-key repeats a write under its key", async () => {
    const before = world.sandbox.effects("create_account");
    const argv = [
      "POST",
      "/accounts",
      "-d",
      JSON.stringify(account),
      "-k",
      "0b2c9d0e-5f0a-4f57-8a31-6a2d3b1c4e5f",
    ];
    const [first, second] = [await request(argv), await request(argv)];
    expect(second.stdout).toBe(first.stdout);
    expect(world.sandbox.effects("create_account")).toBe(before + 1);
  });

  it("a key given as a header is that of the write, not one beside which another is made", async () => {
    const key = "1b2c9d0e-5f0a-4f57-8a31-6a2d3b1c4e5f";
    const before = world.sandbox.effects("create_account");
    const argv = ["POST", "/accounts", "-d", JSON.stringify(account), "-H", `Idempotency-Key: ${key}`];
    const [first, second] = [await request(argv), await request([...argv, "-k", key])];
    expect(first.stderr).toContain(`, idempotency key ${key}\n`);
    expect(second.stdout).toBe(first.stdout);
    expect(world.sandbox.effects("create_account")).toBe(before + 1);
  });

  it("an answer without a body writes nothing to stdout", async () => {
    const { stdout, stderr, exitCode } = await request(["DELETE", `/accounts/${id}`]);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 0 });
    expect(stderr).toMatch(/account_closure/);
    // What is done to, not the template.
    expect(stderr).toMatch(new RegExp(`^DELETE /accounts/${id} at 127`));
  });

  it("a refusal says code and request id, on stderr alone", async () => {
    const { stdout, stderr, exitCode } = await request(["GET", "/accounts?limit=5000"]);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 1 });
    expect(stderr).toMatch(/^400 Bad Request {2}list_accounts/);
    expect(stderr).toMatch(/error: GET \/accounts \(list_accounts\): 400 invalid_request\..*request id/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it("with --json the problem is on stdout", async () => {
    const { stdout, exitCode } = await request(["GET", "/accounts?limit=5000", "--json"]);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ status: 400, type: expect.any(String) });
  });

  it("a refused signature is explained", async () => {
    const env = { ...world.env, UPVEST_API_KEY_ID: id };
    const { stderr, exitCode } = await runCli(["request", "GET", "/accounts"], { env });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('  "@path": /auth/token\n');
    expect(stderr).toContain("local clock against the answer's date: in step");
  });

  describe("--paginate", () => {
    it("writes one item a line", async () => {
      const { stdout, stderr, exitCode } = await request(["GET", "/accounts?limit=100", "--paginate"]);
      expect(exitCode).toBe(0);
      const ids = stdout
        .trimEnd()
        .split("\n")
        .map((line) => Object(JSON.parse(line))["id"]);
      expect(new Set(ids).size).toBe(250);
      expect(stderr).toMatch(/^250 items, 3 pages, \d+ ms\n$/);
    });

    it("begins at offset, ends at --max, and tells on a terminal how far it is", async () => {
      const argv = ["GET", "/accounts?limit=10&offset=200", "--paginate", "--max", "15"];
      const { stdout, stderr } = await request(argv, { isTTY: { stderr: true } });
      expect(stdout.trimEnd().split("\n")).toHaveLength(15);
      expect(stderr).toContain("[progress] 10 of 15 items\n[progress] 15 of 15 items\n15 items, 2 pages");
    });

    it("--concurrency keeps the order, and does not go with --verify", async () => {
      const argv = ["GET", "/accounts?limit=50", "--paginate"];
      const { stdout, exitCode } = await request([...argv, "--concurrency", "4"]);
      expect({ stdout, exitCode }).toEqual({ stdout: (await request(argv)).stdout, exitCode: 0 });
      expect((await request([...argv, "--concurrency", "4", "--verify"])).exitCode).toBe(2);
    });

    it("--verify walks too, and an empty collection is none", async () => {
      expect((await request(["GET", "/accounts?limit=100", "-p", "--verify"])).stderr).toMatch(/^250 items/);
      const { stdout, exitCode } = await request(["GET", "/users", "--paginate"]);
      expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 0 });
    });

    it("a walk that is interrupted says where to go on", async () => {
      const interrupt = new AbortController();
      const { stdout, stderr, exitCode } = await request(["GET", "/accounts?limit=10&offset=20", "-p"], {
        signal: interrupt.signal,
        onWrite: (stdout) => {
          if (stdout.split("\n").length > 20) interrupt.abort(new Interrupt("SIGINT"));
        },
      });
      expect(exitCode).toBe(130);
      const written = stdout.trimEnd().split("\n").length;
      expect(stderr).toBe(
        `interrupted\n${written} items were written. To go on where the walk stopped: --query offset=${20 + written}\n`,
      );
    });

    it("a walk that fails says where to go on", async () => {
      world.sandbox.fail({ operation: "list_accounts", status: 500, skip: 1 });
      const { stdout, stderr, exitCode } = await request(["GET", "/accounts?limit=100", "--paginate"]);
      expect(exitCode).toBe(1);
      expect(stdout.trimEnd().split("\n")).toHaveLength(100);
      expect(stderr).toContain(
        "100 items were written. To go on where the walk stopped: --query offset=100\n",
      );
    });

    it("a verified walk that fails says that going on there repeats items, where there are any", async () => {
      const argv = ["GET", "/accounts?limit=100", "--paginate", "--verify"];
      world.sandbox.fail({ operation: "list_accounts", status: 500, skip: 1 });
      expect((await request(argv)).stderr).toContain(
        "100 items were written. To go on where the walk stopped: --query offset=99 (it begins with items that were written)\n",
      );
      world.sandbox.fail({ operation: "list_accounts", status: 500 });
      expect((await request(argv)).stderr).toMatch(/ --query offset=0\n$/);
    });
  });

  describe("--dry-run", () => {
    it("shows what would be sent and signed, and sends nothing", async () => {
      const before = world.sandbox.requests.length;
      const body = JSON.stringify(account);
      const argv = ["POST", "/accounts?a=b", "--data", body, "--dry-run"];
      const { stdout, stderr, exitCode } = await request(argv);
      expect(exitCode).toBe(0);
      expect(world.sandbox.requests).toHaveLength(before);
      expect(stdout).toMatch(new RegExp(`^POST ${world.sandbox.url}/accounts\\?a=b\n(?:[\\w-]+: .*\n)+\n`));
      expect(stdout).toContain(
        `\n\n${body}\n\nSignature base (ed25519, key ${world.env["UPVEST_API_KEY_ID"]}):\n`,
      );
      expect(stdout).toMatch(/\n {2}"@method": POST\n {2}"@path": \/accounts\n {2}"@query": \?a=b\n/);
      expect(stdout).toMatch(/\n {2}"authorization": Bearer \[hidden\]\n/);
      expect(stdout).toMatch(/\ncontent-digest: sha-512=:/);
      expect(stdout).toContain("signature: sig1=:[hidden]:\n");
      expect(stdout).toContain(`\ncontent-length: ${body.length}\ncontent-type: application/json\n`);
      expect(stderr).toMatch(/dry run: nothing was sent\..*scope accounts:admin/);
    });

    it("needs no connection, and gives JSON", async () => {
      const env = { ...world.env, UPVEST_API_BASE_URL: "https://no-such-host.invalid" };
      const argv = ["request", "GET", "/accounts", "--dry-run", "--json"];
      const { stdout, exitCode } = await runCli(argv, { env });
      expect(exitCode).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        method: "GET",
        url: "https://no-such-host.invalid/accounts",
        scope: "accounts:read",
        algorithm: "ed25519",
        signatureBase: expect.stringContaining('"@method": GET\n"@path": /accounts\n'),
      });
    });
  });

  it.each<[string, Readonly<Record<string, string>>, RegExp]>([
    [
      "an RSA key",
      { UPVEST_API_HTTP_SIGN_PRIVATE_KEY_BASE64: Buffer.from(rsa).toString("base64") },
      /^error: signingKey: .*RSA/,
    ],
    [
      "what is no key",
      { UPVEST_API_HTTP_SIGN_PRIVATE_KEY_BASE64: Buffer.from("key").toString("base64") },
      /^error: signingKey: /,
    ],
    [
      "an address that is none",
      { UPVEST_API_BASE_URL: "htp://x" },
      /^error: UPVEST_API_BASE_URL is htp:\/\/x: /,
    ],
    [
      "a client id that is none",
      { UPVEST_API_CLIENT_ID: "a b" },
      /^error: UPVEST_API_CLIENT_ID: clientId must be /,
    ],
    ["scopes that are none", { UPVEST_API_SCOPES: "a;b" }, /^error: UPVEST_API_SCOPES must be .*"a;b"/],
    [
      "scopes without the one that is needed",
      { UPVEST_API_SCOPES: "user:read" },
      /^warning: UPVEST_API_SCOPES: the description knows no scope user:read \(users:read\?\)\nerror: list_accounts needs the scope accounts:read or accounts:admin; UPVEST_API_SCOPES is "user:read"/,
    ],
  ])("refuses %s in the same words with --dry-run and without", async (_, more, message) => {
    const env = { ...world.env, ...more };
    const before = world.sandbox.requests.length;
    const argv = ["request", "GET", "/accounts"];
    const sent = await runCli(argv, { env });
    expect(sent).toEqual({ stdout: "", stderr: expect.stringMatching(message), exitCode: 2 });
    expect(await runCli([...argv, "--dry-run"], { env })).toEqual(sent);
    expect(world.sandbox.requests).toHaveLength(before);
  });

  it.each<[string, readonly string[], RegExp]>([
    ["a path that is none", ["GET", "/acounts"], /no GET \/acounts/],
    ["a token", ["POST", "/auth/token"], /for a token, use: upvest-client token/],
    ["a missing body", ["POST", "/orders"], /place_order takes a body: give it with --data/],
    ["a body too many", ["GET", "/accounts", "-d", "{}"], /list_accounts takes no body/],
    ["a body that is no JSON", ["POST", "/orders", "-d", "{'a':1}"], /--data is not JSON: /],
    ["a file that is not there", ["POST", "/orders", "-d", "@no.json"], /--data: ENOENT.*no\.json/],
    [
      "a walk of what has no pages",
      ["GET", `/accounts/${id}`, "--paginate"],
      /retrieve_account does not answer in pages/,
    ],
    [
      "--max alone",
      ["GET", "/accounts", "--max", "3"],
      /--max, --verify and --concurrency go with --paginate/,
    ],
    [
      "the headers of a walk",
      ["GET", "/accounts", "--paginate", "--include"],
      /--include does not go with --paginate/,
    ],
    [
      "an offset that is none",
      ["GET", "/accounts?offset=x", "--paginate"],
      /offset must be a whole number of items, 0 or more; it is "x"/,
    ],
    [
      "pages of no items",
      ["GET", "/accounts?limit=0", "--paginate"],
      /^error: limit must be a whole number of items, 1 or more; it is 0\n$/,
    ],
    ["a limit twice", ["GET", "/accounts?limit=1&limit=2", "-p"], /limit must be a whole number of items/],
    [
      "a key that is no UUID",
      ["POST", "/accounts", "-d", "{}", "-k", "1"],
      /^error: .*idempotency-key "1" is not a UUID/,
    ],
    ["a key where none is taken", ["GET", "/accounts", "-k", id], /takes no idempotency key/],
    [
      "two keys",
      ["POST", "/accounts", "-d", "{}", "-k", id, "-H", `idempotency-key:${id.replace("a", "b")}`],
      /^error: two idempotency keys, \S+ and \S+: give one\n$/,
    ],
    [
      "a key without a value",
      ["POST", "/accounts", "-d", "{}", "-H", "idempotency-key:"],
      /^error: .*idempotency-key "" is not a UUID/,
    ],
    [
      "a header that is the client's own",
      ["GET", "/accounts", "-H", "authorization:x"],
      /the header authorization is the client's own/,
    ],
    ["a path value that needs an escape", ["GET", "/accounts/a%2Fb"], /path parameter account_id cannot be/],
  ])("refuses %s, before anything is sent", async (_, argv, message) => {
    const before = world.sandbox.requests.length;
    const { stdout, stderr, exitCode } = await request(argv);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(stderr).toMatch(message);
    expect(world.sandbox.requests).toHaveLength(before);
  });

  it("what is no text does not go to a terminal", async () => {
    const argv = ["GET", `/reports/${id}`, "-H", "accept:application/pdf"];
    const { stderr, exitCode } = await request(argv, { isTTY: { stdout: true } });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("application/pdf is not for a terminal");
  });

  it("asks for the passphrase of an encrypted key on a terminal, and says what to set elsewhere", async () => {
    const cwd = scratch();
    const passphrase = "canary-correct-horse";
    const { UPVEST_API_HTTP_SIGN_PRIVATE_KEY_BASE64: _, ...rest } = world.env;
    await runCli(["keygen"], { cwd, env: { UPVEST_API_HTTP_SIGN_PRIVATE_KEY_PASSPHRASE: passphrase } });
    const env = { ...rest, UPVEST_API_HTTP_SIGN_PRIVATE_KEY_FILENAME: "upvest-signing-key.pem" };
    const argv = ["request", "GET", "/accounts", "--dry-run"];
    const asked = await runCli(argv, {
      cwd,
      env,
      secrets: [passphrase],
      isTTY: { stdin: true, stderr: true },
    });
    expect(asked.exitCode).toBe(0);
    expect(asked.stderr).toContain("Passphrase of the signing key: ");
    const { stderr, exitCode } = await runCli(argv, { cwd, env });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("the signing key is encrypted: set UPVEST_API_HTTP_SIGN_PRIVATE_KEY_PASSPHRASE");
  });
});

describe("a write of which nobody knows whether it took effect", () => {
  const argv = ["request", "POST", "/accounts", "--data", JSON.stringify(account), "--no-retry"];

  it("ends with 3, its key and the command that repeats it", async () => {
    const api = await startApi(() => ({ cut: "before" }));
    const { stdout, stderr, exitCode } = await runCli(argv, { env: envOf(api.options) });
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 3 });
    const key = api.calls[0]?.headers["idempotency-key"];
    expect(stderr).toContain(`Repeat the call with the idempotency key ${String(key)}`);
    expect(stderr).toContain(
      `\nThe command for that:\n  upvest-client request POST /accounts --data '${JSON.stringify(account)}' --no-retry --idempotency-key ${String(key)}\n`,
    );
    expect(stderr.match(/unknown/g)).toHaveLength(1);
  });

  it("keeps the key that it was given, and speaks of the input where that came from stdin", async () => {
    const api = await startApi(() => ({ cut: "before" }));
    const repeated = ["request", "POST", "/accounts", "-d", "-", "--no-retry", "-k", id];
    const { stderr, exitCode } = await runCli(repeated, { env: envOf(api.options), input: "{}" });
    expect(exitCode).toBe(3);
    expect(stderr).toContain(
      `The command for that (with the same input):\n  upvest-client ${repeated.join(" ")}\n`,
    );
  });

  it("without a key it says to look first", async () => {
    const api = await startApi(() => ({ cut: "before" }));
    const { stderr, exitCode } = await runCli(["request", "DELETE", `/orders/${id}`, "--no-retry"], {
      env: envOf(api.options),
    });
    expect(exitCode).toBe(3);
    expect(stderr.match(/Read the resource before you repeat the call\./g)).toHaveLength(1);
  });

  it("is also one that was interrupted while it was out", async () => {
    const interrupt = new AbortController();
    const api = await startApi(() => {
      interrupt.abort(new Interrupt("SIGINT"));
      return new Promise(() => undefined);
    });
    const { stderr, exitCode } = await runCli(argv, { env: envOf(api.options), signal: interrupt.signal });
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(
      /\ninterrupted\nWhether it took effect is unknown\. To learn or complete it, repeat /,
    );
    expect(stderr).toContain(`--idempotency-key ${String(api.calls[0]?.headers["idempotency-key"])}\n`);
  });

  it("a read that was interrupted is just that", async () => {
    const interrupt = new AbortController();
    const api = await startApi(() => {
      interrupt.abort(new Interrupt("SIGTERM"));
      return new Promise(() => undefined);
    });
    const run = await runCli(["request", "GET", "/accounts"], {
      env: envOf(api.options),
      signal: interrupt.signal,
    });
    expect(run).toEqual({ stdout: "", stderr: "interrupted\n", exitCode: 143 });
  });
});

describe("no answer", () => {
  it("ends with 4, without a stack trace", async () => {
    const api = await startApi(() => ({ cut: "before" }));
    const { stderr, exitCode } = await runCli(["request", "GET", "/accounts", "--no-retry"], {
      env: envOf(api.options),
    });
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/^error: GET \/accounts \(list_accounts\): no complete answer: .*\n$/);
  });

  it("DEBUG shows where, still without secrets", async () => {
    const api = await startApi(() => ({ cut: "before" }));
    const env = { ...envOf(api.options), DEBUG: "1" };
    const { stderr } = await runCli(["request", "GET", "/accounts", "--no-retry"], { env });
    expect(stderr).toMatch(/\n {4}at /);
  });

  it("--timeout is for one attempt", async () => {
    const api = await startApi(() => new Promise(() => undefined));
    const argv = ["request", "GET", "/accounts", "--no-retry", "--timeout", "50"];
    const { stderr, exitCode } = await runCli(argv, { env: envOf(api.options) });
    expect(exitCode).toBe(4);
    expect(stderr).toContain("one attempt took longer than its timeout of 50 ms");
  });
});

it("a wait between attempts is told on a terminal", async () => {
  const api = await startApi((_, nth) => {
    if (nth === 0) return problem(429, "too_many_requests", { "retry-after": "0" });
    return nth === 1 ? { cut: "before" } : json({ keys: [] });
  });
  const { stderr } = await runCli(["request", "GET", "/auth/verify_keys"], {
    env: envOf(api.options),
    isTTY: { stderr: true },
  });
  expect(stderr).toMatch(
    /^\[progress\] 429, waiting [\d.]+ s \(then attempt 2\)\n\[progress\] \w+, waiting [\d.]+ s \(then attempt 3\)\n200 OK/,
  );
});

it("a refused token is no write", async () => {
  const api = await startApi(
    () => json({}),
    () => problem(401, "unauthorised"),
  );
  const { stderr } = await runCli(["request", "DELETE", `/orders/${id}`], { env: envOf(api.options) });
  // Nothing is announced that does not go out.
  expect(stderr).toContain("error: POST /auth/token");
  expect(stderr).not.toContain("DELETE /orders");
});

it("attempts are counted", async () => {
  const api = await startApi((_, nth) =>
    nth === 0 ? problem(429, "too_many_requests", { "retry-after": "0" }) : json({ keys: [] }),
  );
  const { stderr, exitCode } = await runCli(["request", "GET", "/auth/verify_keys"], {
    env: envOf(api.options),
  });
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/^200 OK {2}get_jwks {2}2 attempts/);
});

it("bytes go to stdout as they are", async () => {
  const api = await startApi(() => ({
    headers: { "content-type": "application/pdf" },
    body: "%PDF-1.7\n\u0000",
  }));
  const argv = ["request", "GET", `/reports/${id}`, "-H", "accept:application/pdf"];
  const { stdout, exitCode } = await runCli(argv, { env: envOf(api.options) });
  expect({ stdout, exitCode }).toEqual({ stdout: "%PDF-1.7\n\u0000", exitCode: 0 });
});

it("what an answer holds cannot steer the terminal, nor show a token", async () => {
  const api = await startApi((request) => problem(400, `\u001B[2J${request.headers.authorization}`));
  const argv = ["request", "GET", "/accounts", "--json", "--include"];
  const { stdout, stderr } = await runCli(argv, { env: envOf(api.options), isTTY: { stdout: true } });
  expect(stdout + stderr).not.toContain("\u001B");
  expect(stdout + stderr).not.toContain("ory_at_");
});

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startSandbox, type Sandbox, type SandboxRequest } from "upvest-client/sandbox";
import { createCaller, type CallOptions, type Caller, type Reply } from "./support/caller.js";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DAY = 24 * 60 * 60 * 1000;
let now = Date.UTC(2026, 0, 2, 3, 4, 5);
let sandbox: Sandbox;
let caller: Caller;
let token: string;

beforeAll(async () => {
  sandbox = await startSandbox({
    clock: () => now,
    rateLimit: 50,
    scopes: ["accounts:read", "accounts:admin", "orders:read"],
  });
  caller = createCaller(sandbox, () => now);
});
afterAll(async () => {
  caller.close();
  await sandbox.close();
});
beforeEach(async () => {
  now += 2000;
  token = await caller.token("accounts:admin");
});

const seen = (): SandboxRequest | undefined => sandbox.requests.at(-1);
const account = {
  user_id: "413715f2-5401-4b97-8055-034a6b879f8c",
  account_group_id: "fa2414ed-8d62-46fd-85ed-565a340c81d6",
  type: "TRADING",
  name: "Rainy days",
};
const create = (options: CallOptions = {}): Promise<Reply> =>
  caller.call("POST", "/accounts", { token, idempotencyKey: randomUUID(), json: account, ...options });
const problemOf = (reply: Reply): unknown => {
  expect(reply.headers["content-type"]).toBe("application/problem+json");
  expect(reply.json["request_id"]).toBe(reply.headers["upvest-request-id"]);
  expect(reply.json["status"]).toBe(reply.status);
  return {
    status: reply.status,
    type: String(reply.json["type"]).split("/").at(-1),
    title: reply.json["title"],
  };
};

describe("every answer", () => {
  test("carries a request id of its own and a date by the sandbox's clock", async () => {
    const one = await caller.call("GET", "/accounts", { token });
    const other = await caller.call("GET", "/nowhere", { token });
    expect(one.headers["upvest-request-id"]).toMatch(UUID);
    expect(other.headers["upvest-request-id"]).toMatch(UUID);
    expect(one.headers["upvest-request-id"]).not.toBe(other.headers["upvest-request-id"]);
    expect(one.headers["date"]).toBe(new Date(now).toUTCString());
    expect(other.headers["date"]).toBe(new Date(now).toUTCString());
  });
});

describe("the operation", () => {
  test("an unknown path is 404", async () => {
    for (const target of ["/nowhere", "/accounts/", "/accounts//x", "/accounts/a/b/c", "/ACCOUNTS", "/"]) {
      const reply = await caller.call("GET", target, { token });
      expect(problemOf(reply)).toMatchObject({ status: 404, type: "not_found" });
      expect(seen()).toMatchObject({ operationId: undefined, status: 404, signature: undefined });
    }
  });

  test("a known path with another method is 405 and says which there are", async () => {
    const reply = await caller.call("PUT", "/accounts", { token });
    expect(problemOf(reply)).toMatchObject({ status: 405, type: "method_not_allowed" });
    expect(reply.headers["allow"]?.split(", ").toSorted()).toEqual(["GET", "POST"]);
  });

  test("a literal path wins over a parameter", async () => {
    await caller.call("GET", "/portfolios/orders", { token });
    expect(seen()?.operationId).toBe("list_portfolios_orders");
    await caller.call("GET", "/accounts/ad45b27f-c0e7-4cfb-b48c-a83670dbdfbd/valuations/current", { token });
    expect(seen()?.operationId).toBe("get_account_valuation");
  });
});

describe("the client id", () => {
  test("is wanted before anything else of the request", async () => {
    const { "upvest-client-id": _, ...headers } = caller.build("GET", "/accounts", { token }).headers;
    const reply = await caller.send({ method: "GET", target: "/accounts", headers, body: "" });
    expect(problemOf(reply)).toMatchObject({ status: 400, type: "missing_client_id" });
  });
});

describe("the rate limit", () => {
  test("answers 429 beyond it, counts over any second, and admits again", async () => {
    now += 10_000;
    const statuses = async (count: number): Promise<readonly number[]> =>
      (
        await Promise.all(Array.from({ length: count }, () => caller.call("GET", "/accounts", { token })))
      ).map(({ status }) => status);
    expect(new Set(await statuses(30))).toEqual(new Set([200]));
    now += 600;
    expect((await statuses(25)).filter((status) => status === 200)).toHaveLength(20);
    const refused = await caller.call("GET", "/accounts", { token });
    expect(problemOf(refused)).toEqual({
      status: 429,
      type: "too_many_requests",
      title: "Too many requests",
    });
    // None is documented.
    expect(refused.headers["retry-after"]).toBeUndefined();
    expect(seen()?.signature).toBeUndefined();
    // The first thirty are a second old, the other twenty are not.
    now += 400;
    expect((await statuses(40)).filter((status) => status === 200)).toHaveLength(30);
  });

  test("does not count clients that are not ours", async () => {
    for (let index = 0; index < 60; index += 1) {
      const reply = await caller.call("GET", "/accounts", {
        token,
        headers: { "upvest-client-id": randomUUID() },
      });
      expect(reply.status).toBe(401);
    }
    expect((await caller.call("GET", "/accounts", { token })).status).toBe(200);
  });
});

const fields = (): Record<string, string> => ({
  client_id: sandbox.credentials.clientId,
  client_secret: sandbox.credentials.clientSecret,
  grant_type: "client_credentials",
  scope: "accounts:read orders:read",
});

describe("access tokens", () => {
  test("are issued in the shape of the API", async () => {
    const reply = await caller.tokenRequest(fields());
    expect(reply.status).toBe(200);
    expect(reply.headers["content-type"]).toBe("application/json");
    expect(reply.json).toEqual({
      access_token: expect.stringMatching(/^ory_at_[\w-]{40,}\.[\w-]{40,}$/),
      expires_in: 1800,
      scope: "accounts:read orders:read",
      token_type: "bearer",
    });
    expect((await caller.tokenRequest(fields())).json["access_token"]).not.toBe(reply.json["access_token"]);
  });

  test.each([
    ["another secret", { client_secret: "guess" }],
    ["another client", { client_id: randomUUID() }],
    ["a scope that is not configured", { scope: "accounts:read users:read" }],
  ])("401 for %s", async (_, change) => {
    expect(problemOf(await caller.tokenRequest({ ...fields(), ...change }))).toMatchObject({
      status: 401,
      type: "unauthorised",
    });
  });

  test.each([
    ["another grant", { grant_type: "password" }, "grant_type"],
    ["a field of one's own", { audience: "x" }, "audience"],
    ["an empty scope", { scope: " " }, "scope"],
    ["no secret", { client_secret: "" }, "client_secret"],
  ])("400 for %s", async (_, change, name) => {
    const reply = await caller.tokenRequest({ ...fields(), ...change });
    expect(problemOf(reply)).toMatchObject({ status: 400, type: "invalid_request" });
    expect(reply.json["details"]).toContain(`'${name}'`);
  });

  test("400 for a field given twice, and for another body", async () => {
    const body = `${new URLSearchParams(fields()).toString()}&scope=orders%3Aread`;
    expect((await caller.tokenRequest(fields(), { body })).status).toBe(400);
    const json = await caller.call("POST", "/auth/token", { json: fields() });
    expect(json.json["details"]).toBe("unexpected request Content-Type");
  });

  test("an unknown token is 401, whatever it looks like", async () => {
    for (const header of ["Bearer ory_at_unknown", "Basic eDp5", `bearer ${token}`, `Bearer ${token}x`]) {
      const reply = await caller.call("GET", "/accounts", { token, headers: { authorization: header } });
      expect(problemOf(reply)).toMatchObject({ status: 401, type: "unauthorised" });
      expect(seen()?.signature?.verified).toBe(true);
    }
  });

  test("expire by the clock", async () => {
    now += 1800 * 1000 - 1;
    expect((await caller.call("GET", "/accounts", { token })).status).toBe(200);
    now += 1;
    const reply = await caller.call("GET", "/accounts", { token });
    expect(problemOf(reply)).toMatchObject({ status: 401 });
    expect(reply.json["detail"]).toMatch(/expired/);
  });

  test("one of the scopes of an operation is enough; none is 403", async () => {
    expect(
      (await caller.call("GET", "/accounts", { token: await caller.token("accounts:read") })).status,
    ).toBe(200);
    expect(
      (await caller.call("GET", "/accounts", { token: await caller.token("orders:read accounts:admin") }))
        .status,
    ).toBe(200);
    const reply = await caller.call("GET", "/accounts", { token: await caller.token("orders:read") });
    expect(problemOf(reply)).toMatchObject({ status: 403, type: "forbidden" });
    expect(reply.json["detail"]).toContain("accounts:read");
    const write = await create({ token: await caller.token("accounts:read") });
    expect(write.status).toBe(403);
  });
});

describe("media types", () => {
  test.each([
    "application/json; charset=utf-8",
    "application/JSON",
    "text/plain",
    "application/problem+json",
  ])("content-type %s is 400", async (type) => {
    const reply = await create({ headers: { "content-type": type } });
    expect(problemOf(reply)).toMatchObject({ status: 400, type: "invalid_request" });
    expect(reply.json["details"]).toBe("unexpected request Content-Type");
    expect(seen()?.signature?.verified).toBe(true);
  });

  test.each(["text/html", "application/json, text/plain", "application/problem+json", "application/pdf"])(
    "accept %s is 406",
    async (accept) => {
      expect(problemOf(await caller.call("GET", "/accounts", { token, headers: { accept } }))).toMatchObject({
        status: 406,
        type: "not_acceptable",
      });
    },
  );

  test("accept */* is answered with JSON", async () => {
    const reply = await caller.call("GET", "/accounts", { token, headers: { accept: "*/*" } });
    expect(reply.headers["content-type"]).toBe("application/json");
  });
});

describe("what does not fit the description", () => {
  test.each<[string, CallOptions, RegExp]>([
    ["a missing member", { json: { ...account, user_id: undefined } }, /user_id/],
    ["a wrong value", { json: { ...account, type: "SECRET" } }, /type.*TRADING/],
    [
      "several things at once",
      { json: { type: "TRADING", name: 1 } },
      /user_id.*; .*account_group_id.*; .*name/,
    ],
    ["a body that is not JSON", { body: "{" }, /not JSON/],
  ])("%s is 400 with details, and has no effect", async (_, options, details) => {
    const before = sandbox.effects("create_account");
    const reply = await create(options);
    expect(problemOf(reply)).toEqual({ status: 400, type: "invalid_request", title: "Invalid request" });
    expect(reply.json["details"]).toMatch(details);
    expect(sandbox.effects("create_account")).toBe(before);
  });

  test("a path or query that is out of bounds is 400", async () => {
    expect((await caller.call("GET", "/accounts/not-a-uuid", { token })).json["details"]).toMatch(
      /account_id/,
    );
    expect((await caller.call("GET", "/accounts?limit=1001", { token })).json["details"]).toMatch(/limit/);
    expect((await caller.call("GET", "/accounts?order=UP", { token })).json["details"]).toMatch(/order/);
    expect((await caller.call("GET", "/accounts?offset=-1", { token })).json["details"]).toMatch(/offset/);
  });
});

describe("idempotency", () => {
  test("a key is wanted, and of the right form", async () => {
    const missing = await caller.call("POST", "/accounts", { token, json: account });
    expect(problemOf(missing)).toEqual({
      status: 400,
      type: "missing_idempotency_key",
      title: "Missing idempotency key",
    });
    const malformed = await create({ idempotencyKey: "2133825797664cad" });
    expect(problemOf(malformed)).toMatchObject({ status: 400, type: "invalid_request" });
    // The pattern of the description stops at version 5.
    expect((await create({ idempotencyKey: "0192d0a1-0000-7000-8000-000000000000" })).status).toBe(400);
    expect((await create({ idempotencyKey: randomUUID().replaceAll("-", "") })).status).toBe(200);
  });

  test("the first success is repeated byte for byte, once in effect", async () => {
    const idempotencyKey = randomUUID();
    const before = sandbox.effects("create_account");
    const first = await create({ idempotencyKey });
    expect(first.status).toBe(200);
    expect(seen()?.idempotency).toBe("new");
    const second = await create({ idempotencyKey });
    expect(seen()?.idempotency).toBe("replayed");
    expect(second.text).toBe(first.text);
    expect(second.status).toBe(first.status);
    expect(second.headers["upvest-request-id"]).not.toBe(first.headers["upvest-request-id"]);
    expect(sandbox.effects("create_account")).toBe(before + 1);
    const other = await create();
    expect(other.json["id"]).not.toBe(first.json["id"]);
    expect(sandbox.effects("create_account")).toBe(before + 2);
  });

  test("a failure is not kept", async () => {
    const idempotencyKey = randomUUID();
    expect((await create({ idempotencyKey, json: { ...account, type: "SECRET" } })).status).toBe(400);
    expect((await create({ idempotencyKey })).status).toBe(200);
  });

  test("a key with another body is 422", async () => {
    const idempotencyKey = randomUUID();
    await create({ idempotencyKey });
    const reply = await create({ idempotencyKey, json: { ...account, name: "Other" } });
    expect(problemOf(reply)).toMatchObject({ status: 422, type: "unprocessable_entity" });
    expect(seen()?.idempotency).toBeUndefined();
  });

  test("a key is one operation's own", async () => {
    const idempotencyKey = randomUUID();
    await create({ idempotencyKey });
    const json = { user_id: account.user_id, type: "PERSONAL" };
    expect((await caller.call("POST", "/account_groups", { token, idempotencyKey, json })).status).toBe(200);
  });

  test("a second one in flight waits for the first", async () => {
    const idempotencyKey = randomUUID();
    const before = sandbox.effects("create_account");
    const replies = await Promise.all(Array.from({ length: 10 }, () => create({ idempotencyKey })));
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect(sandbox.effects("create_account")).toBe(before + 1);
    const states = sandbox.requests.slice(-10).map(({ idempotency }) => idempotency);
    expect(states.toSorted()).toEqual(["new", ...Array.from({ length: 9 }, () => "replayed")]);
  });

  test("a second one in flight takes its turn when the first fails", async () => {
    const idempotencyKey = randomUUID();
    const bad = create({ idempotencyKey, json: { ...account, type: "SECRET" } });
    const [first, second] = await Promise.all([bad, create({ idempotencyKey })]);
    expect([first?.status, second?.status]).toEqual([400, 200]);
  });

  test("is forgotten after a day", async () => {
    const idempotencyKey = randomUUID();
    const first = await create({ idempotencyKey });
    now += DAY - 1;
    token = await caller.token("accounts:admin");
    expect((await create({ idempotencyKey })).text).toBe(first.text);
    now += 1;
    expect((await create({ idempotencyKey })).json["id"]).not.toBe(first.json["id"]);
  });

  test("a key sent where none is wanted has no effect", async () => {
    const idempotencyKey = randomUUID();
    const target = "/accounts/ad45b27f-c0e7-4cfb-b48c-a83670dbdfbd";
    const one = await caller.call("PATCH", target, { token, idempotencyKey, json: { name: "One" } });
    const two = await caller.call("PATCH", target, { token, idempotencyKey, json: { name: "Two" } });
    expect([one.json["name"], two.json["name"]]).toEqual(["One", "Two"]);
  });
});

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startSandbox, type FailureRule, type Sandbox, type SandboxRequest } from "upvest-client/sandbox";
import { createCaller, type CallOptions, type Caller, type Reply } from "./support/caller.js";

let sandbox: Sandbox;
let caller: Caller;
let token: string;

beforeAll(async () => {
  sandbox = await startSandbox({ rateLimit: Infinity });
  caller = createCaller(sandbox);
  token = await caller.token("accounts:admin");
});
afterAll(async () => {
  caller.close();
  await sandbox.close();
});
let before = 0;
beforeEach(() => {
  before = sandbox.effects("create_account");
});

const seen = (): SandboxRequest | undefined => sandbox.requests.at(-1);
const took = (): number => sandbox.effects("create_account") - before;
const list = (): Promise<Reply> => caller.call("GET", "/accounts", { token });
const create = (options: CallOptions = {}): Promise<Reply> =>
  caller.call("POST", "/accounts", {
    token,
    idempotencyKey: randomUUID(),
    json: { user_id: randomUUID(), account_group_id: randomUUID(), type: "TRADING" },
    ...options,
  });

describe("a status", () => {
  test.each([
    [400, "invalid_request"],
    [401, "unauthorised"],
    [403, "forbidden"],
    [404, "not_found"],
    [409, "conflict"],
    [422, "unprocessable_entity"],
    [429, "too_many_requests"],
    [500, "internal"],
    [502, "bad_gateway"],
    [503, "unavailable"],
    [504, "gateway_timeout"],
  ])("%i is a problem of the type %s, without the effect, once", async (status, type) => {
    const rule = { operation: "create_account", status } as const;
    sandbox.fail(rule);
    const idempotencyKey = randomUUID();
    const failed = await create({ idempotencyKey });
    expect(failed.status).toBe(status);
    expect(failed.headers["content-type"]).toBe("application/problem+json");
    expect(failed.json).toMatchObject({
      status,
      type: `https://docs.upvest.co/errors/${type}`,
      request_id: failed.headers["upvest-request-id"],
    });
    expect(took()).toBe(0);
    expect(seen()).toMatchObject({ status, fault: rule, idempotency: undefined });
    expect((await create({ idempotencyKey })).status).toBe(200);
    expect(seen()).toMatchObject({ status: 200, fault: undefined, idempotency: "new" });
    expect(took()).toBe(1);
  });

  test("that has no page of its own is about:blank", async () => {
    sandbox.fail({ status: 418 });
    expect((await list()).json).toMatchObject({ type: "about:blank", status: 418, title: "I'm a Teapot" });
  });

  test("may be bare, as the edge in front answers", async () => {
    sandbox.fail({ status: 502, bare: true });
    const reply = await list();
    expect([reply.status, reply.text]).toEqual([502, ""]);
    expect(reply.headers["content-type"]).toBeUndefined();
    expect(reply.headers["upvest-request-id"]).toBeUndefined();
  });

  test.each([
    [1, "1"],
    ["Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:28:00 GMT"],
    ["soon", "soon"],
  ])("may say when to retry: %s", async (retryAfter, header) => {
    sandbox.fail({ status: 429, retryAfter });
    expect((await list()).headers["retry-after"]).toBe(header);
  });
});

describe("a dropped connection", () => {
  test("before the effect", async () => {
    sandbox.fail({ operation: "create_account", drop: "before" });
    await expect(create()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(took()).toBe(0);
    expect(seen()).toMatchObject({ status: "dropped", fault: { drop: "before" } });
  });

  test("after the effect: the key gives the answer that was lost", async () => {
    sandbox.fail({ operation: "create_account", drop: "after" });
    const idempotencyKey = randomUUID();
    const json = { user_id: randomUUID(), account_group_id: randomUUID(), type: "TRADING" };
    await expect(create({ idempotencyKey, json })).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(took()).toBe(1);
    expect(seen()).toMatchObject({ status: "dropped", idempotency: "new" });
    const reply = await create({ idempotencyKey, json });
    expect(reply.json["user_id"] ?? reply.json["type"]).toBeDefined();
    expect(seen()).toMatchObject({ status: 200, idempotency: "replayed" });
    expect(took()).toBe(1);
  });
});

describe("a truncated answer", () => {
  test("announces all, sends half and ends", async () => {
    const whole = await list();
    sandbox.fail({ operation: "list_accounts", truncate: true });
    const url = new URL("/accounts", sandbox.url);
    const { headers } = caller.build("GET", "/accounts", { token });
    const response = await fetch(url, { headers });
    expect(response.headers.get("content-length")).toBe(String(Buffer.byteLength(whole.text)));
    const reader = response.body?.getReader();
    let received = 0;
    await expect(
      (async () => {
        for (;;) {
          const chunk = await reader?.read();
          if (chunk === undefined || chunk.done) return;
          received += chunk.value.length;
        }
      })(),
    ).rejects.toThrow();
    expect(received).toBe(Math.floor(Buffer.byteLength(whole.text) / 2));
    expect((await list()).text).toBe(whole.text);
  });

  test("takes effect, and the key gives the whole answer", async () => {
    sandbox.fail({ operation: "create_account", truncate: true });
    const idempotencyKey = randomUUID();
    const json = { user_id: randomUUID(), account_group_id: randomUUID(), type: "TRADING" };
    await expect(create({ idempotencyKey, json })).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(took()).toBe(1);
    expect(seen()?.status).toBe(200);
    expect((await create({ idempotencyKey, json })).status).toBe(200);
    expect(took()).toBe(1);
  });

  test("without a body to cut is a dropped one", async () => {
    sandbox.fail({ operation: "account_closure", truncate: true });
    await expect(caller.call("DELETE", `/accounts/${randomUUID()}`, { token })).rejects.toMatchObject({
      code: "ECONNRESET",
    });
    expect(seen()?.status).toBe("dropped");
    expect(sandbox.effects("account_closure")).toBe(1);
  });
});

describe("a delay", () => {
  test("holds the request back, and a second one with the same key waits with the first", async () => {
    sandbox.fail({ operation: "create_account", delay: 20 });
    const idempotencyKey = randomUUID();
    const json = { user_id: randomUUID(), account_group_id: randomUUID(), type: "TRADING" };
    const replies = await Promise.all([create({ idempotencyKey, json }), create({ idempotencyKey, json })]);
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    expect(replies[1]?.text).toBe(replies[0]?.text);
    expect(took()).toBe(1);
  });

  test("goes with a status", async () => {
    sandbox.fail({ delay: 1, status: 504 });
    expect((await list()).status).toBe(504);
  });
});

describe("which requests", () => {
  test("a rule is used up by its count, after those it skips", async () => {
    sandbox.fail({ operation: "list_accounts", status: 503, skip: 1, count: 2 });
    const statuses: number[] = [];
    for (let index = 0; index < 5; index += 1) statuses.push((await list()).status);
    expect(statuses).toEqual([200, 503, 503, 200, 200]);
  });

  test("rules apply one at a time, in the order they were given", async () => {
    sandbox.fail({ operation: "list_accounts", status: 503 });
    sandbox.fail({ status: 504, count: 2 });
    const statuses = [
      (await list()).status,
      (await list()).status,
      (await create()).status,
      (await list()).status,
    ];
    expect(statuses).toEqual([503, 504, 504, 200]);
  });

  test("without an operation the token endpoint is spared; by name it is not", async () => {
    sandbox.fail({ status: 503 });
    expect(await caller.token("accounts:read")).toMatch(/^ory_at_/);
    expect((await list()).status).toBe(503);
    const tokens = sandbox.effects("issue_token");
    sandbox.fail({ operation: "issue_token", status: 503 });
    expect(await caller.token("accounts:read")).toBe("undefined");
    expect(sandbox.effects("issue_token")).toBe(tokens);
  });

  test("a request that is refused before does not use up a rule", async () => {
    sandbox.fail({ operation: "list_accounts", status: 503 });
    expect((await caller.call("GET", "/accounts", { token: "unknown" })).status).toBe(401);
    expect((await caller.call("GET", "/accounts", { token, created: 1 })).status).toBe(401);
    expect((await list()).status).toBe(503);
  });

  test("a repeated answer can fail as well", async () => {
    const idempotencyKey = randomUUID();
    const json = { user_id: randomUUID(), account_group_id: randomUUID(), type: "TRADING" };
    await create({ idempotencyKey, json });
    sandbox.fail({ operation: "create_account", drop: "after" });
    await expect(create({ idempotencyKey, json })).rejects.toThrow();
    expect(seen()).toMatchObject({ status: "dropped", idempotency: "replayed" });
    expect(took()).toBe(1);
  });
});

const careless = (rule: object): FailureRule => Object.assign({ status: 500 }, rule);

describe("a rule that makes no sense", () => {
  test.each([
    [{ operation: "place_ordre" }, /operation "place_ordre" is not an operationId/],
    [{ op: "place_order" }, /^fail: a rule has no op; it has operation, count, /],
    [{ count: 0 }, /count must be a whole number above 0/],
    [{ count: 1.5 }, /count .* it is 1\.5/],
    [{ skip: -1 }, /skip must be/],
    [{ delay: Number.NaN }, /delay must be/],
    [{ status: 200 }, /status must be a whole number from 400 to 599; it is 200/],
    [{ status: undefined, drop: "never" }, /drop must be "before" or "after"; it is never/],
    [{ drop: "before" }, /one of status, drop and truncate/],
    [{ status: undefined }, /or delay alone/],
  ])("%o is a TypeError", (rule, message) => {
    expect(() => sandbox.fail(careless(rule))).toThrow(TypeError);
    expect(() => sandbox.fail(careless(rule))).toThrow(message);
  });

  test("and none of them was taken", async () => {
    expect((await list()).status).toBe(200);
  });
});

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startSandbox, type Sandbox } from "upvest-client/sandbox";
import { description } from "../../generated/description.js";
import { createCaller, type Caller, type Reply } from "./support/caller.js";
import { readContract } from "./support/contract.js";

const contract = readContract(description);
const PUBLIC = "https://receiver.invalid/webhooks";
let now = Date.parse("2024-03-01T10:00:00Z");
let sandbox: Sandbox;
let caller: Caller;
let token: string;

beforeAll(async () => {
  sandbox = await startSandbox({ clock: () => now, rateLimit: Infinity, tokenLifetime: 1_000_000 });
  caller = createCaller(sandbox, () => now);
  token = await caller.token("webhooks:admin");
});
afterAll(async () => {
  caller.close();
  await sandbox.close();
});
beforeEach(() => {
  now += 1000;
});

const call = (method: string, target: string, json?: unknown): Promise<Reply> =>
  caller.call(method, target, { token, ...(json === undefined ? {} : { json }) });

/** An answer of this operation, found to be as the description has it. */
async function asDescribed(id: string, reply: Reply): Promise<Reply["json"]> {
  const operation = contract.operations.find((each) => each.id === id);
  if (operation === undefined) throw new Error(id);
  const body: unknown = reply.text === "" ? undefined : JSON.parse(reply.text);
  const faults = contract.faults(operation, reply.status, reply.headers["content-type"] ?? "", body);
  expect(faults, reply.text).toEqual([]);
  return reply.json;
}

async function create(json: object = {}): Promise<Reply["json"] & { readonly id: string }> {
  const reply = await call("POST", "/webhooks", { title: "Orders", url: PUBLIC, ...json });
  expect(reply.status, reply.text).toBe(201);
  return { ...reply.json, id: String(reply.json["id"]) };
}

describe("a subscription", () => {
  test("is disabled when it is created, and has what it was given", async () => {
    const given = {
      title: "Orders (new)",
      url: PUBLIC,
      type: ["ORDER", "EXECUTION"],
      config: { delay: "5s", max_package_size: 10_240 },
    };
    const reply = await call("POST", "/webhooks", given);
    expect(reply.status).toBe(201);
    const made = await asDescribed("create_webhook", reply);
    const id = String(made["id"]);
    const at = new Date(now).toISOString();
    expect(made).toEqual({ id, created_at: at, updated_at: at, enabled: false, ...given });
    const shown = await call("GET", `/webhooks/${id}`);
    expect(shown.status).toBe(200);
    expect(await asDescribed("retrieve_webhook", shown)).toEqual(made);
  });

  test("takes all events where no type is given, and is packed somehow", async () => {
    const made = await create();
    expect(made).toMatchObject({ type: ["ALL"], config: { delay: "1s", max_package_size: 51_200 } });
    expect(await create({ config: { delay: "30s" } })).toMatchObject({
      config: { delay: "30s", max_package_size: 51_200 },
    });
  });

  test("is changed in what is given, and only there", async () => {
    const made = await create({ type: ["USER"], config: { delay: "5s", max_package_size: 1000 } });
    now += 1000;
    const reply = await call("PATCH", `/webhooks/${made.id}`, { enabled: true, config: { delay: "2s" } });
    expect(reply.status).toBe(200);
    const changed = await asDescribed("update_webhook", reply);
    const config = { delay: "2s", max_package_size: 1000 };
    expect(changed).toEqual({ ...made, enabled: true, config, updated_at: new Date(now).toISOString() });
    await call("PATCH", `/webhooks/${made.id}`, {
      title: "Other",
      url: `${PUBLIC}/2`,
      type: ["ORDER"],
      enabled: false,
    });
    const shown = await call("GET", `/webhooks/${made.id}`);
    expect(shown.json).toMatchObject({
      title: "Other",
      url: `${PUBLIC}/2`,
      type: ["ORDER"],
      enabled: false,
      config,
    });
  });

  test("is gone when it was deleted", async () => {
    const { id } = await create();
    const reply = await call("DELETE", `/webhooks/${id}`);
    expect([reply.status, reply.text]).toEqual([204, ""]);
    await asDescribed("delete_webhook", reply);
    for (const [operation, method, path, json] of [
      ["retrieve_webhook", "GET", `/webhooks/${id}`, undefined],
      ["update_webhook", "PATCH", `/webhooks/${id}`, { enabled: true }],
      ["delete_webhook", "DELETE", `/webhooks/${id}`, undefined],
      ["test_webhook", "POST", `/webhooks/${id}/test`, undefined],
      ["retrieve_webhook", "GET", `/webhooks/${randomUUID()}`, undefined],
    ] as const) {
      const missing = await call(method, path, json);
      expect(missing.status).toBe(404);
      expect(await asDescribed(operation, missing)).toMatchObject({
        type: "https://docs.upvest.co/errors/not_found",
      });
    }
  });

  test("counts as an effect when it was really made", () => {
    const before = sandbox.effects("create_webhook");
    return create().then(() => expect(sandbox.effects("create_webhook")).toBe(before + 1));
  });
});

describe("what the description does not allow", () => {
  test.each([
    ["no url", { title: "A" }],
    ["a title with other characters", { title: "Grüße", url: PUBLIC }],
    ["a type that there is not", { title: "A", url: PUBLIC, type: ["ORDERS"] }],
    ["a package that is too small", { title: "A", url: PUBLIC, config: { max_package_size: 99 } }],
    ["a delay in another unit", { title: "A", url: PUBLIC, config: { delay: "1h" } }],
    ["a new one that is enabled", { title: "A", url: PUBLIC, enabled: true }],
    ["a url that is none", { title: "A", url: "receiver" }],
    ["a url that is too long", { title: "A", url: `${PUBLIC}/${"a".repeat(1000)}` }],
    ["a local url that is too long", { title: "A", url: `http://127.0.0.1:1/${"a".repeat(1000)}` }],
  ])("is refused: %s", async (_, json) => {
    const reply = await call("POST", "/webhooks", json);
    expect(reply.status, reply.text).toBe(400);
    expect(await asDescribed("create_webhook", reply)).toMatchObject({
      type: "https://docs.upvest.co/errors/invalid_request",
    });
  });

  test("is refused in a change as well, and nothing changes", async () => {
    const made = await create();
    expect((await call("PATCH", `/webhooks/${made.id}`, { enabled: "yes" })).status).toBe(400);
    expect((await call("PATCH", `/webhooks/${made.id}`, { url: "http://receiver.invalid" })).status).toBe(
      400,
    );
    expect((await call("PATCH", `/webhooks/${made.id}`, { id: randomUUID() })).status).toBe(400);
    expect((await call("GET", `/webhooks/${made.id}`)).json).toEqual(made);
  });

  test("needs its scope", async () => {
    const reading = await caller.token("webhooks:read");
    const json = { title: "A", url: PUBLIC };
    expect((await caller.call("POST", "/webhooks", { token: reading, json })).status).toBe(403);
    expect((await caller.call("GET", "/webhooks", { token: reading })).status).toBe(200);
  });
});

describe("the url of a subscription", () => {
  test.each([
    "http://127.0.0.1:3000/webhooks",
    "http://localhost:3000/webhooks?from=upvest",
    "http://[::1]:3000",
    "http://tenant.localhost/webhooks",
    "https://127.0.0.1:3000/webhooks",
    "https://receiver.invalid/webhooks",
  ])("may be %s", async (url) => {
    const made = await create({ url });
    expect(made["url"]).toBe(url);
    expect((await call("PATCH", `/webhooks/${made.id}`, { url })).json["url"]).toBe(url);
  });

  test.each([
    ["http://receiver.invalid/webhooks", /must be an https URL; http is for loopback/],
    ["http://10.0.0.1/webhooks", /must be an https URL; http is for loopback/],
    ["https://10.0.0.1/webhooks", /must have a DNS name/],
    ["https://[2001:db8::1]/webhooks", /must have a DNS name/],
    ["ftp://receiver.invalid/webhooks", /must be an https URL/],
    ["http://someone:secret@127.0.0.1/", /must not hold a user name or a password/],
  ])("may not be %s", async (url, message) => {
    const reply = await call("POST", "/webhooks", { title: "A", url });
    expect(reply.status).toBe(400);
    expect(reply.json["details"]).toMatch(message);
  });
});

describe("the list of subscriptions", () => {
  let fresh: Sandbox;
  let other: Caller;
  let theirs: string;
  const list = async (query: string): Promise<{ meta: unknown; titles: string[] }> => {
    const reply = await other.call("GET", `/webhooks${query}`, { token: theirs });
    const { meta, data } = Object(await asDescribed("list_webhooks", reply));
    return { meta, titles: data.map((item: { title: string }) => item.title) };
  };

  beforeAll(async () => {
    fresh = await startSandbox({ clock: () => now, tokenLifetime: 1_000_000 });
    other = createCaller(fresh, () => now);
    theirs = await other.token("webhooks:admin");
    expect((await list("")).meta).toMatchObject({ count: 0, total_count: 0 });
    for (const title of ["C", "A", "B"]) {
      now += 1000;
      const json = { title, url: `${PUBLIC}/${title}` };
      const made = await other.call("POST", "/webhooks", { token: theirs, json });
      if (title === "A") {
        await other.call("PATCH", `/webhooks/${String(made.json["id"])}`, {
          token: theirs,
          json: { enabled: true },
        });
      }
    }
  });
  afterAll(async () => {
    other.close();
    await fresh.close();
  });

  test.each([
    ["", { offset: 0, limit: 100, count: 3, sort: "created_at", order: "ASC" }, ["C", "A", "B"]],
    ["?order=DESC", { count: 3, order: "DESC" }, ["B", "A", "C"]],
    ["?sort=title", { sort: "title" }, ["A", "B", "C"]],
    ["?sort=url&order=DESC", { sort: "url", order: "DESC" }, ["C", "B", "A"]],
    ["?sort=enabled", { sort: "enabled" }, ["C", "B", "A"]],
    ["?limit=2", { limit: 2, count: 2 }, ["C", "A"]],
    ["?limit=2&offset=2", { offset: 2, limit: 2, count: 1 }, ["B"]],
    ["?offset=3", { offset: 3, count: 0 }, []],
  ])("%s", async (query, meta, titles) => {
    const page = await list(query);
    expect(page.titles).toEqual(titles);
    expect(page.meta).toMatchObject({ total_count: 3, ...meta });
  });

  test("is refused for what cannot be sorted by", async () => {
    expect((await other.call("GET", "/webhooks?sort=delay", { token: theirs })).status).toBe(400);
  });
});

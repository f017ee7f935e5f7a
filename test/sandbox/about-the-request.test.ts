import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSandbox, type Sandbox } from "upvest-client/sandbox";
import { createCaller, type Caller, type Reply } from "./support/caller.js";

let sandbox: Sandbox;
let caller: Caller;
let token: string;

beforeAll(async () => {
  sandbox = await startSandbox({ collections: { list_accounts: 250, list_users: 0 } });
  caller = createCaller(sandbox);
  token = await caller.token("accounts:admin orders:admin users:admin reports:read instruments:read");
});
afterAll(async () => {
  caller.close();
  await sandbox.close();
});

const get = (target: string): Promise<Reply> => caller.call("GET", target, { token });
const post = (target: string, json: unknown): Promise<Reply> =>
  caller.call("POST", target, { token, idempotencyKey: randomUUID(), json });

describe("an answer is about what was asked", () => {
  const order = {
    user_id: randomUUID(),
    account_id: randomUUID(),
    currency: "EUR",
    side: "BUY",
    instrument_id: "DE0007664005",
    instrument_id_type: "ISIN",
    order_type: "MARKET",
    user_instrument_fit_acknowledgement: true,
  };

  test("a created thing has an id of its own and what it was given", async () => {
    const name = "Rainy days";
    const json = { user_id: randomUUID(), account_group_id: randomUUID(), type: "TRADING", name };
    const [one, other] = [await post("/accounts", json), await post("/accounts", json)];
    expect(one.json).toMatchObject({ account_group_id: json.account_group_id, type: "TRADING", name });
    expect(one.json["id"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(other.json["id"]).not.toBe(one.json["id"]);
  });

  test("a purchase is answered with a purchase, a sale with a sale", async () => {
    const buy = await post("/orders", { ...order, cash_amount: "12.34" });
    expect(buy.json).toMatchObject({ side: "BUY", cash_amount: "12.34", instrument_id: "DE0007664005" });
    const sell = await post("/orders", { ...order, side: "SELL", quantity: "7" });
    expect(sell.json).toMatchObject({ side: "SELL", quantity: "7", account_id: order.account_id });
  });

  test("a thing that is asked for by its id has it", async () => {
    const id = randomUUID();
    expect((await get(`/accounts/${id}`)).json["id"]).toBe(id);
    const patched = await caller.call("PATCH", `/accounts/${id}`, { token, json: { name: "Other" } });
    expect(patched.json).toMatchObject({ id, name: "Other" });
  });

  test("what is listed below an account is that account's", async () => {
    const account = randomUUID();
    const { json } = await get(`/accounts/${account}/orders?limit=2`);
    expect(json["data"]).toMatchObject([{ account_id: account }, { account_id: account }]);
  });

  test("what the description does not allow in the answer is left out", async () => {
    // Named by ISIN in the path, but its id is a UUID.
    const reply = await get("/instruments/isin:US0378331005");
    expect(reply.status).toBe(200);
    expect(reply.json["id"]).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("collections", () => {
  test("hold as many items as they are told, the same at each call, each with its own id", async () => {
    const ids: unknown[] = [];
    for (let offset = 0; offset < 300; offset += 100) {
      const data = Object((await get(`/accounts?offset=${offset}`)).json["data"]);
      for (const item of data) ids.push(Object(item).id);
    }
    expect(ids).toHaveLength(250);
    expect(new Set(ids).size).toBe(250);
    const last = Object((await get("/accounts?offset=249&limit=1")).json["data"])[0];
    expect(Object(last).id).toBe(ids[249]);
  });

  test("run backwards when asked to", async () => {
    const up = await get("/accounts?limit=250&order=ASC&sort=created_at");
    const down = await get("/accounts?limit=250&order=DESC");
    expect(Object(down.json["data"])).toEqual(Object(up.json["data"]).toReversed());
    expect(down.json["meta"]).toEqual({
      offset: 0,
      limit: 250,
      count: 250,
      total_count: 250,
      sort: "created_at",
      order: "DESC",
    });
  });

  test("may be empty, and past their end always are", async () => {
    const none = await get("/users");
    expect(none.json).toMatchObject({ meta: { count: 0, total_count: 0 }, data: [] });
    const past = await get("/accounts?offset=250");
    expect(past.json).toMatchObject({ meta: { offset: 250, count: 0, total_count: 250 }, data: [] });
  });
});

describe("a report", () => {
  const target = `/reports/${randomUUID()}`;

  test("is JSON or PDF, as asked", async () => {
    expect((await get(target)).headers["content-type"]).toBe("application/json");
    const any = await caller.call("GET", target, { token, headers: { accept: "*/*" } });
    expect(any.headers["content-type"]).toBe("application/json");
    const pdf = await caller.call("GET", target, { token, headers: { accept: "application/pdf" } });
    expect(pdf.headers["content-type"]).toBe("application/pdf");
    expect(pdf.text).toMatch(/^%PDF-1\.4\n[^]*%%EOF\n$/);
  });
});

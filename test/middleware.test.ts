import { describe, expect, it, vi } from "vitest";
import {
  createUpvestClient,
  UpvestConfigError,
  UpvestError,
  UpvestTimeoutError,
  UpvestUnknownOutcomeError,
  type Middleware,
  type PlaceOrderRequest,
} from "../src/index.js";
import { json, problem, startApi, type Responder } from "./support/api.js";

const order = { cash_amount: "10.00" } as unknown as PlaceOrderRequest;
const never = new Promise<never>(() => undefined);

/** A client with this middleware, whose calls are answered so. */
async function setUp(middleware: object, respond: Responder = () => json({ id: "order-1" }, 201)) {
  const api = await startApi(respond);
  const client = createUpvestClient({ ...api.options, retry: { maxAttempts: 2, baseDelay: 1 } });
  client.use(middleware as Middleware);
  return { api, client };
}

/** Hooks that fail after the answer, each in a way of its own. */
const failing: readonly (readonly [string, Middleware["onResponse"] | object, RegExp])[] = [
  ["throws", () => Promise.reject(new Error("log is full")), /log is full/],
  ["gives what is no Response", () => ({ ok: true }), /onResponse must return a Response, or nothing/],
  [
    "gives a Response that was read",
    async () => {
      const read = new Response("{}");
      await read.text();
      return read;
    },
    /unusable|already|disturbed/i,
  ],
];

it("a Request made anew, as by new Request(request, { headers }), loses the caller's key no more than its media type", async () => {
  const onRequest: Middleware["onRequest"] = ({ request }) =>
    new Request(request, { headers: { "x-team": "a" } });
  const { api, client } = await setUp({ onRequest });
  const key = "ccb07f42-4104-44ad-8e1f-c660bb7b269c";
  const { idempotencyKey } = await client.POST("/orders", {
    body: order,
    params: { header: { "idempotency-key": key } },
  });
  expect(idempotencyKey).toBe(key);
  expect(api.calls[0]?.headers).toMatchObject({ "idempotency-key": key, "x-team": "a" });
});

describe("a hook that fails after the answer", () => {
  it.each(failing)("and %s: a write that was done keeps its key", async (_, onResponse, why) => {
    const { api, client } = await setUp({ onResponse });
    const key = "ccb07f42-4104-44ad-8e1f-c660bb7b269c";
    const call = client.POST("/orders", { body: order, headers: { "idempotency-key": key } });
    await expect(call).rejects.toBeInstanceOf(UpvestUnknownOutcomeError);
    await expect(call).rejects.toMatchObject({
      idempotencyKey: key,
      attempts: 1,
      cause: { message: expect.stringMatching(why) },
    });
    expect(api.calls).toHaveLength(1);
  });

  it("throws what it throws where the write was refused, or nothing is written", async () => {
    const thrown = new Error("no luck");
    const onResponse = (): never => {
      throw thrown;
    };
    const refused = await setUp({ onResponse }, () => problem(422, "unprocessable_entity"));
    await expect(refused.client.POST("/orders", { body: order })).rejects.toBe(thrown);
    const read = await setUp({ onResponse });
    await expect(read.client.GET("/accounts")).rejects.toBe(thrown);
  });

  it("is no UpvestConfigError, for something was sent", async () => {
    const { client } = await setUp({ onResponse: () => "" });
    const call = client.GET("/accounts");
    await expect(call).rejects.toBeInstanceOf(UpvestError);
    await expect(call).rejects.not.toBeInstanceOf(UpvestConfigError);
  });
});

it.each([
  ["throws", () => Promise.reject(new Error("no pager")), /no pager/],
  [
    "gives what is no Response",
    () => ({ handled: true }),
    /onError must return a Response or Error, or nothing/,
  ],
])("an onError that %s leaves a write in doubt as it is", async (_, onError, why) => {
  const { client } = await setUp({ onError }, () => ({ cut: "before" }));
  const key = "ccb07f42-4104-44ad-8e1f-c660bb7b269c";
  const headers = { "idempotency-key": key };
  await expect(client.POST("/orders", { body: order, headers })).rejects.toMatchObject({
    name: "UpvestUnknownOutcomeError",
    idempotencyKey: key,
    cause: { message: expect.stringMatching(why) },
  });
});

it("an onError may put another error, or an answer, in the place of what happened", async () => {
  const other = new Error("ours");
  const replaced = await setUp({ onError: () => other }, () => ({ cut: "before" }));
  await expect(replaced.client.POST("/orders", { body: order })).rejects.toBe(other);
  const answered = await setUp({ onError: () => Response.json({ id: "from-cache" }) }, () => ({
    cut: "before",
  }));
  expect(await answered.client.POST("/orders", { body: order })).toMatchObject({
    data: { id: "from-cache" },
  });
});

it("null is nothing, and an answer that was read without a clone is still the answer", async () => {
  const hooks: Middleware = {
    onRequest: (() => null) as unknown as Middleware["onRequest"] & object,
    async onResponse({ response }) {
      await response.json();
    },
  };
  const { client } = await setUp(hooks);
  expect(await client.POST("/orders", { body: order })).toMatchObject({
    data: { id: "order-1" },
    attempts: 1,
  });
});

it("a method of its own is refused before anything is sent", async () => {
  const { api, client } = await setUp({
    onRequest: ({ request }: { request: Request }) => new Request(request, { method: "PUT" }),
  });
  await expect(client.POST("/orders", { body: order })).rejects.toThrow(
    /place_order: a middleware made it PUT/,
  );
  expect(api.calls).toHaveLength(0);
});

describe("a hook that hangs", () => {
  it.each(["onRequest", "onResponse"] as const)("%s: ends with the caller's signal", async (hook) => {
    const leaving = new AbortController();
    const { client } = await setUp({
      [hook]: () => {
        leaving.abort(new Error("left"));
        return never;
      },
    });
    await expect(client.POST("/orders", { body: order, signal: leaving.signal })).rejects.toThrow("left");
  });

  it("counts for the deadline, and so do the attempts after it", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    try {
      const { client } = await setUp({ onRequest: () => never });
      const call = client.GET("/accounts", { deadline: 5_000 });
      const ended = expect(call).rejects.toBeInstanceOf(UpvestTimeoutError);
      await vi.advanceTimersByTimeAsync(5_000);
      await ended;

      const slow = await setUp(
        { onRequest: () => new Promise((resolve) => setTimeout(resolve, 4_000)) },
        () => never,
      );
      const late = slow.client.GET("/accounts", { deadline: 5_000 });
      const over = expect(late).rejects.toMatchObject({ limit: "deadline", milliseconds: 5_000 });
      await vi.advanceTimersByTimeAsync(4_000);
      await vi.advanceTimersByTimeAsync(1_000);
      await over;
    } finally {
      vi.useRealTimers();
    }
  });
});

import { AsyncLocalStorage } from "node:async_hooks";
import { channel, tracingChannel } from "node:diagnostics_channel";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  createUpvestClient,
  UpvestApiError,
  UpvestConfigError,
  UpvestConnectionError,
  UpvestUnknownOutcomeError,
  type AttemptDiagnostics,
  type CallDiagnostics,
  type Logger,
} from "upvest-client";
import { json, problem, startApi, testKey } from "./support/api.js";
import { look } from "./support/canary.js";

const page = (data: readonly unknown[], offset = 0, total = data.length) =>
  json({ meta: { offset, limit: 2, count: data.length, total_count: total }, data }, 200, {
    "upvest-request-id": "r-1",
  });
const order = {
  user_id: "2dedfeb0-58cd-44f2-ae08-0e41fe0413d9",
  account_id: "debf2026-f2da-4ff0-bb84-92e45babb1e3",
  side: "BUY",
  instrument_id: "US0378331005",
  instrument_id_type: "ISIN",
} as const;

/** Everything that is told while the test runs, each message looked through for secrets and for what was entered. */
function listen(): [name: string, message: object][] {
  const told: [string, object][] = [];
  const undo: (() => void)[] = [];
  const note = (name: string) => (message: unknown) => {
    look(message, name);
    expect(JSON.stringify(message)).not.toMatch(/2dedfeb0|debf2026|US0378331005|entered/);
    told.push([name, { ...(message as object) }]);
  };
  for (const name of ["retry", "token", "page"]) {
    const on = channel(`upvest-client:${name}`);
    const listener = note(name);
    on.subscribe(listener);
    undo.push(() => on.unsubscribe(listener));
  }
  for (const name of ["call", "attempt"]) {
    const on = tracingChannel(`upvest-client:${name}`);
    const listeners = { start: note(`${name} start`), asyncEnd: note(name) };
    on.subscribe(listeners as never);
    undo.push(() => on.unsubscribe(listeners as never));
  }
  onTestFinished(() => {
    for (const stop of undo) stop();
  });
  return told;
}

/** What a logger is told, as [level, message, fields]. */
function loggerOf(): { readonly logger: Logger; readonly lines: [string, string, object][] } {
  const lines: [string, string, object][] = [];
  const write = (level: string) => (fields: object, message: string) => {
    look(fields, `the logger's ${level}`);
    lines.push([level, message, fields]);
  };
  return { logger: { debug: write("debug"), warn: write("warn"), error: write("error") }, lines };
}

describe("channels", () => {
  it("tell a call from start to end: token, attempts, what is waited for", async () => {
    const api = await startApi((_, nth) =>
      nth === 0
        ? problem(503, "unavailable", { "retry-after": "0" })
        : json({ id: "o-1" }, 202, { "upvest-request-id": "r-2" }),
    );
    const told = listen();
    const result = await createUpvestClient(api.options).POST("/orders", { body: order });
    const place = { operationId: "place_order", method: "POST", path: "/orders" };
    const token = { operationId: "issue_token", method: "POST", path: "/auth/token" };
    const signed = {
      origin: api.url,
      keyId: testKey.keyId,
      algorithm: "ed25519",
      created: expect.any(Number),
      expires: expect.any(Number),
    };
    expect(told).toEqual([
      ["call start", place],
      ["attempt start", { ...token, ...signed, attempt: 1 }],
      ["attempt", expect.objectContaining({ ...token, attempt: 1, status: 200 })],
      ["token", { event: "issued", scope: "orders:admin", lifetime: 1_800_000 }],
      ["attempt start", { ...place, ...signed, attempt: 1 }],
      ["attempt", expect.objectContaining({ ...place, ...signed, attempt: 1, status: 503 })],
      ["retry", { ...place, attempt: 1, delay: 0, status: 503 }],
      ["attempt start", { ...place, ...signed, attempt: 2 }],
      ["attempt", expect.objectContaining({ attempt: 2, status: 202, requestId: "r-2" })],
      [
        "call",
        expect.objectContaining({
          ...place,
          status: 202,
          attempts: 2,
          requestId: "r-2",
          idempotencyKey: result.idempotencyKey,
          duration: expect.any(Number),
        }),
      ],
    ]);
  });

  it("tell how a call failed, with the error that it ended with", async () => {
    const api = await startApi((_, nth) => (nth === 0 ? problem(403, "forbidden") : { cut: "before" }));
    const client = createUpvestClient({ ...api.options, retry: { maxAttempts: 2, baseDelay: 0 } });
    const told = listen();
    const refused = await client.GET("/accounts");
    const lost: unknown = await client.POST("/orders", { body: order }).catch((error: unknown) => error);
    expect(refused.error).toBeInstanceOf(UpvestApiError);
    expect(lost).toBeInstanceOf(UpvestUnknownOutcomeError);
    expect(told.filter(([name]) => name === "call").map(([, message]) => message)).toEqual([
      expect.objectContaining({ operationId: "list_accounts", status: 403, error: refused.error }),
      expect.objectContaining({
        operationId: "place_order",
        error: lost,
        attempts: 2,
        idempotencyKey: (lost as UpvestUnknownOutcomeError).idempotencyKey,
      }),
    ]);
    expect(told.filter(([name]) => name === "retry").map(([, message]) => message)).toEqual([
      expect.objectContaining({ attempt: 1, delay: 0, error: expect.any(UpvestConnectionError) }),
    ]);
  });

  it("tell a token that was refused, and the one that follows", async () => {
    const api = await startApi((_, nth) => (nth === 0 ? problem(401, "unauthorised") : page([])));
    const told = listen();
    await createUpvestClient(api.options).GET("/accounts");
    expect(told.filter(([name]) => name === "token").map(([, message]) => message)).toEqual([
      { event: "issued", scope: "accounts:read", lifetime: 1_800_000 },
      { event: "refused", scope: "accounts:read", lifetime: 1_800_000 },
      { event: "refreshed", scope: "accounts:read", lifetime: 1_800_000 },
    ]);
  });

  it("tell that the token endpoint gave none", async () => {
    const api = await startApi(
      () => page([]),
      () => problem(401, "unauthorised"),
    );
    const told = listen();
    const { error } = await createUpvestClient(api.options).GET("/users");
    expect(error).toBeInstanceOf(UpvestApiError);
    expect(told.filter(([name]) => name === "token").map(([, message]) => message)).toContainEqual({
      event: "failed",
      scope: "users:read",
      error,
    });
  });

  it("tell the pages of a walk", async () => {
    const api = await startApi(({ url }) => {
      const offset = Number(new URL(url, "http://x").searchParams.get("offset"));
      return page([{ id: `a-${offset}` }, { id: `b-${offset}` }], offset, 4);
    });
    const told = listen();
    const client = createUpvestClient(api.options);
    await client.paginate("/accounts", { params: { query: { limit: 2 } } }).toArray({ max: 9 });
    expect(told.filter(([name]) => name === "page").map(([, message]) => message)).toEqual([
      { operationId: "list_accounts", offset: 0, count: 2, total: 4 },
      { operationId: "list_accounts", offset: 2, count: 2, total: 4 },
    ]);
  });

  it("carry a store from the start of a call to its attempts", async () => {
    const api = await startApi(() => page([]));
    const storage = new AsyncLocalStorage<string>();
    const calls = tracingChannel<unknown, CallDiagnostics>("upvest-client:call");
    const attempts = tracingChannel<unknown, AttemptDiagnostics>("upvest-client:attempt");
    const seen: unknown[] = [];
    const start = ({ operationId }: AttemptDiagnostics) => seen.push([operationId, storage.getStore()]);
    calls.start.bindStore(storage, ({ operationId }) => `in ${operationId}`);
    attempts.start.subscribe(start as never);
    onTestFinished(() => {
      calls.start.unbindStore(storage);
      attempts.start.unsubscribe(start as never);
    });
    const client = createUpvestClient(api.options);
    await Promise.all([client.GET("/accounts"), client.GET("/users")]);
    expect(seen).toContainEqual(["list_accounts", "in list_accounts"]);
    expect(seen).toContainEqual(["list_users", "in list_users"]);
    expect(storage.getStore()).toBeUndefined();
  });

  it("carry no answer: neither what a call gives nor the response of an attempt, an access token in it", async () => {
    const api = await startApi(() => page([{ id: "a", iban: "DE89370400440532013000" }]));
    const messages = new Set<object>();
    /** Whatever a subscriber can reach that is more than a text or a number. */
    const held: unknown[] = [];
    const note = (message: unknown): void => {
      messages.add(message as object);
      held.push(...Object.values(message as object).filter((value) => Object(value) === value));
    };
    const names = ["upvest-client:call", "upvest-client:attempt"].map((name) => tracingChannel(name));
    const listeners = { start: note, end: note, asyncStart: note, asyncEnd: note };
    for (const on of names) on.subscribe(listeners as never);
    onTestFinished(() => {
      for (const on of names) on.unsubscribe(listeners as never);
    });
    const { data } = await createUpvestClient(api.options).GET("/accounts");
    expect(data).toMatchObject({ data: [{ iban: "DE89370400440532013000" }] });
    // The call, its attempt, and that of the token request.
    expect(messages.size).toBe(3);
    expect(held).toEqual([]);
  });

  it("change nothing of what a call gives or throws", async () => {
    const api = await startApi(() => page([{ id: "a" }]));
    listen();
    const client = createUpvestClient(api.options);
    expect((await client.GET("/accounts")).data).toMatchObject({ data: [{ id: "a" }] });
    const reason = new Error("enough");
    await expect(client.GET("/accounts", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(client.GET("/nowhere" as "/accounts")).rejects.toBeInstanceOf(UpvestConfigError);
  });
});

describe("a logger", () => {
  it("is told successes at debug, what is tried again and refused at warn, what is unknown at error", async () => {
    const api = await startApi((_, nth) =>
      nth === 0
        ? page([])
        : nth === 1
          ? problem(422, "unprocessable_entity")
          : nth === 2
            ? problem(429, "too_many_requests", { "retry-after": "0" })
            : { cut: "before" },
    );
    const { logger, lines } = loggerOf();
    const client = createUpvestClient({ ...api.options, retry: { maxAttempts: 2, baseDelay: 0 }, logger });
    await client.GET("/accounts", { params: { query: { limit: 7 } } });
    await client.POST("/orders", { body: order });
    await client.POST("/orders", { body: order }).catch(() => undefined);
    expect(lines.map(([level, message]) => `${level} ${message}`)).toEqual([
      "debug upvest-client:attempt",
      "debug upvest-client:token",
      "debug upvest-client:attempt",
      "debug upvest-client:call",
      "debug upvest-client:attempt",
      "debug upvest-client:token",
      "debug upvest-client:attempt",
      "warn upvest-client:call",
      "debug upvest-client:attempt",
      "warn upvest-client:retry",
      "debug upvest-client:attempt",
      "error upvest-client:call",
    ]);
    expect(lines[7]?.[2]).toMatchObject({
      status: 422,
      error: "UpvestApiError",
      code: "unprocessable_entity",
    });
    expect(lines[11]?.[2]).toMatchObject({ error: "UpvestUnknownOutcomeError", attempts: 2 });
    expect(JSON.stringify(lines)).not.toMatch(/2dedfeb0|US0378331005|limit/);
  });

  it("is told request id and status of the last answer, where the outcome is unknown", async () => {
    const api = await startApi(() => problem(503, "unavailable", { "upvest-request-id": "a-request-id" }));
    const { logger, lines } = loggerOf();
    const client = createUpvestClient({ ...api.options, logger });
    await client.POST("/orders", { body: order }).catch(() => undefined);
    expect(lines.at(-1)).toMatchObject([
      "error",
      "upvest-client:call",
      { error: "UpvestUnknownOutcomeError", status: 503, requestId: "a-request-id", attempts: 4 },
    ]);
  });

  it("hears of no failure where a walk is left with a page on its way", async () => {
    const api = await startApi(async ({ url }) => {
      const offset = Number(new URL(url, "http://x").searchParams.get("offset"));
      return page([{ id: `a-${offset}` }], offset, 9);
    });
    const { logger, lines } = loggerOf();
    const client = createUpvestClient({ ...api.options, logger });
    for await (const account of client.paginate("/accounts")) if (account.id !== "") break;
    expect(lines.filter(([level]) => level !== "debug")).toEqual([]);
  });

  it("that throws disturbs no call", async () => {
    const api = await startApi(() => json({ id: "o-1" }, 202));
    const full = (): never => {
      throw new Error("disk full");
    };
    const client = createUpvestClient({ ...api.options, logger: { debug: full, warn: full, error: full } });
    expect((await client.POST("/orders", { body: order })).response.status).toBe(202);
  });

  it("that rejects disturbs no call, and no process", async () => {
    const api = await startApi(() => json({ id: "o-1" }, 202));
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    onTestFinished(() => void process.off("unhandledRejection", note));
    const full = async (): Promise<never> => {
      throw new Error("disk full");
    };
    const client = createUpvestClient({ ...api.options, logger: { debug: full, warn: full, error: full } });
    expect((await client.POST("/orders", { body: order })).response.status).toBe(202);
    // Node tells of them when the microtasks are done.
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  });

  it("may be console or pino", async () => {
    const api = await startApi(() => page([]));
    const lines: string[] = [];
    const logger = pino({ level: "debug" }, { write: (line) => lines.push(line) });
    await createUpvestClient({ ...api.options, logger }).GET("/accounts");
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({
      msg: "upvest-client:call",
      operationId: "list_accounts",
      status: 200,
    });
    const asTyped: Logger = console;
    expect(createUpvestClient({ ...api.options, logger: asTyped })).toBeDefined();
  });

  it("without its methods is refused at once", async () => {
    const api = await startApi(() => page([]));
    expect(() => createUpvestClient({ ...api.options, logger: { debug() {} } as unknown as Logger })).toThrow(
      "logger must have the methods debug, warn, error",
    );
  });
});

import { createPublicKey, verify } from "node:crypto";
import { getEventListeners } from "node:events";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import {
  createUpvestClient,
  unwrap,
  UpvestApiError,
  UpvestConfigError,
  UpvestConnectionError,
  type Pages,
  type UpvestClient,
} from "upvest-client";
import { grant, json, problem, startApi, testKey, type Received } from "./support/api.js";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const order = {
  user_id: "2dedfeb0-58cd-44f2-ae08-0e41fe0413d9",
  account_id: "debf2026-f2da-4ff0-bb84-92e45babb1e3",
  side: "BUY",
  instrument_id: "US0378331005",
  instrument_id_type: "ISIN",
} as const;
const page = (data: readonly unknown[], offset = 0, total = data.length) =>
  json({ meta: { offset, limit: 100, count: data.length, total_count: total }, data });
const place = (client: UpvestClient, key?: string) =>
  client.POST("/orders", {
    body: order,
    ...(key !== undefined && { params: { header: { "idempotency-key": key } } }),
  });

/** As JavaScript without types would see it. */
const untyped = (client: UpvestClient) =>
  client as unknown as Readonly<
    Record<"GET" | "POST" | "paginate", (path: string, init?: unknown) => unknown>
  >;

/** Rebuilds the base from what arrived and checks the signature with nothing but node:crypto. */
function isSigned({ method, url, headers }: Received): boolean {
  const input = String(headers["signature-input"]).replace(/^sig1=/, "");
  const names = [...(/^\(([^)]*)\)/.exec(input)?.[1] ?? "").matchAll(/"([^"]+)"/g)].map(
    ([, name]) => name ?? "",
  );
  const [path = "", query] = url.split("?");
  const derived: Record<string, string | undefined> = {
    "@method": method,
    "@path": path,
    "@query": `?${query}`,
  };
  const lines = names.map((name) => `"${name}": ${derived[name] ?? String(headers[name])}`);
  const base = [...lines, `"@signature-params": ${input}`].join("\n");
  const signature = Buffer.from(/:(.*):/.exec(String(headers["signature"]))?.[1] ?? "", "base64");
  return verify(null, Buffer.from(base), createPublicKey(testKey.privateKey), signature);
}

describe("what goes on the wire", () => {
  it("a read: signed, authorized, nothing more", async () => {
    const api = await startApi(() => page([]));
    await createUpvestClient(api.options).GET("/accounts", {
      params: { query: { limit: 2, order: "DESC" } },
    });
    const [call] = api.calls;
    if (call === undefined) throw new Error("nothing was sent");
    expect(call.method).toBe("GET");
    expect(call.url).toBe("/accounts?limit=2&order=DESC");
    expect(call.headers).toMatchObject({
      accept: "application/json",
      authorization: "Bearer ory_at_token-1",
      "upvest-api-version": "1",
      "upvest-client-id": api.options.clientId,
      "upvest-signature-version": "15",
      "user-agent": "upvest-client/0.1.0",
    });
    for (const absent of ["content-type", "content-length", "content-digest", "idempotency-key", "date"]) {
      expect(call.headers).not.toHaveProperty(absent);
    }
    expect(call.headers["signature-input"]).toMatch(
      /^sig1=\("@method" "@path" "@query" "accept" "authorization" "upvest-api-version" "upvest-client-id" "accept-language"\);keyid="8d4997a8-cf7a-4e51-adbb-401656a3e5c2";created=\d+;expires=\d+;nonce="[0-9a-f-]{36}"$/,
    );
    expect(isSigned(call)).toBe(true);
    const withoutQuery = await startApi(() => page([]));
    await createUpvestClient(withoutQuery.options).GET("/accounts");
    expect(withoutQuery.calls[0]?.headers["signature-input"]).not.toContain("@query");
  });

  it("a write: the bytes that were digested, a plain content-type, a key", async () => {
    const api = await startApi(() => json({ id: "o-1" }, 202));
    const result = await place(createUpvestClient(api.options));
    const [call] = api.calls;
    if (call === undefined) throw new Error("nothing was sent");
    expect(JSON.parse(call.body)).toEqual(order);
    expect(call.headers["content-type"]).toBe("application/json");
    expect(call.headers["content-length"]).toBe(String(Buffer.byteLength(call.body)));
    expect(call.headers["idempotency-key"]).toMatch(uuid);
    expect(result.idempotencyKey).toBe(call.headers["idempotency-key"]);
    expect(isSigned(call)).toBe(true);
  });

  it("the token request: a form, signed, without authorization", async () => {
    const api = await startApi(() => page([]));
    await createUpvestClient(api.options).GET("/accounts");
    const [token] = api.tokenRequests;
    if (token === undefined) throw new Error("nothing was sent");
    expect(token.headers["content-type"]).toBe("application/x-www-form-urlencoded");
    expect(token.headers).not.toHaveProperty("authorization");
    expect(Object.fromEntries(new URLSearchParams(token.body))).toEqual({
      client_id: api.options.clientId,
      client_secret: api.options.clientSecret,
      grant_type: "client_credentials",
      scope: "accounts:read",
    });
    expect(isSigned(token)).toBe(true);
  });

  it("an id with a colon travels raw, and is signed as it travels", async () => {
    const api = await startApi(() => json({}));
    await createUpvestClient(api.options).GET("/instruments/{instrument_id}", {
      params: { path: { instrument_id: "isin:US0378331005" } },
    });
    expect(api.calls[0]?.url).toBe("/instruments/isin:US0378331005");
    expect(api.calls.every(isSigned)).toBe(true);
  });

  it("a query is signed exactly as it is sent, whatever it holds", async () => {
    const api = await startApi(() => page([]));
    const client = createUpvestClient(api.options);
    await client.GET("/accounts/{account_id}/orders", {
      params: {
        path: { account_id: "a" },
        query: { date_created_from: "2022-10-14T10:10:10+02:00", user_id: "ä|'\"<> é" },
      },
    });
    expect(api.calls.every(isSigned)).toBe(true);
  });

  it("headers of a caller are signed, apart from those that others rewrite later", async () => {
    const api = await startApi(() => page([]));
    await createUpvestClient(api.options).GET("/accounts", {
      headers: { "Partner-Ref": "p-1", traceparent: "00-a-b-01", "x-debug": "1" },
    });
    const input = api.calls[0]?.headers["signature-input"];
    expect(input).toContain('"partner-ref"');
    expect(input).not.toMatch(/traceparent|x-debug|user-agent/);
    expect(api.calls[0]?.headers).toMatchObject({ traceparent: "00-a-b-01", "x-debug": "1" });
    expect(api.calls.every(isSigned)).toBe(true);
  });

  it("what middleware changes is signed", async () => {
    const api = await startApi(() => json({ id: "o-1" }, 202));
    const client = createUpvestClient(api.options);
    const middleware = {
      onRequest: ({ request }: { readonly request: Request }) =>
        new Request(request, { body: JSON.stringify({ ...order, client_reference: "added" }) }),
    };
    client.use(middleware);
    await place(client);
    client.eject(middleware);
    await place(client);
    expect(api.calls.map(({ body }) => body.includes("added"))).toEqual([true, false]);
    expect(api.calls.every(isSigned)).toBe(true);
  });
});

describe("attempts", () => {
  it("are signed anew, with the same key and the same body", async () => {
    const api = await startApi((_, nth) =>
      nth < 2 ? problem(503, "unavailable") : json({ id: "o-1" }, 202),
    );
    const result = await place(createUpvestClient(api.options));
    expect(result).toMatchObject({ attempts: 3, data: { id: "o-1" } });
    expect(api.calls.every(isSigned)).toBe(true);
    const distinct = (name: string): number => new Set(api.calls.map(({ headers }) => headers[name])).size;
    expect(distinct("signature-input")).toBe(3);
    expect(distinct("signature")).toBe(3);
    expect(distinct("idempotency-key")).toBe(1);
    expect(new Set(api.calls.map(({ body }) => body)).size).toBe(1);
  });

  it("a 401 drops the token and tries once more", async () => {
    const api = await startApi(({ headers }) =>
      headers.authorization === "Bearer ory_at_token-1" ? problem(401, "unauthorised") : page([]),
    );
    const client = createUpvestClient(api.options);
    expect(await client.GET("/accounts")).toMatchObject({ attempts: 2, response: { status: 200 } });
    await client.GET("/accounts");
    expect(api.tokenRequests).toHaveLength(2);
    expect(api.calls).toHaveLength(3);
  });

  it("a second 401 is told, with what was signed and how the clocks stand", async () => {
    const date = "Sat, 21 Nov 2026 12:00:00 GMT";
    const api = await startApi(() => problem(401, "unauthorised", { date }));
    const clock = (): number => Date.parse(date) + 90_000;
    const { error } = await place(createUpvestClient({ ...api.options, clock, clockSkewCorrection: false }));
    expect(api.calls).toHaveLength(2);
    expect(error).toMatchObject({
      status: 401,
      code: "unauthorised",
      attempts: 2,
      operationId: "place_order",
    });
    const told = error?.explain() ?? "";
    expect(told).toContain('"@path": /orders');
    expect(told).toContain("90 s ahead of the server");
    expect(told).toContain('"authorization": Bearer [hidden]');
    expect(told).not.toContain("ory_at_token");
  });

  it("1,000 cold callers make one token request", async () => {
    const api = await startApi(() => page([]));
    const client = createUpvestClient(api.options);
    await Promise.all(Array.from({ length: 1_000 }, () => client.GET("/accounts")));
    expect(api.tokenRequests).toHaveLength(1);
    expect(api.calls).toHaveLength(1_000);
  });

  it("10,000 calls on one signal leave no listener on it", async () => {
    const api = await startApi(() => page([]));
    const fetch: typeof globalThis.fetch = async (input) =>
      String(input).endsWith("/auth/token")
        ? Response.json({ access_token: "t", expires_in: 1800, token_type: "bearer", scope: "accounts:read" })
        : Response.json({ meta: { offset: 0, limit: 1, count: 0, total_count: 0 }, data: [] });
    const client = createUpvestClient({ ...api.options, fetch });
    const { signal } = new AbortController();
    for (let batch = 0; batch < 100; batch += 1) {
      const calls = Promise.all(Array.from({ length: 100 }, () => client.GET("/accounts", { signal })));
      // One for all of them while they run: Node warns its user at the eleventh.
      await Promise.resolve();
      expect(getEventListeners(signal, "abort").length).toBeLessThanOrEqual(1);
      await calls;
      expect(getEventListeners(signal, "abort")).toHaveLength(0);
    }
    // And over a real connection.
    await createUpvestClient(api.options).GET("/accounts", { signal });
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });
});

describe("answers", () => {
  it("a problem is an error, with code and request id", async () => {
    const api = await startApi(() => problem(400, "missing_idempotency_key", { "upvest-request-id": "r-1" }));
    const result = await place(createUpvestClient(api.options));
    expect(result.data).toBeUndefined();
    expect(result.error).toBeInstanceOf(UpvestApiError);
    expect(result).toMatchObject({
      error: { status: 400, code: "missing_idempotency_key", requestId: "r-1", attempts: 1 },
      requestId: "r-1",
    });
    await expect(unwrap(place(createUpvestClient(api.options)))).rejects.toMatchObject({
      code: "missing_idempotency_key",
    });
  });

  it.each([
    ["an empty 401", { status: 401 }, "unauthorised"],
    [
      "HTML from the edge",
      { status: 403, body: "<html>no</html>", headers: { "content-type": "text/html" } },
      "forbidden",
    ],
    ["an empty 500", { status: 500 }, "internal"],
    [
      "a broken problem",
      { status: 422, body: '{"type":', headers: { "content-type": "application/problem+json" } },
      "unprocessable_entity",
    ],
  ])("%s is an error all the same", async (_, answer, code) => {
    const api = await startApi(() => answer);
    const { data, error } = await createUpvestClient(api.options).GET("/accounts");
    expect(data).toBeUndefined();
    expect(error).toMatchObject({ status: answer.status, code });
  });

  it("a success without a body has no data and no error", async () => {
    for (const status of [200, 202, 204]) {
      const api = await startApi(() => ({ status }));
      const result = await createUpvestClient(api.options).DELETE("/accounts/{account_id}", {
        params: { path: { account_id: "a" } },
      });
      expect(result).toMatchObject({ data: undefined, response: { status } });
      expect(result.error).toBeUndefined();
    }
  });

  it("a success whose body is not JSON is an error that says so", async () => {
    const api = await startApi(() => ({ body: "<html>", headers: { "upvest-request-id": "r-2" } }));
    const { error } = await createUpvestClient(api.options).GET("/accounts");
    expect(error).toMatchObject({ status: 200, code: "invalid_response", requestId: "r-2" });
  });

  it("such a success of a write may be anybody's: its outcome is unknown", async () => {
    const api = await startApi(() => ({ body: "<title>Sign in to use this network</title>" }));
    const client = createUpvestClient(api.options);
    const call = place(client, "6ff0f9ec-bc1d-4b46-a9ec-4ae7c8d1b7d9");
    await expect(call).rejects.toMatchObject({
      name: "UpvestUnknownOutcomeError",
      idempotencyKey: "6ff0f9ec-bc1d-4b46-a9ec-4ae7c8d1b7d9",
      cause: { name: "UpvestApiError", status: 200, code: "invalid_response" },
    });
    expect(api.calls).toHaveLength(1);
  });

  it("a read that is promised a body and gets none is an error; a write is done all the same", async () => {
    const api = await startApi(() => ({ status: 200 }));
    const client = createUpvestClient(api.options);
    expect((await client.GET("/accounts")).error).toMatchObject({ status: 200, code: "invalid_response" });
    expect(await place(client)).toMatchObject({ data: undefined, response: { status: 200 } });
  });

  it("Retry-After beyond what a date can hold is no date", async () => {
    const api = await startApi(() => problem(429, "too_many_requests", { "retry-after": "99999999999999" }));
    const { error } = await createUpvestClient(api.options).GET("/accounts");
    expect(error).toMatchObject({ status: 429, code: "too_many_requests", attempts: 1 });
    expect(error?.retryAt).toBeUndefined();
  });

  it("a long problem is cut in the message, and whole in the error", async () => {
    const detail = "d".repeat(100_000);
    const api = await startApi(() => json({ type: "x", status: 400, title: detail, detail }, 400));
    const { error } = await place(createUpvestClient(api.options));
    expect(error?.problem.detail).toBe(detail);
    expect(error?.message.length).toBeLessThan(3_000);
    expect(error?.message).toContain("(100000 characters)");
  });

  it("a redirect is refused: neither token nor signature travel on", async () => {
    const elsewhere = await startApi(() => json({}));
    const api = await startApi(() => ({
      status: 302,
      headers: { location: `${elsewhere.url}/steal?secret=1` },
    }));
    const { error } = await createUpvestClient(api.options).GET("/accounts");
    expect(error).toMatchObject({ status: 302, code: "redirect_refused" });
    expect(error?.message).toContain("127.0.0.1");
    expect(error?.message).not.toContain("secret=1");
    expect(elsewhere.calls).toHaveLength(0);
  });

  it("a Retry-After beyond what is allowed says until when", async () => {
    const now = Date.UTC(2026, 10, 21, 12);
    const api = await startApi(() => problem(429, "too_many_requests", { "retry-after": "3600" }));
    const { error } = await createUpvestClient({ ...api.options, clock: () => now }).GET("/accounts");
    expect(error?.retryAt).toEqual(new Date(now + 3_600_000));
    expect(error?.message).toContain("Not before 2026-11-21T13:00:00.000Z");
  });

  it("can be read in other ways", async () => {
    const api = await startApi(() => page(["x"]));
    const client = createUpvestClient(api.options);
    expect((await client.GET("/accounts", { parseAs: "text" })).data).toContain('"total_count":1');
    // @ts-expect-error What plain JavaScript may pass.
    await expect(client.GET("/accounts", { parseAs: "xml" })).rejects.toThrow(
      /parseAs must be "json" or one of text/,
    );
    const { data } = await client.GET("/accounts", { parseAs: "stream" });
    expect(await new Response(data ?? null).json()).toMatchObject({ data: ["x"] });
  });
});

describe("the token answer", () => {
  const token = { access_token: "ory_at_x", expires_in: 1800, token_type: "bearer", scope: "accounts:read" };

  it.each([
    ["is not JSON", { body: "nope", headers: { "content-type": "application/json" } }, /not a JSON object/],
    [
      "is another media type",
      { ...json(token), headers: { "content-type": "text/html" } },
      /should be application\/json and is text\/html/,
    ],
    [
      "is of another type",
      json({ ...token, token_type: "mac" }),
      /token_type should be "bearer" and is "mac"/,
    ],
    ["has no token", json({ ...token, access_token: "" }), /access_token is missing/],
    [
      "has a token that cannot travel",
      json({ ...token, access_token: "a\r\nb" }),
      /access_token is missing, or holds/,
    ],
    ["has no lifetime", json({ ...token, expires_in: 0 }), /expires_in should be a positive number/],
    [
      "has a lifetime in words",
      json({ ...token, expires_in: "1800" }),
      /expires_in should be a positive number/,
    ],
  ])("%s: an error, and nothing else is sent", async (_, answer, message) => {
    const api = await startApi(
      () => page([]),
      () => answer,
    );
    const call = unwrap(createUpvestClient(api.options).GET("/accounts"));
    await expect(call).rejects.toThrow(message);
    await expect(call).rejects.toMatchObject({ code: "invalid_response", operationId: "issue_token" });
    expect(api.calls).toHaveLength(0);
  });

  it("is too large: that is what is said", async () => {
    const api = await startApi(() => page([]));
    const { error } = await createUpvestClient({ ...api.options, maxResponseSize: 50 }).GET("/accounts");
    expect(error?.message).toContain("The token answer is larger than maxResponseSize, 50 bytes");
  });

  it("is refused to another client, in a middleware behind the answer: no refusal of the call, which was done", async () => {
    const refusing = await startApi(
      () => page([]),
      () => problem(401, "unauthorised"),
    );
    const other = createUpvestClient(refusing.options);
    const api = await startApi(() => json({ id: "o-1" }, 202));
    const client = createUpvestClient(api.options);
    client.use({ onResponse: async () => void (await unwrap(other.GET("/accounts"))) });
    await expect(place(client)).rejects.toMatchObject({
      name: "UpvestUnknownOutcomeError",
      cause: { name: "UpvestApiError", operationId: "issue_token" },
    });
    expect(api.calls).toHaveLength(1);
  });

  it("refuses the narrow scope and the wide one: the narrow one is asked for", async () => {
    const api = await startApi(
      () => page([]),
      ({ body }) =>
        problem(401, `not_configured_${new URLSearchParams(body).get("scope")?.replace(":", "_")}`),
    );
    const { error } = await createUpvestClient(api.options).GET("/accounts");
    expect(error?.code).toBe("not_configured_accounts_read");
  });

  it("may write bearer as it likes", async () => {
    const api = await startApi(
      () => page([]),
      () => json({ ...token, token_type: "Bearer" }),
    );
    expect((await createUpvestClient(api.options).GET("/accounts")).data).toBeDefined();
  });

  it("a refusal is told as the token endpoint's, without the secret", async () => {
    const api = await startApi(
      () => page([]),
      () => problem(401, "unauthorised"),
    );
    const { data, error, response, attempts } = await createUpvestClient(api.options).GET("/accounts");
    // As any other refusal: nothing is thrown.
    expect(error).toMatchObject({ status: 401, operationId: "issue_token" });
    expect([data, response.status, attempts]).toEqual([undefined, 401, 0]);
    // Two alternatives of scope, each asked for once.
    expect(api.tokenRequests.map(({ body }) => new URLSearchParams(body).get("scope"))).toEqual([
      "accounts:read",
      "accounts:admin",
    ]);
    expect(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)).not.toContain(
      api.options.clientSecret,
    );
  });

  it("that never comes is a lost connection, not a write in doubt", async () => {
    const api = await startApi(
      () => page([]),
      () => ({ cut: "before" }),
    );
    // One after the other: of two, the one that is not waited for yet may fail first, and nobody would take its error.
    for (const make of [
      () => createUpvestClient(api.options).GET("/accounts"),
      () => place(createUpvestClient(api.options)),
    ]) {
      const call = make();
      await expect(call).rejects.toBeInstanceOf(UpvestConnectionError);
      await expect(call).rejects.toMatchObject({ operationId: "issue_token", attempts: 4 });
    }
  });

  it("is asked for again after a 429 and a lost connection", async () => {
    const issue = grant();
    const api = await startApi(
      () => page([]),
      (request, nth) =>
        nth === 0 ? problem(429, "too_many_requests") : nth === 1 ? { cut: "before" } : issue(request, nth),
    );
    expect((await createUpvestClient(api.options).GET("/accounts")).data).toBeDefined();
    expect(api.tokenRequests).toHaveLength(3);
    expect(api.tokenRequests.every(isSigned)).toBe(true);
  });
});

const KEY = "ccb07f42-4104-44ad-8e1f-c660bb7b269c";
const OTHER_KEY = "3f0b8d8a-52a2-4f6e-8d27-0f2a1c9e4caa";

describe("bad input is refused before anything is sent", () => {
  const cases: readonly (readonly [string, (client: UpvestClient) => unknown, RegExp])[] = [
    [
      "a path value that leads elsewhere",
      (c) => c.GET("/accounts/{account_id}", { params: { path: { account_id: ".." } } }),
      /retrieve_account: the path parameter account_id cannot be "\.\."/,
    ],
    [
      "an empty path value",
      (c) => c.GET("/accounts/{account_id}", { params: { path: { account_id: "" } } }),
      /account_id/,
    ],
    ["a missing path value", (c) => untyped(c).GET("/accounts/{account_id}"), /account_id is missing/],
    ["an unknown path", (c) => untyped(c).GET("/nope"), /has no GET \/nope/],
    ["a filled-in path", (c) => untyped(c).GET("/accounts/123"), /given as templates/],
    ["an inherited name for a path", (c) => untyped(c).GET("constructor"), /has no GET constructor/],
    ["a version 7 idempotency key", (c) => place(c, "0192d5a0-8a2b-7c3d-9e4f-5a6b7c8d9e0f"), /not version 7/],
    ["an idempotency key in words", (c) => place(c, "order 1"), /"order 1" is not a UUID/],
    [
      "an idempotency key where it protects nothing",
      (c) => c.GET("/accounts", { headers: { "idempotency-key": "ccb07f42-4104-44ad-8e1f-c660bb7b269c" } }),
      /list_accounts takes no idempotency key/,
    ],
    [
      "authorization of one's own",
      (c) => c.GET("/accounts", { headers: { Authorization: "Bearer mine" } }),
      /authorization is the client's own/,
    ],
    [
      "a signature of one's own",
      (c) => c.GET("/accounts", { headers: { signature: "x" } }),
      /signature is the client's own/,
    ],
    [
      "a header that cannot be signed",
      (c) => c.GET("/accounts", { headers: { note: "ä" } }),
      /the header note/,
    ],
    [
      "another content-type",
      (c) => c.POST("/orders", { body: order, headers: { "content-type": "text/plain" } }),
      /application\/json, not text\/plain/,
    ],
    ...(
      [
        [{ headers: new Headers({ "idempotency-key": KEY }) }, /place_order: headers .* it is Headers/],
        [{ headers: new Map([["idempotency-key", KEY]]) }, /headers must be a plain object; it is Map/],
        [{ headers: "x" }, /headers must be a plain object; it is "x"/],
        [{ idempotencyKey: KEY }, /has no member idempotencyKey.*"idempotency-key": key/],
        [{ params: { headers: {} } }, /params has no member headers; it has path, query, header/],
        [{ params: { "idempotency-key": KEY } }, /params has no member idempotency-key.*header: \{/],
        [{ params: { header: { idempotencyKey: KEY } } }, /idempotencykey is written "idempotency-key"/],
        [{ headers: { idempotency_key: KEY } }, /idempotency_key is written "idempotency-key"/],
        [
          { headers: { "idempotency-key": KEY }, params: { header: { "idempotency-key": OTHER_KEY } } },
          /place_order: two keys, .* and .*\. Give one/,
        ],
        [{ headers: { "Idempotency-Key": KEY, "idempotency-key": OTHER_KEY } }, /place_order: two keys/],
        [{ query: {} }, /has no member query/],
        [{ params: null }, /params must be a plain object; it is null/],
        [{ signal: new AbortController() }, /signal must be an AbortSignal/],
        [{ headers: { expect: "100-continue" } }, /the header expect is the client's own/],
        [{ headers: { note: "a\tb" } }, /the header note/],
        [{ body: () => 1 }, /body cannot be written as JSON; it is a function/],
        [
          { body: new FormData() },
          /body cannot be written as JSON: it is a FormData, which would go out as \{\}/,
        ],
        [{ body: new Map([["cash_amount", "10"]]) }, /it is a Map/],
        [{ body: Promise.resolve({}) }, /it is a Promise/],
        [{ body: { quantity: 1n } }, /body cannot be written as JSON: .*BigInt/],
      ] as const
    ).map(([init, message], nth): (typeof cases)[number] => [
      `what would be read as nothing, ${nth}`,
      (c) => untyped(c).POST("/orders", { body: order, ...init }),
      message,
    ]),
    [
      "no options but null",
      (c) => untyped(c).GET("/accounts", null),
      /the call must be a plain object; it is null/,
    ],
    ["a timeout of nothing", (c) => c.GET("/accounts", { timeout: 0 }), /timeout must be a positive number/],
    ["half an attempt", (c) => c.GET("/accounts", { retry: { maxAttempts: 0.5 } }), /retry\.maxAttempts/],
  ];
  it.each(cases)("%s", async (_, call, message) => {
    const api = await startApi(() => json({}));
    const made = Promise.resolve().then(() => call(createUpvestClient(api.options)));
    await expect(made).rejects.toThrow(message);
    await expect(made).rejects.toBeInstanceOf(UpvestConfigError);
    expect(api.calls.length + api.tokenRequests.length).toBe(0);
  });

  it("a header with a line break never leaves", async () => {
    const api = await startApi(() => json({}));
    const call = createUpvestClient(api.options).GET("/accounts", {
      headers: { note: "a\r\nupvest-client-id: other" },
    });
    await expect(call).rejects.toThrow();
    expect(api.calls.length + api.tokenRequests.length).toBe(0);
  });

  it("a charset on the content-type is left off, because the API refuses it", async () => {
    const api = await startApi(() => json({}, 202));
    await createUpvestClient(api.options).POST("/orders", {
      body: order,
      headers: { "content-type": "application/json; charset=utf-8" },
    });
    expect(api.calls[0]?.headers["content-type"]).toBe("application/json");
  });

  it("a path that does not page cannot be walked", async () => {
    const api = await startApi(() => json({}));
    const client = createUpvestClient(api.options);
    expect(() => untyped(client).paginate("/accounts/{account_id}")).toThrow(UpvestConfigError);
    expect(() => untyped(client).paginate("/accounts", { concurency: 4 })).toThrow(
      /the walk has no member concurency; it has params, .*, verify, concurrency$/,
    );
    expect(() => client.paginate("/accounts", { params: { query: { offset: -1 } } })).toThrow(
      /offset must be/,
    );
  });

  it.each([
    [0, "0"],
    [-1, "-1"],
    [2.5, "2.5"],
    [Number.NaN, "NaN"],
    ["10", '"10"'],
  ])("a walk in pages of %j items is refused, nothing sent", async (limit, told) => {
    const api = await startApi(() => json({}));
    const { paginate } = untyped(createUpvestClient(api.options));
    expect(() => paginate("/accounts", { params: { query: { limit } } })).toThrow(
      new UpvestConfigError(`limit must be a whole number of items, 1 or more; it is ${told}`),
    );
    expect(api.tokenRequests).toHaveLength(0);
  });

  it("a walk whose limit is left out, as undefined or null, has the API's", async () => {
    const api = await startApi(() => page([], 0, 0));
    const { paginate } = untyped(createUpvestClient(api.options));
    for (const limit of [undefined, null]) {
      const pages = paginate("/accounts", { params: { query: { limit } } }) as Pages<unknown>;
      expect(await pages.toArray({ max: 9 })).toEqual([]);
    }
    expect(api.calls.map(({ url }) => url)).toEqual(["/accounts?offset=0", "/accounts?offset=0"]);
  });
});

describe("a page walk over the wire", () => {
  it("asks page after page, from the offset that was given, with the other parameters kept", async () => {
    const all = Array.from({ length: 7 }, (_, index) => `a${index}`);
    const api = await startApi(({ url }) => {
      const query = new URL(url, "http://x").searchParams;
      const offset = Number(query.get("offset"));
      return page(all.slice(offset, offset + Number(query.get("limit"))), offset, all.length);
    });
    const walk = createUpvestClient(api.options).paginate("/accounts", {
      params: { query: { offset: 1, limit: 3, order: "DESC" } },
    });
    expect(await walk.toArray({ max: 100 })).toEqual(all.slice(1));
    expect(api.calls.map(({ url }) => url).sort()).toEqual([
      "/accounts?offset=1&limit=3&order=DESC",
      "/accounts?offset=4&limit=3&order=DESC",
    ]);
  });

  it("tells where to resume", async () => {
    const api = await startApi(({ url }) =>
      url.includes("offset=0") ? page(["a", "b"], 0, 4) : problem(500, "internal"),
    );
    const walk = createUpvestClient(api.options).paginate("/accounts");
    const pages = walk.pages();
    expect((await pages.next()).value).toMatchObject({ data: ["a", "b"] });
    await expect(pages.next()).rejects.toMatchObject({ status: 500, resumeOffset: 2 });
  });
});

it("a limiter is asked before every attempt, token requests included, and its refusal ends the call", async () => {
  const api = await startApi((_, nth) => (nth === 0 ? problem(503, "unavailable") : page([])));
  const asked: string[] = [];
  const limiter = {
    acquire: async ({ operationId }: { readonly operationId: string }) => {
      asked.push(operationId);
      if (asked.length > 3) throw new Error("budget spent");
    },
  };
  const client = createUpvestClient({ ...api.options, limiter });
  await client.GET("/accounts");
  expect(asked).toEqual(["issue_token", "list_accounts", "list_accounts"]);
  await expect(client.GET("/accounts")).rejects.toThrow("budget spent");
  expect(api.calls).toHaveLength(2);
});

it("no secret shows in the client, in options it was given, or in any error on the way", async () => {
  const api = await startApi(
    (_, nth) => [problem(401, "unauthorised"), { cut: "before" } as const, { status: 500 }][nth % 3] ?? {},
  );
  const client = createUpvestClient({ ...api.options, retry: false });
  const errors: unknown[] = [client];
  for (let nth = 0; nth < 9; nth += 1) {
    errors.push(
      await place(client).then(
        ({ error }) => error,
        (reason: unknown) => reason,
      ),
    );
  }
  expect(
    errors.some((error) => error instanceof UpvestConnectionError || error instanceof UpvestApiError),
  ).toBe(true);
  for (const error of errors) {
    const shown = inspect(error, { depth: 12, showHidden: true }) + JSON.stringify(error) + String(error);
    for (const secret of [api.options.clientSecret, "ory_at_token", "PRIVATE KEY", "sig1=:"]) {
      expect(shown).not.toContain(secret);
    }
  }
});

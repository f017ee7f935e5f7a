import { describe, expect, it } from "vitest";
import { createUpvestClient, UpvestConfigError } from "upvest-client";
import { json, startApi } from "./support/api.js";

const noAccounts = json({ meta: { offset: 0, limit: 1, count: 0, total_count: 0 }, data: [] });

/** As JavaScript calls it, and whoever casts. */
const untyped = (query: unknown) => ({ params: { query: query as object } });

class OwnFilter {
  readonly limit = 5;
}

describe("a query", () => {
  it.each<[string, unknown]>([
    ["?limit=7&order=DESC", { limit: 7, order: "DESC" }],
    ["?a=true&b=10&c=0&d=&e=false&f=-1.5", { a: true, b: 10n, c: 0, d: "", e: false, f: -1.5 }],
    ["?a=x&a=1&a=true&a=2", { a: ["x", 1, true, 2n] }],
    ["?a=x&a=y", { a: ["x", undefined, null, "y"], b: [], c: [null] }],
    ["?c=x", { a: undefined, b: null, c: "x" }],
    ["?a[b]=1&a[e]=x", { a: { b: 1, c: undefined, d: null, e: "x" }, f: {}, g: { h: null } }],
    ["?a=x%23y%27z%E2%82%AC%F0%9F%98%80%20%26%3D", { a: "x#y'z\u20AC\u{1F600} &=" }],
    ["?limit=5", Object.assign(Object.create(null) as object, { limit: 5 })],
    ["?limit=5", new OwnFilter()],
    ["", {}],
    ["", null],
    ["", undefined],
  ])("%j goes as it is meant", async (sent, query) => {
    const api = await startApi(() => noAccounts);
    await createUpvestClient(api.options).GET("/accounts", untyped(query));
    expect(api.calls.map(({ url }) => url)).toEqual([`/accounts${sent}`]);
  });

  const hidden = new (class {
    readonly #from = "2026-01-01";
    toString(): string {
      return this.#from;
    }
  })();

  it.each<[string, unknown]>([
    ["[object Date]", new Date(0)],
    ["[object Set]", new Set(["ACTIVE"])],
    ["[object Map]", new Map([["a", "b"]])],
    ["[object URLSearchParams]", new URLSearchParams("a=b")],
    ["[object Promise]", Promise.resolve("ACTIVE")],
    ["[object RegExp]", /x/],
    ["[object Object]", hidden],
    ["[object Function]", () => "ACTIVE"],
    ["Symbol(x)", Symbol("x")],
    ["NaN", Number.NaN],
    ["Infinity", Number.POSITIVE_INFINITY],
    [String.raw`"\ud800"`, "\uD800"],
    ["[object Date]", ["ACTIVE", new Date(0)]],
    ["[object Array]", ["ACTIVE", ["CLOSED"]]],
    [String.raw`"a\udc00"`, ["a\uDC00"]],
    ["[object Date]", { from: new Date(0) }],
    ["[object Object]", { from: Object.create(null) as unknown }],
  ])("that holds %s is refused before anything is sent, by GET and by paginate", async (told, value) => {
    const api = await startApi(() => noAccounts);
    const client = createUpvestClient(api.options);
    const init = untyped({ limit: 5, status: value });
    const refused = await client.GET("/accounts", init).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UpvestConfigError);
    expect(refused).toHaveProperty(
      "message",
      `list_accounts: the query parameter status cannot hold ${told}. It takes strings of whole characters, finite numbers, booleans and bigints, and lists and plain objects of those.`,
    );
    expect(() => client.paginate("/accounts", init)).toThrow(UpvestConfigError);
    expect([...api.calls, ...api.tokenRequests]).toEqual([]);
  });

  it.each<[string, unknown]>([
    ["[object Map]", new Map([["limit", 5]])],
    ["[object URLSearchParams]", new URLSearchParams("limit=5")],
    ["[object Array]", [["limit", 5]]],
    ['"limit=5"', "limit=5"],
    ["5", 5],
  ])("that is %s is refused before anything is sent, by GET and by paginate", async (told, query) => {
    const api = await startApi(() => noAccounts);
    const client = createUpvestClient(api.options);
    const refused = await client.GET("/accounts", untyped(query)).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UpvestConfigError);
    expect(refused).toHaveProperty(
      "message",
      `list_accounts: params.query must be a plain object of names and values; it is ${told}`,
    );
    expect(() => client.paginate("/accounts", untyped(query))).toThrow(UpvestConfigError);
    expect([...api.calls, ...api.tokenRequests]).toEqual([]);
  });

  it("of a walk begins at 0 where offset is null, and takes no other that is no number of items", async () => {
    const api = await startApi(() => noAccounts);
    const client = createUpvestClient(api.options);
    expect(await client.paginate("/accounts", untyped({ offset: null })).toArray({ max: 1 })).toEqual([]);
    expect(api.calls.map(({ url }) => url)).toEqual(["/accounts?offset=0"]);
    for (const offset of [10n, "5", [5], 0.5]) {
      expect(() => client.paginate("/accounts", untyped({ offset }))).toThrow(UpvestConfigError);
    }
  });
});

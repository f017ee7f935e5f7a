import { describe, expect, it } from "vitest";
import { createUpvestClient, type StoredToken, type TokenStore } from "../../src/index.js";
import { json, problem, startApi, type TestApi } from "../support/api.js";

const page = json({ meta: { offset: 0, limit: 100, count: 0, total_count: 0 }, data: [] });

/** An API that refuses every token but these. */
async function startStrictApi(
  valid: readonly string[],
): Promise<TestApi & { readonly came: () => string[] }> {
  const api = await startApi(({ headers }) =>
    valid.includes((headers.authorization ?? "").slice("Bearer ".length))
      ? page
      : problem(401, "unauthorised"),
  );
  return {
    ...api,
    came: () => api.calls.map(({ headers }) => (headers.authorization ?? "").slice("Bearer ".length)),
  };
}

const tokenOf = (accessToken: string): StoredToken => ({
  accessToken,
  scope: "accounts:read",
  issuedAt: Date.now(),
  expiresAt: Date.now() + 1_800_000,
});

/** Where another process puts a token each time that somebody looks; the last one stays. */
function busyStore(...tokens: string[]): TokenStore & { readonly kept: string[] } {
  const left = [...tokens];
  const kept: string[] = [];
  return {
    kept,
    get: async () => {
      const next = left.length > 1 ? left.shift() : left[0];
      return next === undefined ? undefined : tokenOf(next);
    },
    set: async (_, { accessToken }) => {
      kept.push(accessToken);
    },
  };
}

describe("a token that is refused", () => {
  it("is replaced by a new one, and the call is made again", async () => {
    const api = await startStrictApi(["ory_at_token-2"]);
    const result = await createUpvestClient(api.options).GET("/accounts");
    expect(result).toMatchObject({ data: { data: [] }, attempts: 2 });
    expect(api.came()).toEqual(["ory_at_token-1", "ory_at_token-2"]);
  });

  it("is told when a new one of our own is refused as well", async () => {
    const api = await startStrictApi([]);
    const { error } = await createUpvestClient(api.options).GET("/accounts");
    expect(error).toMatchObject({ status: 401, operationId: "list_accounts" });
    expect(api.came()).toEqual(["ory_at_token-1", "ory_at_token-2"]);
  });

  it.each([
    [["revoked-1"], 1],
    [["revoked-1", "revoked-2"], 2],
    [["revoked-1", "revoked-2", "revoked-3"], 3],
    [["revoked-1", "revoked-2", "revoked-3", "revoked-4", "revoked-5", "revoked-6"], 3],
    [["revoked-1", "revoked-2", "revoked-1", "revoked-2", "revoked-1", "revoked-2"], 3],
  ])("is followed by one of our own in the end, with %j in the store", async (stale, tries) => {
    const api = await startStrictApi(["ory_at_token-1"]);
    const tokenStore = busyStore(...stale);
    const client = createUpvestClient({ ...api.options, tokenStore });
    expect(await client.GET("/accounts")).toMatchObject({ data: { data: [] }, attempts: tries + 1 });
    expect(api.came().at(-1)).toBe("ory_at_token-1");
    expect(api.tokenRequests).toHaveLength(1);
    expect(tokenStore.kept).toEqual(["ory_at_token-1"]);
  });

  it("costs one token request, however many calls find nothing else in the store", async () => {
    const api = await startStrictApi(["ory_at_token-1"]);
    const stale = Array.from({ length: 100 }, (_, nth) => `revoked-${nth}`);
    const client = createUpvestClient({ ...api.options, tokenStore: busyStore(...stale) });
    const results = await Promise.all(Array.from({ length: 20 }, () => client.GET("/accounts")));
    expect(results.map(({ response }) => response.status)).toEqual(results.map(() => 200));
    expect(api.tokenRequests).toHaveLength(1);
  });

  it("gives way to the store again afterwards", async () => {
    const valid = ["ory_at_token-1"];
    const api = await startStrictApi(valid);
    const tokenStore = busyStore("revoked-1", "revoked-2", "revoked-3", "revoked-4", "good");
    const client = createUpvestClient({ ...api.options, tokenStore });
    await client.GET("/accounts");
    valid.splice(0, 1, "good");
    expect(await client.GET("/accounts")).toMatchObject({ data: { data: [] } });
    expect(api.came().at(-1)).toBe("good");
    expect(api.tokenRequests).toHaveLength(1);
  });

  it("is known for our own also where the lock of a store gives a copy of it", async () => {
    const api = await startStrictApi([]);
    const tokenStore: TokenStore = {
      ...busyStore("revoked-1", "revoked-2", "revoked-3", "revoked-4", "revoked-5"),
      lock: async (_, task) => structuredClone(await task()),
    };
    const { error } = await createUpvestClient({ ...api.options, tokenStore }).GET("/accounts");
    expect(error).toMatchObject({ status: 401, attempts: 4 });
    expect(api.tokenRequests).toHaveLength(1);
  });

  it("is told when the last one, our own, is refused too", async () => {
    const api = await startStrictApi([]);
    const tokenStore = busyStore("revoked-1", "revoked-2", "revoked-3", "revoked-4", "revoked-5");
    const { error } = await createUpvestClient({ ...api.options, tokenStore }).GET("/accounts");
    expect(error).toMatchObject({ status: 401, attempts: 4 });
    expect(api.came().at(-1)).toBe("ory_at_token-1");
  });
});

import { createUpvestClient, unwrap, type StoredToken, type TokenStore } from "upvest-client";
import { expect, expectSame } from "../expect.js";
import type { Check, Subject } from "../subject.js";

/** A client of the sandbox. */
export const sandboxClient = (
  { plan }: Subject,
  options: Partial<Parameters<typeof createUpvestClient>[0]> = {},
): ReturnType<typeof createUpvestClient> =>
  createUpvestClient({
    baseUrl: plan.sandbox.url,
    ...plan.sandbox.credentials,
    deadline: 15_000,
    ...options,
  } as Parameters<typeof createUpvestClient>[0]);

/** Ten cold callers share one token request, and a second client finds the token in the store. */
export const token: Check = async (subject) => {
  const kept = new Map<string, StoredToken>();
  let writes = 0;
  const tokenStore: TokenStore = {
    get: async (key) => kept.get(key),
    set: async (key, stored) => {
      writes += 1;
      kept.set(key, stored);
    },
  };
  const client = sandboxClient(subject, { tokenStore });
  const pages = await Promise.all(
    Array.from({ length: 10 }, () => unwrap(client.GET("/users", { params: { query: { limit: 1 } } }))),
  );
  expectSame(pages.map(({ data }) => data.length).join(""), "1111111111", "the items of ten first calls");
  expectSame(writes, 1, "the number of tokens asked for by ten callers");
  await unwrap(sandboxClient(subject, { tokenStore }).GET("/users", { params: { query: { limit: 1 } } }));
  expectSame(writes, 1, "the number of tokens after a second client");
  const [stored] = kept.values();
  expect((stored?.expiresAt ?? 0) > Date.now(), "the token has ended already");
};

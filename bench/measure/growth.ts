/**
 * Whether the cost of a unit stays the same as things grow: of an item in walks of 10 to 100,000 items (pages of 10), and of a
 * call with 1 to 10,000 callers at once. Fetch is stubbed. A ratio of 1 is flat.
 */
import { createUpvestClient } from "upvest-client";
import { stopwatch } from "../harness/cpu.js";
import { interleave, versus } from "../harness/interleave.js";
import { atMost, report } from "../harness/row.js";
import { accountId, clientId, clientOptions, keyId, keys, token } from "../support/fixtures.js";
import { bareHeaders, signEd25519 } from "../support/bare.js";
import { pageAt } from "../support/pages.js";
import { accountOrOrder, stub } from "../support/stub.js";

const SIZES = [10, 100, 1000, 10_000, 100_000];
const CALLERS = [1, 10, 100, 1000, 10_000];
const PLAN = { rounds: 7, turns: 1, warmUp: 1 };

const sideOf = (size: number): string => String(size);

/** Small sizes are repeated, up to this many units, so that all samples take long enough. */
const repeats = (size: number, units: number): number => Math.max(1, Math.ceil(units / size));

/** µs an item; a walk has to see them all. */
const walk = (size: number) => {
  const client = createUpvestClient(
    clientOptions("ed25519", { fetch: stub((url) => pageAt(url, size)).fetch }),
  );
  const times = repeats(size, 3000);
  return async (): Promise<number> => {
    const taken = stopwatch();
    for (let nth = 0; nth < times; nth += 1) {
      let seen = 0;
      for await (const _ of client.paginate("/accounts", { params: { query: { limit: 10 } } })) seen += 1;
      if (seen !== size) throw new Error(`a walk saw ${seen} items of ${size}`);
    }
    return taken() / (times * size);
  };
};

/** µs a call, of so many that are all under way at once. */
const together = (callers: number, call: () => Promise<unknown>) => {
  const times = repeats(callers, 1000);
  return async (): Promise<number> => {
    const taken = stopwatch();
    for (let nth = 0; nth < times; nth += 1) await Promise.all(Array.from({ length: callers }, call));
    return taken() / (times * callers);
  };
};

const { fetch } = stub(accountOrOrder);
const client = createUpvestClient(clientOptions("ed25519", { fetch }));
const headersOf = bareHeaders(signEd25519(keys.ed25519.privateKey), {
  keyId,
  clientId,
  token: token.access_token,
});
const calls = {
  ours: () => client.GET("/accounts/{account_id}", { params: { path: { account_id: accountId } } }),
  bare: async () => {
    const path = `/accounts/${accountId}`;
    const headers = headersOf({ method: "GET", path, query: "" });
    return (await fetch(`https://sandbox.upvest.co${path}`, { headers })).json();
  },
};

const walks = await interleave(Object.fromEntries(SIZES.map((size) => [sideOf(size), walk(size)])), PLAN);
const ours = await interleave(
  Object.fromEntries(CALLERS.map((callers) => [sideOf(callers), together(callers, calls.ours)])),
  PLAN,
);
const bare = await interleave(
  Object.fromEntries(CALLERS.map((callers) => [sideOf(callers), together(callers, calls.bare)])),
  PLAN,
);

const count = (value: number): string => value.toLocaleString("en");
const [least = 0] = SIZES;
const [fewest = 0] = CALLERS;
report([
  ...SIZES.slice(1).map((size) =>
    versus(
      walks,
      {
        name: `an item, in a walk of ${count(size)}`,
        unit: "µs",
        ...(size === SIZES.at(-1) && { goal: atMost(1.25) }),
      },
      { ours: sideOf(size), other: sideOf(least), against: `in a walk of ${count(least)}` },
    ),
  ),
  ...CALLERS.slice(1).map((callers) =>
    versus(
      ours,
      {
        name: `a call, of ${count(callers)} at once`,
        unit: "µs",
        ...(callers === CALLERS.at(-1) && { goal: atMost(1.25) }),
      },
      { ours: sideOf(callers), other: sideOf(fewest), against: "one at a time" },
    ),
  ),
  versus(
    bare,
    { name: `for comparison, bare fetch + sign, of ${count(CALLERS.at(-1) ?? 0)} at once`, unit: "µs" },
    { ours: sideOf(CALLERS.at(-1) ?? 0), other: sideOf(fewest), against: "one at a time" },
  ),
]);

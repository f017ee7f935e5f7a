/**
 * Tokens: how many requests a thousand callers make who all start cold, and what a token at hand costs. The second comes from
 * src/, as the package does not export its token source.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { createUpvestClient } from "upvest-client";
import { operationAt } from "../../src/call.js";
import { createTokenSource } from "../../src/token.js";
import { interleave, median } from "../harness/interleave.js";
import { report } from "../harness/row.js";
import { timed } from "../harness/timed.js";
import { accountId, clientOptions } from "../support/fixtures.js";
import { accountOrOrder, stub } from "../support/stub.js";

const CALLERS = 1000;

async function tokenRequests(): Promise<number> {
  const { fetch, tokenRequests: count } = stub(accountOrOrder);
  const late: typeof fetch = async (input, init) => {
    await nextTurn();
    return fetch(input, init);
  };
  const client = createUpvestClient(clientOptions("ed25519", { fetch: late }));
  await Promise.all(
    Array.from({ length: CALLERS }, () =>
      client.GET("/accounts/{account_id}", { params: { path: { account_id: accountId } } }),
    ),
  );
  return count();
}

const counts: number[] = [];
for (let round = 0; round < 7; round += 1) counts.push(await tokenRequests());

const operation = operationAt("GET", "/accounts/{account_id}");
const source = createTokenSource({
  request: (scope) => {
    const now = Date.now();
    return Promise.resolve({ accessToken: "token", scope, issuedAt: now, expiresAt: now + 1_800_000 });
  },
  clock: Date.now,
  storeKey: "bench",
});
const token = await source.get(operation);
const resolved = Promise.resolve(token);
const samples = await interleave({
  ours: timed(() => source.get(operation)),
  other: timed(() => resolved),
});
report([
  {
    name: `${CALLERS.toLocaleString("en")} cold callers at once: token requests`,
    ours: Math.max(...counts),
    against: "one each",
    other: CALLERS,
    unit: "requests",
    goal: { of: "ours", is: "=", value: 1 },
  },
  {
    name: "a token at hand",
    ours: median(samples.ours) * 1000,
    against: "await of a promise that is resolved",
    other: median(samples.other) * 1000,
    unit: "ns",
  },
]);

/**
 * How long signing with P-521 keeps the event loop from other work, 32 calls under way: the built client over a stubbed
 * fetch, against bare signing off the main thread and against signing on it, as the publisher's sample does.
 */
import { createSign, sign } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { promisify } from "node:util";
import { createUpvestClient } from "upvest-client";
import { interleave, versus, type Sampler } from "../harness/interleave.js";
import { report, type Goal } from "../harness/row.js";
import { accountId, clientOptions, keys } from "../support/fixtures.js";
import { loopDelay, type LoopDelay } from "../support/loop-delay.js";
import { accountOrOrder, stub } from "../support/stub.js";

const CALLERS = 32;
/** One after the other, by each caller. */
const CALLS = 4;

const client = createUpvestClient(clientOptions("p521", { fetch: stub(accountOrOrder).fetch }));
const base = Buffer.alloc(700, "x");
const signOffThread = promisify(sign);
const key = keys.p521.privateKey;

const calls = {
  ours: () => client.GET("/accounts/{account_id}", { params: { path: { account_id: accountId } } }),
  callback: () => signOffThread("sha512", base, key),
  // Then a turn of the loop, in which the answer would come.
  main: () => {
    createSign("SHA512").update(base).end().sign(key);
    return nextTurn();
  },
} satisfies Record<string, () => Promise<unknown>>;

function sampler(call: () => Promise<unknown>, figure: keyof LoopDelay): Sampler {
  const work = async (_: unknown, caller: number): Promise<void> => {
    // Calls do not all come in the same turn of the loop.
    for (let turn = 0; turn < caller; turn += 1) await nextTurn();
    for (let nth = 0; nth < CALLS; nth += 1) await call();
  };
  return async () => {
    const delay = await loopDelay(() => Promise.all(Array.from({ length: CALLERS }, work)));
    return delay[figure];
  };
}

async function compare(figure: keyof LoopDelay, what: string, goal?: Goal) {
  const samples = await interleave(
    {
      ours: sampler(calls.ours, figure),
      callback: sampler(calls.callback, figure),
      main: sampler(calls.main, figure),
    },
    { turns: 1, warmUp: 1 },
  );
  const row = { name: `32 calls with P-521: event loop ${what}`, unit: "ms" };
  return [
    versus(
      samples,
      { ...row, ...(goal && { goal }) },
      { ours: "ours", other: "main", against: "createSign on the main thread" },
    ),
    versus(samples, row, { ours: "ours", other: "callback", against: "callback form of node:crypto sign" }),
  ];
}

report([
  ...(await compare("blocked", "blocked, at most", { of: "ours", is: "<", value: 2 })),
  ...(await compare("p99", "late, 99th percentile")),
]);

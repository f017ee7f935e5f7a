/**
 * A walk through 10,000 items, 50 ms to each page: a loop that asks for a page when it is done with the last one, against
 * `paginate`. Where the caller works on a page, it waits 50 ms too, as for a database.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { createUpvestClient, unwrap } from "upvest-client";
import { interleave, versus } from "../harness/interleave.js";
import { atMost, report } from "../harness/row.js";
import { serve } from "../harness/serve.js";
import { clientOptions } from "../support/fixtures.js";

const ITEMS = 10_000;
/** ms */
const LATENCY = 50;

const { url, close } = await serve({ latency: LATENCY, total: ITEMS });
const client = createUpvestClient(clientOptions("ed25519", { baseUrl: url }));

type Work = () => Promise<unknown>;
const none: Work = () => Promise.resolve();
const work: Work = () => sleep(LATENCY);

async function naive(limit: number, onPage: Work): Promise<number> {
  let offset = 0;
  for (;;) {
    const { meta, data } = await unwrap(client.GET("/accounts", { params: { query: { offset, limit } } }));
    offset += data.length;
    await onPage();
    if (data.length === 0 || offset >= meta.total_count) return offset;
  }
}

async function ahead(limit: number, onPage: Work, concurrency = 1): Promise<number> {
  let items = 0;
  for await (const page of client
    .paginate("/accounts", { params: { query: { limit } }, concurrency })
    .pages()) {
    items += page.data.length;
    await onPage();
  }
  return items;
}

/** ms of a walk; all of them must see every item. */
const timed = (walk: () => Promise<number>) => async (): Promise<number> => {
  const start = performance.now();
  const items = await walk();
  if (items !== ITEMS) throw new Error(`a walk saw ${items} items of ${ITEMS}`);
  return performance.now() - start;
};

const plan = { rounds: 7, turns: 1, warmUp: 0 };
await naive(1000, none);
const thousand = await interleave(
  {
    naive: timed(() => naive(1000, none)),
    four: timed(() => ahead(1000, none, 4)),
    naiveWorking: timed(() => naive(1000, work)),
    aheadWorking: timed(() => ahead(1000, work)),
  },
  plan,
);
const hundred = await interleave(
  { naive: timed(() => naive(100, none)), four: timed(() => ahead(100, none, 4)) },
  plan,
);
close();

const loop = { other: "naive", against: "one page after the other" } as const;
report([
  versus(
    thousand,
    { name: "10 pages of 1,000, caller works 50 ms a page: one ahead", unit: "ms", goal: atMost(0.6) },
    { ours: "aheadWorking", other: "naiveWorking", against: "one page after the other" },
  ),
  versus(
    hundred,
    { name: "100 pages of 100: concurrency 4", unit: "ms", goal: atMost(0.3) },
    { ours: "four", ...loop },
  ),
  versus(thousand, { name: "10 pages of 1,000: concurrency 4", unit: "ms" }, { ours: "four", ...loop }),
]);

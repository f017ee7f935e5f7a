/**
 * Ten thousand writes and a thousand walks through a line on which everything goes wrong, by a plan that the seed
 * decides. `UPVEST_TEST_FULL=1` gives the full sizes; `UPVEST_CHAOS_SEED` repeats a run, or asks for a `random` one.
 * What was injected and what came of it is printed and written to coverage/chaos.md.
 */
import { getEventListeners } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UpvestClient } from "upvest-client";
import { throughBoth } from "./agreement.js";
import { clientAt } from "./client.js";
import { crowd } from "./crowd.js";
import { seedFrom } from "./dice.js";
import { leftSince, memory, resources, type Resources } from "./leftovers.js";
import { kinds } from "./plan.js";
import { injections, walksTable, writesTable, type JudgedWalk } from "./report.js";
import { startServers, type Servers } from "./servers.js";
import { takeStream } from "./streams.js";
import { blameworthy, by, judge, type Verdict } from "./verdict.js";
import { judgeWalk, walkToTheEnd } from "./walks.js";
import { perform, placeOrder, remove, withoutKey, type Make, type Write } from "./writes.js";

const full = process.env["UPVEST_TEST_FULL"] === "1";
const seed = seedFrom(process.env);
const sizes = full
  ? { keyed: 10_000, keyless: 1_000, deletes: 1_000, walks: 1_000, streams: 500, sandbox: 300 }
  : { keyed: 400, keyless: 100, deletes: 50, walks: 40, streams: 50, sandbox: 40 };
/** ms, one attempt. Stalls take as long; what it cuts short by mistake makes the storm no easier. */
const timeout = full ? 700 : 400;
const minutes = (count: number): number => count * 60_000;

const sections: string[] = [`seed ${seed}, ${full ? "full" : "small"} sizes`];

/** One signal for the whole storm: a server has one, and thousands of calls on it. */
const storm = new AbortController();
let mostListeners = 0;
const listeners = (): number => getEventListeners(storm.signal, "abort").length;

let before: Resources;
let servers: Servers;

beforeAll(() => {
  process.stdout.write(`chaos seed ${seed}: UPVEST_CHAOS_SEED=${seed} repeats this run\n`);
  before = resources();
  servers = startServers();
});

afterAll(async () => {
  // Where a test failed before it came to that.
  await servers.stop().catch(() => undefined);
  const report = `${sections.join("\n\n")}\n`;
  mkdirSync("coverage", { recursive: true });
  writeFileSync("coverage/chaos.md", report);
  process.stdout.write(report);
});

/** A place of its own for one part of the storm, with a client before it. */
async function inPlace<T>(
  aimedOnly: boolean,
  run: (client: UpvestClient, port: number) => Promise<T>,
): Promise<T> {
  const port = await servers.open({ seed, aimedOnly });
  try {
    return await run(clientAt(port, { timeout }), port);
  } finally {
    await servers.close(port);
  }
}

const manyWrites = (make: Make, kind: string, count: number): Promise<readonly Write[]> =>
  crowd(count, 64, async (index) => {
    mostListeners = Math.max(mostListeners, listeners());
    return perform(make, kind, index, { seed, lively: true, signal: storm.signal });
  });

const manyWalks = async (client: UpvestClient, count: number) =>
  (await crowd(count, 32, (index) => walkToTheEnd(client, index, seed, storm.signal))).flat();

/** Writes, the ledger beside them, the table into the report; fails where they differ. */
async function writesHold(title: string, kind: string, count: number): Promise<void> {
  const makers = { keyed: placeOrder, keyless: withoutKey, delete: remove };
  const [make, repeatable] = [makers[kind as keyof typeof makers], kind !== "keyless"];
  await inPlace(false, async (client, port) => {
    const writes = await manyWrites(make(client), kind, count);
    const seen = await servers.seen(port);
    const verdicts = judge(writes, seen, repeatable);
    const injected = injections(seen.meetings, kinds.write);
    const tokens = injections(seen.meetings, kinds.token);
    const struck = [...tokens.values()].reduce((sum, times) => sum + times, 0);
    const tokenRequests = seen.meetings.filter(({ call }) => call === kinds.token).length;
    sections.push(
      `## ${title}`,
      writesTable(verdicts, injected),
      `${seen.meetings.length} requests, ${tokenRequests} of them for tokens, ${struck} of those struck by a fault.`,
    );
    expect(verdicts).toHaveLength(count);
    expect(blameworthy(verdicts)).toEqual([]);
  });
}

describe("through a line on which everything goes wrong", () => {
  let atRest = 0;

  beforeAll(async () => {
    // What code and connections need once is not a leak.
    await inPlace(true, async (client) => {
      await manyWrites(placeOrder(client), "keyed", 100);
      await manyWalks(client, 5);
    });
    atRest = await memory();
  });

  it(
    "a write with an idempotency key takes effect exactly once where it reports success, and never twice; every error tells the truth",
    { timeout: minutes(3) },
    () => writesHold("Writes with an idempotency key", "keyed", sizes.keyed),
  );

  it(
    "a write without a key is never sent again once it may have arrived, and every error tells the truth",
    { timeout: minutes(1) },
    () => writesHold("Writes that take no idempotency key (POST, PATCH)", "keyless", sizes.keyless),
  );

  it("a DELETE is repeated, and every error tells the truth", { timeout: minutes(1) }, () =>
    writesHold("Deletes", "delete", sizes.deletes),
  );

  it(
    "a verified walk of a changing collection brings every item that stays exactly once, in order",
    { timeout: minutes(3) },
    async () => {
      await inPlace(false, async (client, port) => {
        const walks = await manyWalks(client, sizes.walks);
        const { meetings } = await servers.seen(port);
        const stayed = await servers.stayed(
          port,
          walks.map(({ name }) => name),
        );
        const meetingsOf = by(meetings, ({ call }) => call);
        const judged = walks.map((walk, index): JudgedWalk => {
          const met = meetingsOf.get(walk.name) ?? [];
          return {
            walk,
            faults: new Set(met.flatMap(({ fault }) => fault ?? [])),
            verdict: judgeWalk(walk, stayed[index] ?? []),
          };
        });
        sections.push("## Verified walks", walksTable(judged, injections(meetings, kinds.walk)));
        expect(walks.filter(({ failure }) => failure === undefined)).toHaveLength(sizes.walks);
        const wrong = judged.filter(({ verdict }) => verdict.lost + verdict.twice > 0 || !verdict.inOrder);
        expect(wrong).toEqual([]);
        // Or nothing was walked at all.
        const brought = walks.reduce((sum, { ids }) => sum + ids.length, 0);
        expect(brought).toBeGreaterThan(10 * sizes.walks);
      });
    },
  );

  it("an answer taken as a stream ends, well or with an error of ours", { timeout: minutes(1) }, async () => {
    await inPlace(false, async (client) => {
      const ends = await crowd(sizes.streams, 32, (index) =>
        takeStream(client, `${kinds.write}-stream-${index}`, seed, storm.signal),
      );
      expect(ends).toHaveLength(sizes.streams);
      const kindsOfEnd = ["read", "left", "refused", "failed"] as const;
      for (const end of ends) expect(kindsOfEnd).toContain(end);
      // A small run need not meet them all.
      if (full) for (const end of kindsOfEnd) expect(ends).toContain(end);
    });
  });

  it("leaves no socket, timer, listener or memory behind", { timeout: minutes(1) }, async () => {
    expect(mostListeners).toBe(1);
    expect(listeners()).toBe(0);
    await servers.stop();
    expect(await leftSince(before)).toEqual({});
    const grown = (await memory()) - atRest;
    sections.push(
      `## Left behind`,
      `Memory after the storm: ${Math.round(grown / 1024)} KiB more than before it.`,
    );
    expect(grown).toBeLessThan(16 * 1024 * 1024);
    servers = startServers();
  });
});

it("the ledger and the sandbox agree, call by call", { timeout: minutes(5) }, async () => {
  const { byLedger, bySandbox, injected, unverified } = await throughBoth(servers, sizes.sandbox, seed);
  sections.push("## Through the sandbox", writesTable(bySandbox, injected));
  expect(blameworthy(byLedger)).toEqual([]);
  expect(blameworthy(bySandbox)).toEqual([]);
  expect(unverified).toBe(0);
  const told = ({ write, effects }: Verdict): string =>
    `${write.outcome}, then ${write.settled ?? "left at that"}; took effect ${effects} times`;
  const differences = byLedger.flatMap((ledger, index) => {
    const sandbox = bySandbox[index];
    if (sandbox !== undefined && told(ledger) === told(sandbox)) return [];
    return { ledger, sandbox };
  });
  expect(differences).toEqual([]);
});

import { expect, expectSame } from "../expect.js";
import type { Check } from "../subject.js";
import { sandboxClient } from "./token.js";

/** How many accounts the sandbox has: three pages of 100. */
export const accounts = 250;

/** ms; what is already under way takes a few. */
const patience = 5_000;

/** Walks a collection item by item and page by page, the next page on its way meanwhile; and leaves a walk half-way. */
export const walk: Check = async (subject) => {
  let sent = 0;
  let told: () => void = () => undefined;
  const client = sandboxClient(subject, {
    fetch: (input, init) => {
      sent += 1;
      told();
      return fetch(input, init);
    },
  });
  /** Waits for a request that nobody but the walk makes. */
  const untilSent = async (count: number): Promise<void> => {
    if (sent >= count) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, patience);
      told = () => {
        if (sent < count) return;
        clearTimeout(timer);
        resolve();
      };
    });
    expect(sent >= count, "no page was fetched ahead");
  };

  const ids = new Set<string>();
  for await (const { id } of client.paginate("/accounts")) ids.add(id);
  expectSame(ids.size, accounts, "the number of accounts");

  const offsets: number[] = [];
  const before = sent;
  for await (const { meta } of client.paginate("/accounts").pages()) {
    offsets.push(meta.offset);
    // While this page is held, the next one is asked for.
    await untilSent(before + Math.min(offsets.length + 1, 3));
  }
  expectSame(offsets, [0, 100, 200], "the pages' offsets");
  expectSame(sent - before, 3, "the requests of a walk over three pages");

  const some = await client.paginate("/accounts").toArray({ max: 5 });
  expectSame(some.length, 5, "the number of accounts of a walk that was left");

  const verified = new Set<string>();
  for await (const { id } of client.paginate("/accounts", { verify: true })) verified.add(id);
  expectSame([...verified], [...ids], "what a verified walk yields");
};

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { paginate } from "../src/pagination.js";
import type { FetchPage, Page } from "../src/walk.js";

const items = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const collect = async <T>(source: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
};

const pageOf = (all: readonly number[], offset: number, size: number): Page<number> => {
  const data = all.slice(offset, offset + size);
  return { meta: { offset, limit: size, count: data.length, total_count: all.length }, data };
};

/** Lets everything that can happen without an answer happen. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
};

describe("concurrency", () => {
  it("holds as many pages as it may, beyond the one that the caller works on", async () => {
    const offsets: number[] = [];
    const fetchPage: FetchPage<number> = async (offset) => {
      offsets.push(offset);
      return { data: pageOf(items(1000), offset, 10), response: new Response(), attempts: 1 };
    };
    const walk = paginate(fetchPage, { start: 0, concurrency: 4 }).pages();
    for (const asked of [5, 6, 7]) {
      await walk.next();
      await settle();
      expect(offsets).toHaveLength(asked);
    }
    await walk.return?.();
  });

  it("gives what one page after the other gives, whatever the sizes and however short single pages are", async () => {
    const scenario = fc.record({
      count: fc.nat(120),
      limit: fc.integer({ min: 1, max: 30 }),
      cap: fc.integer({ min: 1, max: 30 }),
      start: fc.nat(130),
      concurrency: fc.integer({ min: 1, max: 9 }),
      // How many items the server leaves off the end of a page, page by page as they are asked for.
      short: fc.oneof(fc.constant<number[]>([]), fc.array(fc.nat(6), { maxLength: 60 })),
      scheduler: fc.scheduler(),
    });
    await fc.assert(
      fc.asyncProperty(
        scenario,
        async ({ count, limit, cap, start, concurrency, short, scheduler: answers }) => {
          let out = 0;
          let most = 0;
          let asked = 0;
          const fetchPage: FetchPage<number> = async (offset, signal) => {
            out += 1;
            most = Math.max(most, out);
            const left = (): void => {
              out -= 1;
            };
            signal.addEventListener("abort", left, { once: true });
            const size = Math.max(1, Math.min(limit, cap) - (short[(asked += 1)] ?? 0));
            await answers.schedule(Promise.resolve());
            signal.removeEventListener("abort", left);
            if (!signal.aborted) left();
            return { data: pageOf(items(count), offset, size), response: new Response(), attempts: 1 };
          };
          const walk = collect(paginate(fetchPage, { start, concurrency }));
          expect(await answers.waitFor(walk)).toEqual(items(count).slice(start));
          expect(most).toBeLessThanOrEqual(concurrency);
          const needed = Math.max(1, Math.ceil((count - start) / Math.min(limit, cap)));
          if (short.every((missing) => missing === 0)) expect(asked).toBe(needed);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  interface Change {
    readonly at: number;
    readonly count: number;
  }

  /** Walks a collection that changes between one answer and the next, answers coming in any order. */
  const walkedWhile = async (
    all: number[],
    { concurrency, size, plan, answers }: Scenario,
    change: (all: number[], change: Change) => void,
  ): Promise<number[]> => {
    let answered = 0;
    const fetchPage: FetchPage<number> = async (offset) => {
      await answers.schedule(Promise.resolve());
      const next = plan[answered];
      answered += 1;
      if (next !== undefined) change(all, next);
      return { data: pageOf(all, offset, size), response: new Response(), attempts: 1 };
    };
    return answers.waitFor(collect(paginate(fetchPage, { start: 0, concurrency })));
  };

  interface Scenario {
    readonly count: number;
    readonly size: number;
    readonly concurrency: number;
    readonly plan: readonly (Change | undefined)[];
    readonly answers: fc.Scheduler;
  }

  const scenarios: fc.Arbitrary<Scenario> = fc.record({
    count: fc.nat(80),
    size: fc.integer({ min: 1, max: 12 }),
    concurrency: fc.integer({ min: 1, max: 6 }),
    plan: fc.array(
      fc.option(fc.record({ at: fc.nat(99), count: fc.integer({ min: 1, max: 5 }) }), { nil: undefined }),
      {
        maxLength: 30,
      },
    ),
    answers: fc.scheduler(),
  });

  it("loses nothing where items come, as one page after the other loses nothing", async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const there = items(scenario.count);
        let fresh = 1_000;
        const walked = await walkedWhile([...there], scenario, (all, { at, count }) => {
          const come = Array.from({ length: count }, () => (fresh += 1));
          all.splice(at % (all.length + 1), 0, ...come);
        });
        expect(there.filter((item) => !walked.includes(item))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it("repeats nothing where items go, as one page after the other repeats nothing", async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const walked = await walkedWhile(items(scenario.count), scenario, (all, { at, count }) => {
          all.splice(at % Math.max(1, all.length), count);
        });
        expect(new Set(walked).size).toBe(walked.length);
      }),
      { numRuns: 2_000 },
    );
  });

  it("asks for few pages in vain where the collection changes all the time", async () => {
    const all = items(400);
    const offsets: number[] = [];
    const fetchPage: FetchPage<number> = async (offset) => {
      offsets.push(offset);
      all.push(1_000 + offsets.length);
      return { data: pageOf(all, offset, 10), response: new Response(), attempts: 1 };
    };
    const walked = await collect(paginate(fetchPage, { start: 0, concurrency: 8 }));
    expect(walked).toEqual(all.slice(0, walked.length));
    expect(walked.slice(0, 400)).toEqual(items(400));
    expect(offsets.length - Math.ceil(walked.length / 10)).toBeLessThan(2 * 8 + 4);
  });
});

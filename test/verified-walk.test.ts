import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UpvestApiError, UpvestError } from "../src/errors.js";
import { paginate } from "../src/pagination.js";
import type { FetchPage } from "../src/walk.js";

interface Item {
  readonly id: string;
}

/** A change to the collection; positions are taken modulo its size at that time. */
type Change =
  | { readonly insert: number; readonly count: number }
  | { readonly remove: number; readonly count: number };

const anyChange: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ insert: fc.nat(500), count: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ remove: fc.nat(500), count: fc.integer({ min: 1, max: 12 }) }),
);

/** A collection that changes by plan between one page and the next. */
function changing(size: number, pageSize: number, plan: readonly (readonly Change[])[]) {
  const items: Item[] = Array.from({ length: size }, (_, index) => ({ id: `first-${index}` }));
  const stays = new Set(items.map(({ id }) => id));
  let pages = 0;
  let made = 0;
  const apply = (change: Change): void => {
    if ("insert" in change) {
      const fresh = Array.from({ length: change.count }, () => ({ id: `later-${(made += 1)}` }));
      items.splice(change.insert % (items.length + 1), 0, ...fresh);
      return;
    }
    const gone = items.splice(items.length === 0 ? 0 : change.remove % items.length, change.count);
    for (const { id } of gone) stays.delete(id);
  };
  const fetchPage: FetchPage<Item> = async (offset) => {
    for (const change of plan[pages] ?? []) apply(change);
    pages += 1;
    await Promise.resolve();
    const data = items.slice(offset, offset + pageSize);
    const meta = { offset, limit: pageSize, count: data.length, total_count: items.length };
    return { data: { meta, data }, response: new Response(), attempts: 1 };
  };
  return { fetchPage, stays, pages: () => pages };
}

const walked = async (fetchPage: FetchPage<Item>, verify = true, start = 0): Promise<string[]> => {
  const ids: string[] = [];
  for await (const { id } of paginate(fetchPage, { start, verify })) ids.push(id);
  return ids;
};

describe("a verified walk", () => {
  it("yields every item that stays exactly once and in order, and none twice, whatever comes and goes", async () => {
    const scenario = fc.record({
      size: fc.nat(60),
      pageSize: fc.integer({ min: 2, max: 15 }),
      plan: fc.array(fc.array(anyChange, { maxLength: 3 }), { maxLength: 25 }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ size, pageSize, plan }) => {
        const { fetchPage, stays } = changing(size, pageSize, plan);
        const ids = await walked(fetchPage);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.filter((id) => stays.has(id))).toEqual([...stays]);
      }),
      { numRuns: 5_000 },
    );
  });

  it("is needed: the plain walk loses an item when one before it goes", async () => {
    const plan = [[], [{ remove: 0, count: 1 }]];
    expect(await walked(changing(6, 2, plan).fetchPage, false)).not.toContain("first-2");
    expect(await walked(changing(6, 2, plan).fetchPage)).toContain("first-2");
  });

  it("costs one item of overlap a page and no more where nothing changes", async () => {
    const { fetchPage, pages } = changing(100, 10, []);
    expect(await walked(fetchPage)).toHaveLength(100);
    expect(pages()).toBe(11);
  });

  it("of nothing is one empty page", async () => {
    const { fetchPage } = changing(0, 10, []);
    const pages: number[] = [];
    for await (const page of paginate(fetchPage, { start: 0, verify: true }).pages())
      pages.push(page.data.length);
    expect(pages).toEqual([0]);
  });

  it("starts where it is told to", async () => {
    const { fetchPage } = changing(10, 4, []);
    expect(await walked(fetchPage, true, 7)).toEqual(["first-7", "first-8", "first-9"]);
  });

  it("that starts further on loses no item that moves to before its start", async () => {
    const plan = [[], [{ remove: 0, count: 3 }]];
    const rest = [2, 3, 4, 5].map((index) => `first-${index}`);
    expect(await walked(changing(6, 2, plan).fetchPage, true, 2)).toEqual(rest);
  });

  it("that starts further on keeps its word, or says that it cannot, whatever comes and goes", async () => {
    const scenario = fc.record({
      size: fc.nat(60),
      start: fc.nat(40),
      pageSize: fc.integer({ min: 2, max: 15 }),
      plan: fc.array(fc.array(anyChange, { maxLength: 3 }), { maxLength: 25 }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ size, start, pageSize, plan }) => {
        const { fetchPage, stays } = changing(size, pageSize, [[], ...plan]);
        const from = [...stays].slice(start);
        const ids = await walked(fetchPage, true, start).catch((error: unknown) => {
          expect(error).toMatchObject({
            message: expect.stringMatching(/nothing that it has yielded is left/),
          });
          expect(error).toHaveProperty("resumeOffset", 0);
        });
        if (ids === undefined) return;
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.filter((id) => id.startsWith("first") && stays.has(id))).toEqual(
          from.filter((id) => stays.has(id)),
        );
      }),
      { numRuns: 5_000 },
    );
  });

  it("yields an item once, though a page holds it twice", async () => {
    const all = ["a", "b", "b", "c", "a", "d", "d"].map((id) => ({ id }));
    const fetchPage: FetchPage<Item> = async (offset) => {
      const data = all.slice(offset, offset + 4);
      const meta = { offset, limit: 4, count: data.length, total_count: all.length };
      return { data: { meta, data }, response: new Response(), attempts: 1 };
    };
    expect(await walked(fetchPage)).toEqual(["a", "b", "c", "d"]);
  });

  it("says so where it cannot be sure", async () => {
    const page =
      (data: readonly unknown[], total: number): FetchPage<Item> =>
      async (offset) => ({
        data: { meta: { offset, limit: 9, count: data.length, total_count: total }, data: data as Item[] },
        response: new Response(),
        attempts: 1,
      });
    await expect(walked(page([{ name: "no id" }], 1))).rejects.toThrow(/no id to know them by/);
    await expect(walked(page([{ id: "only" }], 5))).rejects.toThrow(/raise limit/);
    await expect(walked(page([], 5))).rejects.toThrow(/0 items out of 5/);
    let made = 0;
    const restless: FetchPage<Item> = (offset, signal) => {
      const fresh = Array.from({ length: 5 }, () => ({ id: `restless-${(made += 1)}` }));
      return page(fresh, 1_000_000)(offset, signal);
    };
    const walk = walked(restless);
    await expect(walk).rejects.toBeInstanceOf(UpvestError);
    await expect(walk).rejects.toThrow(/changes faster than it can be read/);
  });

  it("tells where it failed", async () => {
    const { fetchPage } = changing(20, 5, []);
    const call = { operationId: "list", operation: "GET /list", attempts: 1 };
    const failing: FetchPage<Item> = async (offset, signal) =>
      offset < 8
        ? fetchPage(offset, signal)
        : {
            error: new UpvestApiError(call, { status: 500, problem: { type: "internal", status: 500 } }),
            response: new Response(),
            attempts: 1,
          };
    await expect(walked(failing)).rejects.toMatchObject({ status: 500, resumeOffset: 8 });
  });

  it("that fails on its way back is to begin anew: what it was looking for may be anywhere", async () => {
    const { fetchPage } = changing(20, 5, [[], [], [{ remove: 0, count: 12 }]]);
    let pages = 0;
    const failing: FetchPage<Item> = async (offset, signal) => {
      pages += 1;
      if (pages === 4) throw new UpvestError("the network is away");
      return fetchPage(offset, signal);
    };
    await expect(walked(failing)).rejects.toMatchObject({ message: /away/, resumeOffset: 0 });
  });
});

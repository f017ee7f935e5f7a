import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UpvestApiError, UpvestConfigError, UpvestError } from "../src/errors.js";
import { paginate, type Pages } from "../src/pagination.js";
import type { FetchPage, Page } from "../src/walk.js";

const items = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** A collection behind a page call that records what was asked. */
function collection(all: readonly number[], pageSize: number, failAt?: number) {
  const offsets: number[] = [];
  const fetchPage: FetchPage<number> = async (offset) => {
    offsets.push(offset);
    await Promise.resolve();
    const response = new Response();
    if (offset === failAt) {
      const call = { operationId: "list", operation: "GET /list", attempts: 1 };
      const error = new UpvestApiError(call, { status: 500, problem: { type: "internal", status: 500 } });
      return { error, response, attempts: 1 };
    }
    const data = all.slice(offset, offset + pageSize);
    const meta = { offset, limit: pageSize, count: data.length, total_count: all.length };
    return { data: { meta, data }, response, attempts: 1 };
  };
  return { fetchPage, offsets };
}

const collect = async <T>(source: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
};

describe("paginate", () => {
  it("yields every item once, in order, whatever the page size", async () => {
    const sizes = fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 25 }), fc.nat(70));
    await fc.assert(
      fc.asyncProperty(sizes, async ([count, pageSize, start]) => {
        const { fetchPage, offsets } = collection(items(count), pageSize);
        expect(await collect(paginate(fetchPage, { start }))).toEqual(items(count).slice(start));
        const left = Math.max(0, count - start);
        expect(offsets).toHaveLength(Math.max(1, Math.ceil(left / pageSize)));
      }),
    );
  });

  it.each([
    null,
    undefined,
    [],
    "text",
    {},
    { meta: null, data: [] },
    { meta: { total_count: 1 }, data: {} },
  ])("says so where the answer is no page: %j", async (answer) => {
    const fetchPage: FetchPage<number> = async () => ({
      data: answer as Page<number>,
      response: new Response(),
      attempts: 1,
    });
    for (const verify of [false, true]) {
      const walk = collect(paginate(fetchPage, { start: 3, verify }));
      await expect(walk).rejects.toBeInstanceOf(UpvestError);
      await expect(walk).rejects.toMatchObject({
        message: "The answer is not a page: meta.total_count or data is missing",
        resumeOffset: 3,
      });
    }
  });

  it("goes by the items that came, where the server gives fewer than were asked for", async () => {
    const { fetchPage } = collection(items(10), 3);
    expect(await collect(paginate(fetchPage, { start: 0 }))).toEqual(items(10));
  });

  it("yields the pages with their meta; an empty collection is one empty page", async () => {
    const { fetchPage } = collection(items(5), 2);
    const pages = await collect(paginate(fetchPage, { start: 0 }).pages());
    expect(pages.map(({ meta, data }) => [meta.offset, data])).toEqual([
      [0, [0, 1]],
      [2, [2, 3]],
      [4, [4]],
    ]);
    expect(await collect(paginate(collection([], 2).fetchPage, { start: 0 }).pages())).toHaveLength(1);
  });

  it("fetches one page ahead while the caller works, and no more", async () => {
    const { fetchPage, offsets } = collection(items(100), 10);
    const walk = paginate(fetchPage, { start: 0 })[Symbol.asyncIterator]();
    await walk.next();
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    expect(offsets).toEqual([0, 10]);
    await walk.return?.();
  });

  it("cancels the page ahead when the loop is left", async () => {
    const { fetchPage } = collection(items(100), 10);
    const aborted: number[] = [];
    const slow: FetchPage<number> = (offset, signal) =>
      offset === 0
        ? fetchPage(offset, signal)
        : new Promise((_, reject) => {
            signal.addEventListener("abort", () => {
              aborted.push(offset);
              reject(signal.reason as Error);
            });
          });
    for await (const item of paginate(slow, { start: 0 })) if (item === 3) break;
    expect(aborted).toEqual([10]);
  });

  it("starts afresh at each iteration", async () => {
    const pages: Pages<number> = paginate(collection(items(4), 3).fetchPage, { start: 0 });
    expect(await collect(pages)).toEqual(await collect(pages));
  });

  it("tells where to resume, after every item before has been yielded", async () => {
    const { fetchPage } = collection(items(9), 3, 6);
    const seen: number[] = [];
    const walk = async (): Promise<void> => {
      for await (const item of paginate(fetchPage, { start: 0 })) seen.push(item);
    };
    await expect(walk()).rejects.toMatchObject({ status: 500, resumeOffset: 6 });
    expect(seen).toEqual(items(6));
  });

  it("ends with the caller's reason itself, be it an error of this package", async () => {
    const reason = new UpvestError("enough");
    const fetchPage: FetchPage<number> = (_, signal) =>
      new Promise((__, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    for (const verify of [false, true]) {
      const leaving = new AbortController();
      const walk = paginate(fetchPage, { start: 0, signal: leaving.signal, verify });
      const ended = [collect(walk), walk.toArray({ max: 9 })].map((end) => expect(end).rejects.toBe(reason));
      leaving.abort(reason);
      await Promise.all(ended);
    }
    expect(reason.resumeOffset).toBeUndefined();
  });

  it("ends with the caller's signal", async () => {
    const leaving = new AbortController();
    const fetchPage: FetchPage<number> = (_, signal) =>
      new Promise((__, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    const walk = collect(paginate(fetchPage, { start: 0, signal: leaving.signal }));
    leaving.abort(new Error("enough"));
    await expect(walk).rejects.toThrow("enough");
  });

  it("refuses a page that is not where it was asked for, and an answer that is no page", async () => {
    const page =
      (data: unknown): FetchPage<number> =>
      async () => ({
        data: data as Page<number>,
        response: new Response(),
        attempts: 1,
      });
    const shifted = { meta: { offset: 5, limit: 1, count: 1, total_count: 9 }, data: [1] };
    await expect(collect(paginate(page(shifted), { start: 0 }))).rejects.toThrow(
      /offset 0 begins at offset 5/,
    );
    await expect(collect(paginate(page({ meta: {}, data: [] }), { start: 0 }))).rejects.toBeInstanceOf(
      UpvestError,
    );
    await expect(collect(paginate(page({ meta: { total_count: 1 } }), { start: 0 }))).rejects.toThrow(
      /not a page/,
    );
  });
});

describe("toArray", () => {
  it("gives at most max items and fetches no page that it does not need", async () => {
    const { fetchPage, offsets } = collection(items(100), 10);
    expect(await paginate(fetchPage, { start: 0 }).toArray({ max: 15 })).toEqual(items(15));
    expect(offsets.length).toBeLessThanOrEqual(3);
    expect(await paginate(fetchPage, { start: 0 }).toArray({ max: 1_000 })).toEqual(items(100));
    expect(await paginate(collection(items(3), 2).fetchPage, { start: 0 }).toArray({ max: 0 })).toEqual([]);
  });

  it.each([-1, 1.5, Number.NaN])("refuses max %d", async (max) => {
    await expect(paginate(collection([], 1).fetchPage, { start: 0 }).toArray({ max })).rejects.toThrow(
      UpvestConfigError,
    );
  });
});

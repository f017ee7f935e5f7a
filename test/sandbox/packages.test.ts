import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { address, completeEvents, type Addressed } from "../../src/sandbox/delivery-events.js";
import { bodyOf, pack, retryWait } from "../../src/sandbox/packages.js";

test("the waits between attempts are the documented ones", () => {
  const waits = Array.from({ length: 20 }, (_, index) => retryWait(index + 1));
  expect(waits.slice(0, 13)).toEqual([1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377]);
  expect(new Set(waits.slice(13))).toEqual(new Set([600]));
  expect(retryWait(1_000_000)).toBe(600);
});

const addressed = (events: Parameters<typeof completeEvents>[0]): readonly Addressed[] =>
  completeEvents(events, 0).map((event) => address(event, "w"));

describe("a batch", () => {
  test("is in the order of created_at, to the nanosecond and across time zones", () => {
    const times = [
      "2024-08-19T13:06:57.820371266Z",
      "2024-08-19T13:06:57.82037127Z",
      "2024-08-19T13:06:57.8Z",
      "2024-08-19T13:06:58Z",
      "2024-08-19T15:06:57.820371265+02:00",
      "2024-08-19T13:06:57Z",
      "2024-08-19T13:06:57.800Z",
    ];
    const items = addressed(times.map((created_at) => ({ type: "A.B", object: {}, created_at })));
    const [sorted = []] = pack(
      items.map((event) => ({ event })),
      1_000_000,
    );
    const order = sorted.map(({ event }) => times.indexOf(event.created_at));
    expect(order).toEqual([5, 2, 6, 4, 0, 1, 3]);
  });

  test("is no larger than allowed, and as large as it can be; each event is in one, in order", () => {
    const event = fc.record({
      type: fc.constant("A.B"),
      object: fc.record({ text: fc.string({ unit: "grapheme", maxLength: 300 }) }),
      created_at: fc.integer({ min: 0, max: 50 }).map((at) => new Date(at).toISOString()),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), fc.integer({ min: 100, max: 3000 }), (events, most) => {
        const items = addressed(events).map((each) => ({ event: each }));
        const batches = pack(items, most).map((batch) => batch.map((item) => item.event));
        const all = batches.flat();
        expect(all).toHaveLength(items.length);
        expect(new Set(all)).toEqual(new Set(items.map((item) => item.event)));
        const times = all.map(({ created_at }) => created_at);
        expect(times).toEqual(times.toSorted());
        batches.forEach((batch, index) => {
          expect(batch.length).toBeGreaterThan(0);
          if (batch.length > 1) expect(bodyOf(batch).length).toBeLessThanOrEqual(most);
          const [next] = batches[index + 1] ?? [];
          if (next !== undefined) expect(bodyOf([...batch, next]).length).toBeGreaterThan(most);
        });
      }),
    );
  });

  test("of nothing is none", () => {
    expect(pack([], 100)).toEqual([]);
  });
});

import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Courier, Parcel } from "../../src/sandbox/courier.js";
import { address, completeEvents, type Addressed } from "../../src/sandbox/delivery-events.js";
import { createOutbox, type Target } from "../../src/sandbox/outbox.js";

/** Waits that are only over when the test says so, and a courier whose statuses the test gives. */
function openOutbox(target: Target | undefined, statuses: number[]) {
  const waits: { readonly ms: number; readonly end: () => void }[] = [];
  const sent: Parcel[] = [];
  const courier: Courier = async (parcel) => {
    sent.push(parcel);
    return { answered: { status: statuses.shift() ?? 200, headers: {}, body: "" } };
  };
  const outbox = createOutbox({
    webhookId: "w",
    target: () => target,
    courier,
    pause: (ms, signal) =>
      new Promise((resolve) => {
        const end = (): void => {
          signal.removeEventListener("abort", end);
          resolve();
        };
        waits.push({ ms, end });
        signal.addEventListener("abort", end);
      }),
  });
  return { outbox, waits, sent };
}

const events = (...ids: string[]): readonly Addressed[] =>
  completeEvents(
    ids.map((id) => ({ id, type: "ORDER.NEW", object: {}, created_at: "2024-03-01T10:00:00Z" })),
    0,
  ).map((event) => address(event, "w"));
const [sample] = events("0");
const SIZE = sample?.text.length ?? 0;

const AT_ONCE: Target = { url: "http://127.0.0.1", delay: 0, maxPackageSize: 1_000_000 };

describe("a delivery that fails", () => {
  test("is tried again after the documented waits, until it is taken", async () => {
    const failures = Array.from({ length: 16 }, () => 500);
    const { outbox, waits, sent } = openOutbox(AT_ONCE, [...failures]);
    const over = outbox.add(events("1"), 6);
    for (const index of failures.keys()) {
      await turn();
      expect(sent).toHaveLength(index + 1);
      waits[index]?.end();
    }
    expect(await over).toMatchObject([{ outcome: "delivered", attempts: 17, status: 200 }]);
    expect(waits.map(({ ms }) => ms / 1000)).toEqual([
      1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 600, 600, 600,
    ]);
  });

  test("holds up those behind it, which then go in their order", async () => {
    const { outbox, waits, sent } = openOutbox(AT_ONCE, [500]);
    const all = ["1", "2", "3"].map((id) => outbox.add(events(id), 6));
    await turn();
    expect(sent.map(({ eventIds }) => eventIds)).toEqual([["1"]]);
    waits[0]?.end();
    await Promise.all(all);
    expect(sent.map(({ eventIds }) => eventIds)).toEqual([["1"], ["1"], ["2"], ["3"]]);
  });

  test("and those behind it end with cancel; what comes later is delivered", async () => {
    const { outbox, sent } = openOutbox(AT_ONCE, [500]);
    const [first, second] = [outbox.add(events("1"), 6), outbox.add(events("2"), 6)];
    await turn();
    outbox.cancel();
    expect(await first).toMatchObject([{ outcome: "cancelled", attempts: 1, status: 500 }]);
    expect(await second).toMatchObject([{ outcome: "cancelled", attempts: 0, status: "unanswered" }]);
    expect(await outbox.add(events("3"), 6)).toMatchObject([{ outcome: "delivered", eventIds: ["3"] }]);
    expect(sent).toHaveLength(2);
  });
});

describe("events", () => {
  const slow: Target = { ...AT_ONCE, delay: 5000 };

  test("wait for others as long as the delay says, and share a delivery", async () => {
    const { outbox, waits, sent } = openOutbox(slow, []);
    const [first, second] = [outbox.add(events("1"), 6), outbox.add(events("2", "3"), 6)];
    await turn();
    expect(sent).toEqual([]);
    expect(waits.map(({ ms }) => ms)).toEqual([5000]);
    waits[0]?.end();
    const [delivery] = await first;
    expect(delivery?.eventIds).toEqual(["1", "2", "3"]);
    expect(await second).toEqual([delivery]);
    const third = outbox.add(events("4"), 6);
    await turn();
    expect(waits).toHaveLength(2);
    waits[1]?.end();
    expect(await third).toMatchObject([{ eventIds: ["4"] }]);
  });

  test("do not wait once their delivery is full", async () => {
    const { outbox, waits, sent } = openOutbox({ ...slow, maxPackageSize: 14 + 2 * SIZE + 1 }, []);
    const first = outbox.add(events("1", "2", "3"), 6);
    await turn();
    expect(sent.map(({ eventIds }) => eventIds)).toEqual([["1", "2"]]);
    const second = outbox.add(events("4", "5"), 6);
    await turn();
    expect(sent.map(({ eventIds }) => eventIds)).toEqual([
      ["1", "2"],
      ["3", "4"],
    ]);
    expect(waits).toHaveLength(1);
    waits[0]?.end();
    expect((await first).map(({ eventIds }) => eventIds)).toEqual([
      ["1", "2"],
      ["3", "4"],
    ]);
    expect((await second).map(({ eventIds }) => eventIds)).toEqual([["3", "4"], ["5"]]);
  });

  test("of the two signature versions share none", async () => {
    const { outbox, waits, sent } = openOutbox(slow, []);
    const both = [outbox.add(events("1"), 6), outbox.add(events("2"), 15)];
    for (const { end } of waits) end();
    await Promise.all(both);
    expect(sent.map(({ eventIds, version }) => [eventIds, version])).toEqual([
      [["1"], 6],
      [["2"], 15],
    ]);
  });

  test("that wait are over with cancel, and are never sent", async () => {
    const { outbox, sent } = openOutbox(slow, []);
    const first = outbox.add(events("1"), 6);
    outbox.cancel();
    expect(await first).toMatchObject([{ outcome: "cancelled", attempts: 0 }]);
    expect(sent).toEqual([]);
  });

  test("for an endpoint that is no more are over", async () => {
    const { outbox, sent } = openOutbox(undefined, []);
    expect(await outbox.add(events("1"), 6)).toMatchObject([{ outcome: "cancelled", attempts: 0 }]);
    expect(sent).toEqual([]);
  });
});

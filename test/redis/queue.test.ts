import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createQueue, type Grant } from "../../src/redis/queue.js";

/** A budget whose answers are given by hand. */
function byHand(): {
  readonly ask: () => Promise<Grant>;
  readonly asked: { answer(grant: Grant): void; fail(error: Error): void }[];
} {
  const asked: { answer(grant: Grant): void; fail(error: Error): void }[] = [];
  const ask = (): Promise<Grant> =>
    new Promise((resolve, reject) => {
      asked.push({ answer: resolve, fail: reject });
    });
  return { ask, asked };
}

const full = (operationId: string): Error => new Error(`${operationId}: full`);
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe("a queue in front of a budget over the network", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it("lets them go in order of arrival, whichever answer comes first", async () => {
    const { ask, asked } = byHand();
    const queue = createQueue({ ask, maxQueue: 10, full });
    const went: string[] = [];
    for (const operationId of ["a", "b", "c"]) {
      void queue.acquire({ operationId }).then(() => went.push(operationId));
    }
    asked[2]?.answer({ goIn: [0] });
    await settle();
    expect(went).toEqual(["a"]);
    asked[0]?.answer({ goIn: [50] });
    asked[1]?.answer({ goIn: [0] });
    await settle();
    expect(went).toEqual(["a", "b"]);
    await vi.advanceTimersByTimeAsync(50);
    expect(went).toEqual(["a", "b", "c"]);
    expect(asked).toHaveLength(3);
  });

  it("asks for eight at a time, and for no more than wait", async () => {
    const { ask, asked } = byHand();
    const queue = createQueue({ ask, maxQueue: 100, full });
    const all = Promise.all(Array.from({ length: 20 }, () => queue.acquire({ operationId: "a" })));
    expect(asked).toHaveLength(8);
    asked[0]?.answer({ goIn: [0] });
    await settle();
    expect(asked).toHaveLength(9);
    for (let nth = 1; nth < 20; nth += 1) {
      asked[nth]?.answer({ goIn: [0] });
      await settle();
    }
    await all;
    expect(asked).toHaveLength(20);
  });

  it("asks for several in one question where it is told to, and they go when each is due", async () => {
    const { ask, asked } = byHand();
    const questions: number[] = [];
    const counted = (most: number): Promise<Grant> => {
      questions.push(most);
      return ask();
    };
    const queue = createQueue({ ask: counted, pace: () => ({ most: 4, apart: 0 }), maxQueue: 100, full });
    const went: string[] = [];
    for (let nth = 0; nth < 10; nth += 1) {
      void queue.acquire({ operationId: `${nth}` }).then(() => went.push(`${nth}`));
    }
    // One asks as soon as there is something to ask for, so the first ones ask for one each.
    expect(questions).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    asked[0]?.answer({ goIn: [0] });
    await settle();
    expect(questions.at(-1)).toBe(2);
    // Fewer may be granted than were asked for: the others are asked for again.
    asked[8]?.answer({ goIn: [0, 20] });
    for (let nth = 1; nth < 8; nth += 1) asked[nth]?.answer({ askAgainIn: 10 });
    await settle();
    expect(went).toEqual(["0", "1"]);
    await vi.advanceTimersByTimeAsync(10);
    expect(questions.slice(9)).toEqual([4, 3]);
    asked[10]?.answer({ goIn: [0, 30, 40] });
    asked[9]?.answer({ goIn: [0, 0, 0, 50] });
    await vi.advanceTimersByTimeAsync(50);
    expect(went).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    expect(asked).toHaveLength(11);
  });

  it("asks evenly where it is told to, and stops when all have left", async () => {
    const { ask, asked } = byHand();
    const queue = createQueue({ ask, pace: () => ({ most: 2, apart: 30 }), maxQueue: 100, full });
    const leaving = new AbortController();
    const all = Promise.allSettled(
      Array.from({ length: 9 }, () => queue.acquire({ operationId: "a", signal: leaving.signal })),
    );
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(29);
    asked[0]?.answer({ goIn: [0] });
    await settle();
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(60);
    expect(asked).toHaveLength(4);
    leaving.abort(new Error("left"));
    await all;
    expect(vi.getTimerCount()).toBe(0);
  });

  it("asks again when it was told to, not before", async () => {
    const { ask, asked } = byHand();
    const queue = createQueue({ ask, maxQueue: 10, full });
    const all = Promise.all([queue.acquire({ operationId: "a" }), queue.acquire({ operationId: "b" })]);
    asked[0]?.answer({ askAgainIn: 300 });
    asked[1]?.answer({ askAgainIn: 500 });
    await vi.advanceTimersByTimeAsync(299);
    void queue.acquire({ operationId: "c" });
    expect(asked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toHaveLength(5);
    for (const { answer } of asked.slice(2)) answer({ goIn: [0] });
    await all;
  });

  it("gives what was granted to one who has left to the next", async () => {
    const { ask, asked } = byHand();
    const queue = createQueue({ ask, maxQueue: 10, full });
    const leaving = new AbortController();
    const left = queue.acquire({ operationId: "a", signal: leaving.signal });
    const next = queue.acquire({ operationId: "b" });
    asked[0]?.answer({ goIn: [10] });
    asked[1]?.answer({ askAgainIn: 60_000 });
    await settle();
    leaving.abort(new Error("left"));
    await expect(left).rejects.toThrow("left");
    await vi.advanceTimersByTimeAsync(10);
    await next;
  });

  it("keeps neither timer nor listener when all have left", async () => {
    const { ask, asked } = byHand();
    const queue = createQueue({ ask, maxQueue: 10, full });
    const leaving = new AbortController();
    const left = Promise.allSettled(
      Array.from({ length: 3 }, () => queue.acquire({ operationId: "a", signal: leaving.signal })),
    );
    asked[0]?.answer({ askAgainIn: 60_000 });
    await settle();
    leaving.abort(new Error("left"));
    expect((await left).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(getEventListeners(leaving.signal, "abort")).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
    // What comes too late starts nothing either, and the next is served as if nothing had been.
    asked[1]?.answer({ askAgainIn: 60_000 });
    asked[2]?.answer({ goIn: [0] });
    await settle();
    const next = queue.acquire({ operationId: "b" });
    asked[3]?.answer({ goIn: [0] });
    await next;
  });

  it("refuses at once when full and when the signal has aborted, without asking", async () => {
    const { ask, asked } = byHand();
    const queue = createQueue({ ask, maxQueue: 1, full });
    const first = queue.acquire({ operationId: "a" });
    await expect(queue.acquire({ operationId: "b" })).rejects.toThrow("b: full");
    const signal = AbortSignal.abort(new Error("early"));
    await expect(queue.acquire({ operationId: "c", signal })).rejects.toThrow("early");
    expect(asked).toHaveLength(1);
    asked[0]?.answer({ goIn: [0] });
    await first;
  });

  it("fails all who wait when there is no budget to ask", async () => {
    const { ask, asked } = byHand();
    const queue = createQueue({ ask, maxQueue: 20, full });
    const all = Promise.allSettled(Array.from({ length: 12 }, () => queue.acquire({ operationId: "a" })));
    asked[0]?.fail(new Error("not installed"));
    for (const { status } of await all) expect(status).toBe("rejected");
    expect(asked).toHaveLength(8);
    for (const { fail } of asked) fail(new Error("not installed"));
    await settle();
  });
});

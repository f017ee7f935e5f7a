import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UpvestConfigError } from "../../src/index.js";
import { memorySeenStore } from "../../src/webhooks/index.js";
import { createLocks } from "../../src/webhooks/seen.js";

describe("memorySeenStore", () => {
  it("forgets an entry when its time is over", async () => {
    let time = 0;
    const store = memorySeenStore({ clock: () => time });
    await store.set("a", "handled", 1_000);
    time = 999;
    expect(await store.get("a")).toBe("handled");
    time = 1_000;
    expect(await store.get("a")).toBeUndefined();
    expect(await store.get("b")).toBeUndefined();
  });

  it("keeps no more than max entries: the oldest go first, and an entry set anew is young", async () => {
    const store = memorySeenStore({ max: 3 });
    for (const id of ["a", "b", "c", "a", "d"]) await store.set(id, id, 60_000);
    const kept = await Promise.all(["a", "b", "c", "d"].map((id) => store.get(id)));
    expect(kept).toEqual(["a", undefined, "c", "d"]);
  });

  it("keeps what a plain list would keep, whatever is set in whatever order", async () => {
    const ids = ["a", "b", "c", "d", "e"];
    const step = fc.record({
      id: fc.constantFrom(...ids),
      ttl: fc.constantFrom(0, 1, 5, 50),
      pass: fc.constantFrom(0, 0, 1, 10),
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step), async (max, steps) => {
        let time = 0;
        const store = memorySeenStore({ max, clock: () => time });
        let list: { readonly id: string; readonly value: string; readonly until: number }[] = [];
        for (const [nth, { id, ttl, pass }] of steps.entries()) {
          time += pass;
          const value = String(nth);
          await store.set(id, value, ttl);
          list = [...list.filter((entry) => entry.id !== id), { id, value, until: time + ttl }];
          while (list.length > max || (list[0] && list[0].until <= time)) list.shift();
          for (const each of ids) {
            const kept = list.find((entry) => entry.id === each && entry.until > time);
            expect(await store.get(each)).toBe(kept?.value);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses max %s", (max) => {
    expect(() => memorySeenStore({ max })).toThrow(UpvestConfigError);
  });
});

describe("locks", () => {
  it("let nothing with a common key overlap, let the rest run, and go on after a failure", async () => {
    const exclusively = createLocks();
    const running = new Set<string>();
    let most = 0;
    const work = (keys: readonly string[]) => async (): Promise<string> => {
      expect(keys.some((key) => running.has(key))).toBe(false);
      for (const key of keys) running.add(key);
      most = Math.max(most, running.size);
      await new Promise(setImmediate);
      for (const key of keys) running.delete(key);
      if (keys.includes("c")) throw new Error("no");
      return keys.join("");
    };
    const sets = [["a", "b"], ["b", "c"], ["c", "a"], ["d"], ["a", "a"], [], ["c", "d"], ["b"]];
    const results = await Promise.allSettled(sets.map((keys) => exclusively(keys, work(keys))));
    expect(results.map((result) => (result.status === "fulfilled" ? result.value : "failed"))).toEqual([
      "ab",
      "failed",
      "failed",
      "d",
      "aa",
      "",
      "failed",
      "b",
    ]);
    expect(most).toBeGreaterThan(2);
  });
});

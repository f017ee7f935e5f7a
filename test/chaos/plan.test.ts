import { describe, expect, it } from "vitest";
import { dice, seedFrom, uuid } from "./dice.js";
import { aimed, allFaults, kinds, plan, type Plan } from "./plan.js";
import { blameworthy, judge } from "./verdict.js";
import { judgeWalk } from "./walks.js";
import type { Write } from "./writes.js";

/** What a plan has in store for some hundred calls. */
const storyOf = (strike: Plan): readonly string[] =>
  Array.from({ length: 500 }, (_, index) =>
    Array.from({ length: 16 }, (_, nth) => strike(`${kinds.write}-keyed-${index}`, nth)?.name ?? "-").join(
      "; ",
    ),
  );

describe("the plan", () => {
  it("is the same for the same seed, whoever asks in whatever order, and another for another", () => {
    const story = storyOf(plan(1));
    const strike = plan(1);
    strike("write-keyed-499", 3);
    expect(storyOf(strike)).toEqual(story);
    expect(storyOf(plan(2))).not.toEqual(story);
  });

  it("has calls that meet nothing, one fault, several, and more than the client makes attempts", () => {
    const faults = storyOf(plan(1)).map((line) => line.split("; ").filter((name) => name !== "-").length);
    for (const count of [0, 1, 7, 8]) expect(faults).toContain(count);
    const late = storyOf(plan(1)).map((line) => line.split("; ").slice(12).join(""));
    expect(new Set(late)).toEqual(new Set(["----"]));
  });

  it("has every fault in it", () => {
    const strike = plan(1);
    const seen = new Set<string | undefined>();
    for (let index = 0; index < 10_000; index += 1) {
      seen.add(strike(`${kinds.write}-keyed-${index}`, 0)?.name);
      seen.add(strike(`${kinds.walk}-${index}`, 0)?.name);
    }
    expect(allFaults.filter(({ name }) => !seen.has(name))).toEqual([]);
    expect(new Set(allFaults.map(({ name }) => name)).size).toBe(allFaults.length);
  });

  it("can be held to faults that strike one call only", () => {
    const strike = plan(1, aimed);
    for (let index = 0; index < 1_000; index += 1) {
      expect(strike(`${kinds.write}-keyed-${index}`, 0)?.spreads).toBeUndefined();
    }
  });
});

describe("the dice", () => {
  it("fall evenly, and independently of their names", () => {
    const throws = Array.from({ length: 20_000 }, (_, index) => dice(7, "name", index).next());
    const tenths = Array.from({ length: 10 }, (_, tenth) =>
      throws.filter((x) => Math.floor(x * 10) === tenth),
    );
    for (const { length } of tenths) expect(Math.abs(length - 2_000)).toBeLessThan(200);
    const keys = throws.map((_, index) => uuid(dice(7, "key", index)));
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys.slice(0, 100))
      expect(key).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  });

  it("start from the seed that is given", () => {
    expect(seedFrom({})).toBe(seedFrom({}));
    expect(seedFrom({ UPVEST_CHAOS_SEED: "17" })).toBe(17);
    expect(seedFrom({ UPVEST_CHAOS_SEED: "random" })).not.toBe(seedFrom({ UPVEST_CHAOS_SEED: "random" }));
    expect(() => seedFrom({ UPVEST_CHAOS_SEED: "soon" })).toThrow(/it is soon/);
  });
});

describe("the verdict", () => {
  const write: Write = {
    call: "w",
    outcome: "success",
    key: "k",
    id: "effect-1",
    repeated: 0,
    settled: undefined,
    told: "success",
  };
  const entry = { call: "w", key: "k", id: "effect-1", effects: 1 };
  const meeting = (nth: number, fault?: string, status?: number) => ({
    call: "w",
    nth,
    fault,
    ...(status !== undefined && { status }),
  });
  const blame = (different: Partial<Write>, entries = [entry], meetings = [meeting(0)], repeatable = true) =>
    blameworthy(judge([{ ...write, ...different }], { entries, meetings }, repeatable)).join();

  it("finds nothing where all is well", () => {
    expect(blame({})).toBe("");
    expect(blame({ outcome: "refused", id: undefined }, [])).toBe("");
    expect(blame({ outcome: "unknown", id: undefined }, [])).toBe("");
    expect(blame({ outcome: "unknown", settled: "success", repeated: 2 })).toBe("");
    expect(blame({}, [entry], [meeting(0, "429"), meeting(1, undefined, 401), meeting(2)], false)).toBe("");
  });

  it("finds what a client can do wrong", () => {
    expect(blame({}, [])).toContain("LOST");
    expect(blame({ outcome: "unknown", settled: "success" }, [])).toContain("LOST");
    expect(blame({}, [entry, { ...entry, key: "other" }])).toContain("DUPLICATED");
    for (const outcome of ["refused", "no connection", "timeout", "not sent"] as const) {
      expect(blame({ outcome })).toContain("told that it is not done");
    }
    expect(blame({ id: "effect-2" })).toContain("the answer is of another call");
    expect(blame({ key: "other" })).toContain("under another key");
    expect(blame({ outcome: "unknown", settled: "unknown", repeated: 20 })).toContain("never settled");
    const again = [meeting(0, "closed before the server saw it"), meeting(1)];
    expect(blame({}, [entry], again, false)).toContain("sent again");
    expect(blame({}, [entry], again, true)).toBe("");
  });

  it("finds what a walk can do wrong", () => {
    const walk = (ids: readonly string[], failed = false) =>
      judgeWalk({ name: "walk", ids, told: "", ...(failed && { failure: "refused" as const }) }, [
        "a",
        "b",
        "c",
      ]);
    expect(walk(["a", "new", "b", "c"])).toEqual({ lost: 0, twice: 0, inOrder: true });
    expect(walk(["a", "c"])).toMatchObject({ lost: 1 });
    expect(walk(["a", "b", "b", "c"])).toMatchObject({ twice: 1 });
    expect(walk(["a", "c", "b"])).toMatchObject({ inOrder: false });
    expect(walk(["a", "b"], true)).toEqual({ lost: 0, twice: 0, inOrder: true });
    expect(walk(["a", "c"], true)).toMatchObject({ lost: 1, inOrder: false });
  });
});

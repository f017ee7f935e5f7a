import type { Meeting } from "./edge.js";
import { allFaults } from "./plan.js";
import type { Entry } from "./ledger.js";
import { meanings, type Write } from "./writes.js";

/** What the ledger says of a call, beside what the client said. */
export interface Verdict {
  readonly write: Write;
  /** Faults that its requests met. */
  readonly faults: ReadonlySet<string>;
  /** How often it took effect. */
  readonly effects: number;
  /** Reported done (by the call, or by its repetition), and not there. */
  readonly lost: boolean;
  /** There more than once. */
  readonly duplicated: boolean;
  /** Whatever else the client should not have said or done; empty where all is well. */
  readonly wrong: readonly string[];
}

export const by = <T>(list: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
};

const refusing = new Set(allFaults.filter(({ refuses }) => refuses === true).map(({ name }) => name));

/** Sent again although an earlier request may have arrived: everything but a clear refusal leaves that open. */
const sentAgain = (meetings: readonly Meeting[]): boolean =>
  meetings.slice(0, -1).some(({ fault, status }) => status !== 401 && !refusing.has(fault ?? ""));

/** @param repeatable false: without a key, the client must not send it again once it may have arrived */
export function judge(
  writes: readonly Write[],
  { entries, meetings }: { readonly entries: readonly Entry[]; readonly meetings: readonly Meeting[] },
  repeatable: boolean,
): readonly Verdict[] {
  const entriesOf = by(entries, ({ call }) => call);
  const meetingsOf = by(meetings, ({ call }) => call);
  return writes.map((write) => {
    const done = entriesOf.get(write.call) ?? [];
    const met = meetingsOf.get(write.call) ?? [];
    const effects = done.reduce((sum, entry) => sum + entry.effects, 0);
    const meaning = meanings[write.outcome];
    const [entry] = done;
    const wrong = [
      meaning === "not done" && effects > 0 && `told that it is not done (${write.told}), and it is`,
      meaning === "done" && write.told !== "success" && "success and error at once",
      write.id !== undefined &&
        entry?.id !== undefined &&
        write.id !== entry.id &&
        "the answer is of another call",
      entry?.key !== undefined &&
        write.key !== undefined &&
        entry.key !== write.key &&
        "done under another key",
      write.settled !== undefined && meanings[write.settled] === "either" && "never settled",
      !repeatable && sentAgain(met) && "sent again after it may have arrived",
    ].filter((text) => text !== false);
    const reportedDone = meaning === "done" || write.settled === "success";
    return {
      write,
      faults: new Set(met.flatMap(({ fault }) => fault ?? [])),
      effects,
      lost: reportedDone && effects === 0,
      duplicated: effects > 1,
      wrong,
    };
  });
}

/** What a reader of a failed run needs in order to look into it. */
export const blameworthy = (verdicts: readonly Verdict[]): readonly string[] =>
  verdicts
    .filter(({ lost, duplicated, wrong }) => lost || duplicated || wrong.length > 0)
    .map(({ write, faults, lost, duplicated, wrong }) =>
      [
        write.call,
        write.outcome,
        ...(lost ? ["LOST"] : []),
        ...(duplicated ? ["DUPLICATED"] : []),
        ...wrong,
        `met: ${[...faults].join(", ") || "nothing"}`,
      ].join("; "),
    );

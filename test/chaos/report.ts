import type { Meeting } from "./edge.js";
import { allFaults } from "./plan.js";
import type { Verdict } from "./verdict.js";
import type { Walk, WalkVerdict } from "./walks.js";
import type { Outcome } from "./writes.js";

const outcomes: readonly Outcome[] = [
  "success",
  "refused",
  "unknown",
  "no connection",
  "timeout",
  "not sent",
  "aborted",
];

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map((_, index) => (index === 0 ? "---" : "---:")), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");

const count = <T>(list: readonly T[], test: (item: T) => boolean): number => list.filter(test).length;

const none = "(no fault)";

/** Faults in the order of the catalogue, and the calls that met none. */
const rowsOf = <T>(
  list: readonly { readonly faults: ReadonlySet<string>; readonly item: T }[],
  injected: ReadonlyMap<string, number>,
  cells: (met: readonly T[]) => readonly number[],
): (readonly (string | number)[])[] => [
  ...allFaults.map(({ name }) => {
    const met = list.filter(({ faults }) => faults.has(name)).map(({ item }) => item);
    return [name, injected.get(name) ?? 0, met.length, ...cells(met)];
  }),
  [
    none,
    0,
    count(list, ({ faults }) => faults.size === 0),
    ...cells(list.filter(({ faults }) => faults.size === 0).map(({ item }) => item)),
  ],
  [
    "all",
    [...injected.values()].reduce((sum, times) => sum + times, 0),
    list.length,
    ...cells(list.map(({ item }) => item)),
  ],
];

/** How often each fault was injected into requests of calls whose name begins so. */
export function injections(meetings: readonly Meeting[], kind: string): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { call, fault } of meetings) {
    if (fault !== undefined && call.startsWith(kind)) times.set(fault, (times.get(fault) ?? 0) + 1);
  }
  return times;
}

/** A call that met several faults is counted in the row of each. */
export const writesTable = (verdicts: readonly Verdict[], injected: ReadonlyMap<string, number>): string =>
  table(
    [
      "fault",
      "injected",
      "calls that met it",
      ...outcomes,
      "repeated, then done",
      "lost",
      "duplicated",
      "wrong",
    ],
    rowsOf(
      verdicts.map((verdict) => ({ faults: verdict.faults, item: verdict })),
      injected,
      (met) => [
        ...outcomes.map((outcome) => count(met, ({ write }) => write.outcome === outcome)),
        count(met, ({ write }) => write.settled === "success"),
        count(met, ({ lost }) => lost),
        count(met, ({ duplicated }) => duplicated),
        count(met, ({ wrong }) => wrong.length > 0),
      ],
    ),
  );

export interface JudgedWalk {
  readonly walk: Walk;
  readonly faults: ReadonlySet<string>;
  readonly verdict: WalkVerdict;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Walks that failed are walks too: what had come until then is judged as well. */
export const walksTable = (walks: readonly JudgedWalk[], injected: ReadonlyMap<string, number>): string =>
  table(
    [
      "fault",
      "injected",
      "walks that met it",
      "to the end",
      "failed",
      "items lost",
      "items twice",
      "out of order",
    ],
    rowsOf(
      walks.map((walk) => ({ faults: walk.faults, item: walk })),
      injected,
      (met) => [
        count(met, ({ walk }) => walk.failure === undefined),
        count(met, ({ walk }) => walk.failure !== undefined),
        sum(met.map(({ verdict }) => verdict.lost)),
        sum(met.map(({ verdict }) => verdict.twice)),
        count(met, ({ verdict }) => !verdict.inOrder),
      ],
    ),
  );

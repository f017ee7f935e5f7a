/** What all changes come to, in counts and in words. */
import type { Json } from "../generate/json.js";
import { isBreaking, type Change, type Diff } from "./diff.js";
import type { Kind } from "./finding.js";
import { PHRASES } from "./phrases.js";
import type { Bump } from "./rules.js";

export interface Summary {
  readonly changes: number;
  /** Changes that ask for a major version: code written against our types breaks. */
  readonly breakCode: number;
  /** Changes that break callers on the wire, but not their code. */
  readonly breakWireOnly: number;
  readonly compatible: number;
}

export type Severity = "code" | "wire" | "compatible";

export const severityOf = (change: Change): Severity =>
  change.types === "major" ? "code" : isBreaking(change) ? "wire" : "compatible";

export function summarise({ changes }: Diff): Summary {
  const count = (severity: Severity): number =>
    changes.filter((change) => severityOf(change) === severity).length;
  return {
    changes: changes.length,
    breakCode: count("code"),
    breakWireOnly: count("wire"),
    compatible: count("compatible"),
  };
}

/** What asks for the bump, the commonest first: `7 fields now optional (received)`. */
export function reasons({ changes, bump }: Pick<Diff, "changes" | "bump">): string[] {
  const counts = new Map<string, { readonly kind: Kind; readonly side: string; count: number }>();
  for (const change of changes) {
    if (bump === "none" || change.types !== bump) continue;
    const side = positionsOf(change);
    const key = PHRASES[change.kind].one + side;
    const known = counts.get(key) ?? { kind: change.kind, side, count: 0 };
    known.count += 1;
    counts.set(key, known);
  }
  return [...counts.values()]
    .toSorted((a, b) => b.count - a.count || (a.kind < b.kind ? -1 : 1))
    .map(({ kind, side, count }) => {
      const { one, many } = PHRASES[kind];
      return `${count} ${count === 1 ? one : many}${side === "" ? "" : ` (${side})`}`;
    });
}

/** Who writes the value, from the view of a user of the package. */
export function positionsOf({ positions }: Pick<Change, "positions">): string {
  return positions
    .map((position) => (position === "request" ? "sent" : "received"))
    .toSorted()
    .toReversed()
    .join(" and ");
}

export const bumpText = (bump: Bump): string => (bump === "none" ? "no release" : `a ${bump} release`);

export const valueText = (value: Json | undefined): string =>
  value === undefined ? "none" : Array.isArray(value) ? value.map(valueText).join(", ") : scalarText(value);

const scalarText = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Compares what two schemas say of a value itself: its type, the values listed, format, pattern, limits, default. */
import { canonicalText, compareText, own, type Json } from "../generate/json.js";
import type { Description } from "./description.js";
import type { Difference, SchemaKind } from "./finding.js";
import type { View } from "./view.js";

type Found = (kind: SchemaKind, change?: Partial<Difference>) => void;

interface Sides {
  readonly before: Description;
  readonly after: Description;
}

export function compareValues(a: View, b: View, sides: Sides, found: Found): void {
  if (!compareTypes(a, b, found)) return;
  compareEnums(a, b, sides, found);
  compareKeyword(a, b, "format", found);
  compareKeyword(a, b, "pattern", found);
  compareKeyword(a, b, "default", found);
  for (const [keyword, direction] of LIMITS) compareLimit(a, b, keyword, direction, found);
}

/** Whether the two have a type in common, so that there is more to compare. */
function compareTypes(a: View, b: View, found: Found): boolean {
  const gone = a.types.filter((type) => !admits(b, type));
  const come = b.types.filter((type) => !admits(a, type));
  if (gone.length === 0 && come.length === 0) {
    // Who names no type admits every type.
    const named = [a, b].map(({ types }) => types.length > 0);
    if (named[0] !== named[1])
      found(named[0] ? "value-type.widened" : "value-type.narrowed", typeNames(a, b));
    return true;
  }
  const kind =
    gone.length === 0
      ? "value-type.widened"
      : come.length === 0
        ? "value-type.narrowed"
        : "value-type.changed";
  found(kind, typeNames(a, b));
  return a.types.some((type) => admits(b, type)) || b.types.some((type) => admits(a, type));
}

const admits = ({ types }: View, type: string): boolean =>
  types.length === 0 || types.includes(type) || (type === "integer" && types.includes("number"));

const typeNames = (a: View, b: View): Change => ({
  before: a.types.join(" | ") || "anything",
  after: b.types.join(" | ") || "anything",
});

function compareEnums(a: View, b: View, { before, after }: Sides, found: Found): void {
  // The types of events are compared across all events, not one by one.
  if (before.eventTypes.has(a.identity) || after.eventTypes.has(b.identity)) return;
  if (a.values === undefined || b.values === undefined) {
    if (b.values !== undefined) found("enum.introduced", { after: inOrder(b.values) });
    else if (a.values !== undefined) found("enum.lifted", { before: inOrder(a.values) });
    return;
  }
  const tag = before.closed.has(a.identity) || after.closed.has(b.identity);
  for (const value of missing(b.values, a.values)) {
    found(tag ? "tag.value-added" : "enum.value-added", { after: value });
  }
  for (const value of missing(a.values, b.values)) {
    found(tag ? "tag.value-removed" : "enum.value-removed", { before: value });
  }
}

const inOrder = (values: readonly Json[]): Json[] =>
  values.toSorted((a, b) => compareText(canonicalText(a), canonicalText(b)));

function missing(from: readonly Json[], others: readonly Json[]): Json[] {
  const known = new Set(others.map(canonicalText));
  return from.filter((value) => !known.has(canonicalText(value)));
}

function compareKeyword(a: View, b: View, keyword: "format" | "pattern" | "default", found: Found): void {
  const was = own(a.schema, keyword);
  const is = own(b.schema, keyword);
  if (canonicalText(was) === canonicalText(is)) return;
  const change = was === undefined ? "added" : is === undefined ? "removed" : "changed";
  found(`${keyword}.${change}`, changed(was, is));
}

/** Each limit, and whether a greater number asks for more (`1`) or for less (`-1`). */
const LIMITS: readonly (readonly [string, 1 | -1])[] = [
  ["minLength", 1],
  ["maxLength", -1],
  ["minimum", 1],
  ["maximum", -1],
  ["exclusiveMinimum", 1],
  ["exclusiveMaximum", -1],
  ["minItems", 1],
  ["maxItems", -1],
  ["minProperties", 1],
  ["maxProperties", -1],
];

function compareLimit(a: View, b: View, keyword: string, direction: 1 | -1, found: Found): void {
  const was = own(a.schema, keyword);
  const is = own(b.schema, keyword);
  const [before, after] = [was, is].map((limit) => strictness(limit, direction));
  if (before === undefined || after === undefined || before === after) return;
  found(after > before ? "limit.tightened" : "limit.loosened", { ...changed(was, is), detail: keyword });
}

/** Without a limit, nothing is asked. */
const strictness = (limit: Json | undefined, direction: 1 | -1): number =>
  typeof limit === "number" ? limit * direction : Number.NEGATIVE_INFINITY;

type Change = Pick<Difference, "before" | "after">;

const changed = (was: Json | undefined, is: Json | undefined): Change => ({
  ...(was !== undefined && { before: was }),
  ...(is !== undefined && { after: is }),
});

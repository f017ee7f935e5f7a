import type { Change, Diff } from "./diff.js";
import type { Kind } from "./finding.js";
import { PHRASES, type Phrase } from "./phrases.js";
import { placeName } from "./place-name.js";
import { valueText } from "./summary.js";

export interface Line {
  /** Changes under one heading with the same key stand on one line. */
  readonly key: string;
  readonly mark: "+" | "-" | "~";
  /** What has happened, for so many items. */
  readonly text: (count: number) => string;
  /** What it has happened to, where the text does not say so. */
  readonly items: readonly string[];
}

/** Each of these has a line to itself, and needs no place. */
const SINGLES: ReadonlySet<Kind> = new Set([
  "operation.added",
  "operation.removed",
  "event.added",
  "event.removed",
]);

/** @param diff where the names of operations are found */
export function changeLine(change: Change, diff: Diff): Line {
  const { kind, detail } = change;
  const phrase = phraseOf(change);
  const mark = /\.added/.test(kind) ? "+" : kind.endsWith("removed") ? "-" : "~";
  const place = placeOf(change);
  const at = place === "" ? "" : `${place}: `;
  const count = (items: number): string => (items === 1 ? phrase.one : phrase.many);
  const alone = (text: string): Line => ({ key: `${kind} ${text}`, mark, text: () => text, items: [] });
  switch (phrase.style) {
    case "names":
      return {
        key: `${phrase.one} ${change.why}`,
        mark,
        text: count,
        items: [place === "" ? "as a whole" : place],
      };
    case "values": {
      const value = valueOf(change, diff);
      const single = SINGLES.has(kind) ? value : "";
      return { key: `${kind} ${at}${single}`, mark, text: (items) => at + count(items), items: [value] };
    }
    case "changes":
      return { key: kind, mark, text: count, items: [stepOf(change)] };
    case "change":
      return alone(
        `${at}${[phrase.one, detail].filter((part) => part !== undefined).join(", ")} ${stepOf(change)}`,
      );
    case "plain":
      return alone(`${at}${phrase.one}${detail === undefined ? "" : ` (${detail})`}`);
  }
}

/** A field that answers always hold is new to readers, and no more: that it is required is for callers. */
function phraseOf({ kind, positions }: Change): Phrase {
  const readOnly = kind === "field.added-required" && !positions.includes("request");
  return PHRASES[readOnly ? "field.added" : kind];
}

function placeOf({ kind, pointer, subject }: Change): string {
  const said = subject.in === "api" || /^(?:event|scope|status|error-status|request-body)/.test(kind);
  return said ? "" : placeName(pointer);
}

function stepOf({ before, after }: Change): string {
  if (before === undefined) return valueText(after);
  return after === undefined ? `${valueText(before)} -> none` : `${valueText(before)} -> ${valueText(after)}`;
}

function valueOf({ kind, subject, before, after, operations }: Change, diff: Diff): string {
  const value = valueText(after ?? before);
  if (kind === "event.added" || kind === "event.removed") return `${subject.name} (${value})`;
  if (!SINGLES.has(kind)) return value;
  const [key = ""] = operations;
  const id = (diff.after.operations.get(key) ?? diff.before.operations.get(key))?.id;
  return id === undefined ? value : `${value} (${id})`;
}

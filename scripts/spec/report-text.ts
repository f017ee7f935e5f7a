/** A diff for people: what breaks first, by tag and then by operation or type, one line for what belongs together. */
import { compareText } from "../generate/json.js";
import type { Change, Diff } from "./diff.js";
import { changeLine } from "./report-line.js";
import { bumpText, positionsOf, reasons, severityOf, summarise, type Severity } from "./summary.js";
import { listed, wrap } from "./wrap.js";

const SECTIONS: readonly (readonly [Severity, string])[] = [
  ["code", "Breaks code written against our types"],
  ["wire", "Breaks calls on the wire; the types do not show it"],
  ["compatible", "Compatible"],
];

export function textReport(diff: Diff): string {
  const { before, after, changes } = diff;
  const lines = [title(before.title, before.version, after.title, after.version), ""];
  if (changes.length === 0) return [...lines, "No changes. Asks for no release.", ""].join("\n");
  const { breakCode, breakWireOnly, compatible } = summarise(diff);
  lines.push(
    `${counted(changes.length, "change")}: ${breakCode} break code, ${breakWireOnly} break calls only, ` +
      `${compatible} compatible.`,
  );
  for (const [severity, heading] of SECTIONS) {
    const chosen = changes.filter((change) => severityOf(change) === severity);
    if (chosen.length > 0)
      lines.push("", `${heading.toUpperCase()} (${chosen.length})`, ...section(chosen, diff));
  }
  lines.push("", ...conclusion(diff), "");
  return lines.join("\n");
}

const title = (name: string, version: string, nameAfter: string, versionAfter: string): string =>
  `${name} ${version} -> ${nameAfter === name ? "" : `${nameAfter} `}${versionAfter}`;

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

export function conclusion(diff: Diff): string[] {
  const why = reasons(diff);
  const head = `Asks for ${bumpText(diff.bump)}${why.length > 0 ? ", because of:" : "."}`;
  return [head, ...why.map((reason) => `  ${reason}`)];
}

function section(changes: readonly Change[], diff: Diff): string[] {
  const groups = groupBy(changes, (change) => groupOf(change, diff));
  const withReason = changes.some((change) => severityOf(change) !== "compatible");
  return groups.flatMap(([group, members]) => [
    "",
    group,
    ...groupBy(members, (change) => headingOf(change, diff)).flatMap(([heading, inHeading]) => [
      ...(heading === "" ? [] : wrap(heading, "  ", "      ")),
      ...groupBy(inHeading, (change) => changeLine(change, diff).key).flatMap(([, same]) =>
        wrap(lineOf(same, diff, withReason), heading === "" ? "  " : "    ", "        "),
      ),
    ]),
  ]);
}

function lineOf(changes: readonly Change[], diff: Diff, withReason: boolean): string {
  const [first] = changes;
  if (first === undefined) return "";
  const { mark, text } = changeLine(first, diff);
  const items = changes.flatMap((change) => changeLine(change, diff).items);
  // What breaks is told in full.
  const shown = withReason ? items.join(", ") : listed(items, 12);
  const line = `${mark} ${text(items.length)}${shown === "" ? "" : `: ${shown}`}`;
  return withReason ? `${line}  [${first.why}]` : line;
}

/** The tag that all of a change's operations share; what is not about operations has groups of its own. */
function groupOf({ subject, operations, events }: Change, { before, after }: Diff): string {
  if (subject.in === "api") return "Names and addresses";
  if (subject.in === "event" || (operations.length === 0 && events.length > 0)) return "Events";
  const tags = new Set(
    operations.map(
      (key) => (after.operations.get(key) ?? before.operations.get(key))?.tags[0] ?? "Without a tag",
    ),
  );
  const [only = "", ...others] = tags;
  return others.length === 0 ? only : "Several tags";
}

/** The type or the operations a change is about; empty where the line says it all. */
function headingOf(change: Change, { before, after }: Diff): string {
  const { subject, kind, operations, events } = change;
  if (subject.in === "api" || /^(?:operation|event)\.(?:added|removed)$/.test(kind)) return "";
  const ids = operations.map((key) => (after.operations.get(key) ?? before.operations.get(key))?.id ?? key);
  if (subject.in === "event") return subject.name;
  const most = severityOf(change) === "compatible" ? 4 : 12;
  if (subject.in === "schema")
    return `${subject.name}, ${positionsOf(change)} in ${listed([...ids, ...events], most)}`;
  const [only = "", ...others] = operations;
  return others.length === 0
    ? `${only} ${ids[0] ?? ""}`
    : `${operations.length} operations: ${listed(ids, most)}`;
}

function groupBy(changes: readonly Change[], key: (change: Change) => string): [string, Change[]][] {
  const groups = new Map<string, Change[]>();
  for (const change of changes) groups.set(key(change), [...(groups.get(key(change)) ?? []), change]);
  return [...groups].toSorted(([a], [b]) => compareText(a, b));
}

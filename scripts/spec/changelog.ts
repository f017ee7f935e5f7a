/** Puts a change of the description into CHANGELOG.md, in the form of Keep a Changelog 1.1.0. */
import { compareText } from "../generate/json.js";
import type { Change, Diff } from "./diff.js";
import type { Kind } from "./finding.js";
import { bumpText, reasons, severityOf, summarise, valueText } from "./summary.js";

/** The headings of Keep a Changelog, in its order. */
const HEADINGS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"] as const;
type Heading = (typeof HEADINGS)[number];

/** The lines to add under each heading. */
export type Entries = ReadonlyMap<Heading, readonly string[]>;

const START = `# Changelog

All notable changes to this package are told here, in the form of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/).
Versions follow [Semantic Versioning](https://semver.org/spec/v2.0.0.html).
`;

/** What a diff adds to the changelog. */
export function entriesOf(diff: Diff): Entries {
  const { before, after, bump, changes } = diff;
  const { breakWireOnly } = summarise(diff);
  const head =
    before.version === after.version
      ? `- API description ${after.version} in a new edition`
      : `- API description ${before.version} to ${after.version}`;
  const inCode = reasons({ changes: changes.filter((change) => severityOf(change) === "code"), bump });
  const changed = [
    `${head}, which asks for ${bump === "none" ? "a patch release: texts only" : bumpText(bump)}.`,
    ...(inCode.length > 0 ? [`  - Breaks code: ${inCode.join("; ")}.`] : []),
    ...(breakWireOnly > 0 ? [`  - Breaks calls, but no code: ${onWire(changes)}.`] : []),
  ];
  return new Map<Heading, readonly string[]>([
    ["Added", [...named(diff, "operation.added", "Operations"), ...named(diff, "event.added", "Events")]],
    ["Changed", changed],
    ["Deprecated", named(diff, "operation.deprecated", "Operations")],
    [
      "Removed",
      [...named(diff, "operation.removed", "Operations"), ...named(diff, "event.removed", "Events")],
    ],
  ]);
}

const onWire = (changes: readonly Change[]): string => {
  const wire = changes.filter((change) => severityOf(change) === "wire");
  return reasons({ changes: wire.map((change) => ({ ...change, types: "major" })), bump: "major" }).join(
    "; ",
  );
};

function named({ before, after, changes }: Diff, kind: Kind, what: string): string[] {
  const names = changes
    .filter((change) => change.kind === kind)
    .flatMap((change) => {
      if (change.subject.in === "event")
        return [`${change.subject.name} (${valueText(change.after ?? change.before)})`];
      return change.operations.map(
        (key) => (after.operations.get(key) ?? before.operations.get(key))?.id ?? key,
      );
    })
    .toSorted(compareText);
  return names.length === 0 ? [] : [`- ${what}: ${names.map((name) => `\`${name}\``).join(", ")}.`];
}

/**
 * @param changelog the present text; `undefined` where there is no file yet
 * @returns the text with the entries under `## [Unreleased]`, each heading there used once; all else as it was
 */
export function addToChangelog(changelog: string | undefined, entries: Entries): string {
  const lines = (changelog ?? START).trimEnd().split("\n");
  let start = lines.findIndex((line) => /^## \[?unreleased\]?/i.test(line));
  if (start < 0) {
    const first = lines.findIndex((line) => isBoundary(line));
    start = first < 0 ? lines.length + 1 : first;
    lines.splice(
      first < 0 ? lines.length : first,
      0,
      ...(first < 0 ? ["", "## [Unreleased]"] : ["## [Unreleased]", ""]),
    );
  }
  for (const heading of HEADINGS) insert(lines, start, heading, entries.get(heading) ?? []);
  return `${lines.join("\n")}\n`;
}

/** The next version, or the addresses of links that stand at the end. */
const isBoundary = (line: string | undefined): boolean =>
  line !== undefined && /^(?:## |\[[^\]]+\]: )/.test(line);

function insert(lines: string[], start: number, heading: Heading, added: readonly string[]): void {
  if (added.length === 0) return;
  const end = endOf(lines, start + 1, isBoundary);
  const at = lines.findIndex(
    (line, index) => index > start && index < end && line.trim() === `### ${heading}`,
  );
  if (at >= 0) {
    const close = endOf(lines, at + 1, (line) => isBoundary(line) || (line ?? "").startsWith("### "));
    lines.splice(lastText(lines, close) + 1, 0, ...added);
    return;
  }
  const later = HEADINGS.slice(HEADINGS.indexOf(heading) + 1);
  const next = lines.findIndex(
    (line, index) => index > start && index < end && later.some((other) => line.trim() === `### ${other}`),
  );
  const before = next >= 0 ? next : end;
  const here = lastText(lines, before) + 1;
  const following = lines.slice(here).some((line) => line.trim() !== "");
  lines.splice(here, before - here, "", `### ${heading}`, "", ...added, ...(following ? [""] : []));
}

function endOf(lines: readonly string[], from: number, ends: (line: string | undefined) => boolean): number {
  const found = lines.findIndex((line, index) => index >= from && ends(line));
  return found < 0 ? lines.length : found;
}

/** The last line before `end` that is not blank. */
function lastText(lines: readonly string[], end: number): number {
  let last = end - 1;
  while (last >= 0 && lines[last]?.trim() === "") last -= 1;
  return last;
}

import type { JsonObject } from "../generate/json.js";
import type { Change, Diff, Side } from "./diff.js";
import { placeName } from "./place-name.js";
import { reasons, summarise } from "./summary.js";

/**
 * The machine form of a diff. Members are only ever added to it; a change of what is there raises `formatVersion`.
 * Equal descriptions give equal bytes, whatever the order in their files.
 */
export function jsonReport(diff: Diff): string {
  const report = {
    formatVersion: 1,
    before: sideOf(diff.before),
    after: sideOf(diff.after),
    bump: diff.bump,
    reasons: reasons(diff),
    breaking: diff.breaking,
    summary: { ...summarise(diff) },
    changes: diff.changes.map((change) => changeOf(change)),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

const sideOf = ({ title, version, operations }: Side): JsonObject => ({
  title,
  version,
  operations: operations.size,
});

const changeOf = (change: Change): JsonObject => ({
  kind: change.kind,
  in: change.subject.in,
  ...(change.subject.name !== "" && { name: change.subject.name }),
  pointer: change.pointer,
  place: placeName(change.pointer),
  ...(change.before !== undefined && { before: change.before }),
  ...(change.after !== undefined && { after: change.after }),
  ...(change.detail !== undefined && { detail: change.detail }),
  positions: [...change.positions],
  operations: [...change.operations],
  events: [...change.events],
  publisher: change.publisher,
  types: change.types,
  why: change.why,
});

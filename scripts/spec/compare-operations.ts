/** Compares the operations of two descriptions: which there are, and what each asks for and answers. */
import { compareParameters } from "./compare-parameters.js";
import { compareRequestBody, compareResponses } from "./compare-bodies.js";
import type { SchemaComparison } from "./compare-schemas.js";
import { OPERATION, type Finding } from "./finding.js";
import type { OperationFacts } from "./facts.js";
import type { Note, OperationPair } from "./operation-pair.js";

export function compareOperations(
  before: readonly OperationFacts[],
  after: readonly OperationFacts[],
  schemas: SchemaComparison,
): Finding[] {
  const findings: Finding[] = [];
  const noteFor =
    (operation: string): Note =>
    (kind, change = {}) => {
      findings.push({
        pointer: "",
        ...change,
        kind,
        subject: OPERATION,
        positions: [],
        operations: [operation],
        events: [],
      });
    };
  const counterparts = new Map(after.map((facts) => [wireKey(facts), facts]));
  const kept = new Set<OperationFacts>();
  for (const was of before) {
    const is = counterparts.get(wireKey(was));
    if (is === undefined) {
      noteFor(was.key)("operation.removed", { before: was.key });
      continue;
    }
    kept.add(is);
    comparePair({ before: was, after: is, schemas, note: noteFor(is.key) });
  }
  for (const facts of after)
    if (!kept.has(facts)) noteFor(facts.key)("operation.added", { after: facts.key });
  return findings;
}

/** What goes over the wire: the names of path parameters do not. */
const wireKey = ({ key }: OperationFacts): string => key.replaceAll(/\{[^{}]*\}/g, "{}");

function comparePair(pair: OperationPair): void {
  const { before, after, note } = pair;
  if (before.key !== after.key) note("path.parameter-renamed", { before: before.key, after: after.key });
  if (before.id !== after.id) note("operation.renamed", { before: before.id, after: after.id });
  if (before.deprecated !== after.deprecated) {
    note(after.deprecated ? "operation.deprecated" : "operation.undeprecated");
  }
  if (before.paged !== after.paged) note(after.paged ? "paging.added" : "paging.removed");
  for (const scope of after.scopes) {
    if (!before.scopes.includes(scope)) note("scope.added", { pointer: "/security", after: scope });
  }
  for (const scope of before.scopes) {
    if (!after.scopes.includes(scope)) note("scope.removed", { pointer: "/security", before: scope });
  }
  compareParameters(pair);
  compareRequestBody(pair);
  compareResponses(pair);
}

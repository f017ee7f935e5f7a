/** The steps in their order: compare everything, merge what says the same, judge each. */
import { compareEvents } from "./compare-events.js";
import { compareNames } from "./compare-names.js";
import { compareOperations } from "./compare-operations.js";
import { createSchemaComparison } from "./compare-schemas.js";
import type { Description } from "./description.js";
import { factsOf, type OperationFacts } from "./facts.js";
import { merge, type Finding } from "./finding.js";
import { judge, widest, type Bump, type Judgement } from "./judge.js";

/** A finding with what it means. */
export interface Change extends Finding, Judgement {}

export interface Diff {
  readonly before: Side;
  readonly after: Side;
  /** In an order of their own: the order of the files does not count. */
  readonly changes: readonly Change[];
  /** What the changes ask of our next version. */
  readonly bump: Bump;
  /** Whether any change breaks callers, on the wire or in their code. */
  readonly breaking: boolean;
}

export interface Side {
  readonly title: string;
  readonly version: string;
  /** By method and path. */
  readonly operations: ReadonlyMap<string, OperationFacts>;
}

export function diff(before: Description, after: Description): Diff {
  const operationsBefore = before.operations.map((operation) => factsOf(before, operation));
  const operationsAfter = after.operations.map((operation) => factsOf(after, operation));
  const schemas = createSchemaComparison(before, after);
  const found = [
    ...compareOperations(operationsBefore, operationsAfter, schemas),
    ...compareEvents(before.events, after.events, schemas),
  ];
  const names = compareNames(
    { description: before, operations: operationsBefore },
    { description: after, operations: operationsAfter },
    schemas.pairs(),
  );
  const changes = merge([...found, ...schemas.findings(), ...names]).map((finding) => ({
    ...finding,
    ...judge(finding),
  }));
  return {
    before: sideOf(before, operationsBefore),
    after: sideOf(after, operationsAfter),
    changes,
    bump: widest(changes.map(({ types }) => types)),
    breaking: changes.some(isBreaking),
  };
}

export const isBreaking = ({ types, publisher }: Judgement): boolean =>
  types === "major" || publisher === "breaking";

const sideOf = ({ title, version }: Description, operations: readonly OperationFacts[]): Side => ({
  title,
  version,
  operations: new Map(operations.map((facts) => [facts.key, facts])),
});

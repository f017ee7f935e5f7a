/** Compares the operations of two descriptions: which there are, and what each asks for and answers. */
import { own, pointerTo, stringAt, type JsonObject } from "../generate/json.js";
import { compareParameters } from "./compare-parameters.js";
import { compareRequestBody, compareResponses } from "./compare-bodies.js";
import type { SchemaComparison } from "./compare-schemas.js";
import { OPERATION, type Difference, type Finding, type SurfaceKind } from "./finding.js";
import type { OperationFacts } from "./facts.js";

/** Takes down what differs in the operation at hand. */
export type Note = (kind: SurfaceKind, change?: Partial<Difference>) => void;

/** One operation in both descriptions. */
export interface OperationPair {
  readonly before: OperationFacts;
  readonly after: OperationFacts;
  readonly schemas: SchemaComparison;
  readonly note: Note;
}

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
  for (const facts of after) if (!kept.has(facts)) noteFor(facts.key)("operation.added", { after: facts.key });
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

/** The pointer of a parameter: by place and name, because its number in the list says nothing. */
export const parameterPointer = (parameter: JsonObject): string => {
  const place = stringAt(parameter, "in") ?? "";
  const name = stringAt(parameter, "name") ?? "";
  return pointerTo("/parameters", place, place === "header" ? name.toLowerCase() : name);
};

export const isRequired = (owner: JsonObject | undefined): boolean =>
  owner !== undefined && own(owner, "required") === true;

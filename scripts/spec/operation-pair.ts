import { own, type JsonObject } from "../generate/json.js";
import type { SchemaComparison } from "./compare-schemas.js";
import type { OperationFacts } from "./facts.js";
import type { Difference, SurfaceKind } from "./finding.js";

/** Takes down what differs in the operation at hand. */
export type Note = (kind: SurfaceKind, change?: Partial<Difference>) => void;

/** One operation in both descriptions. */
export interface OperationPair {
  readonly before: OperationFacts;
  readonly after: OperationFacts;
  readonly schemas: SchemaComparison;
  readonly note: Note;
}

export const isRequired = (owner: JsonObject | undefined): boolean =>
  owner !== undefined && own(owner, "required") === true;

/** What a comparison finds, before anyone judges it. */
import { canonicalText, compareText, type Json } from "../generate/json.js";
import type { Position } from "../generate/positions.js";

/** Changes inside a schema, whose weight depends on who writes the value. */
export type SchemaKind =
  | "field.added"
  | "field.added-required"
  | "field.removed"
  | "field.required"
  | "field.optional"
  | "field.deprecated"
  | "field.undeprecated"
  | "value-type.widened"
  | "value-type.narrowed"
  | "value-type.changed"
  | "null.added"
  | "null.removed"
  | "enum.value-added"
  | "enum.value-removed"
  | "enum.introduced"
  | "enum.lifted"
  | "tag.value-added"
  | "tag.value-removed"
  | "format.added"
  | "format.removed"
  | "format.changed"
  | "pattern.added"
  | "pattern.removed"
  | "pattern.changed"
  | "limit.tightened"
  | "limit.loosened"
  | "default.added"
  | "default.removed"
  | "default.changed"
  | "alternative.added"
  | "alternative.added-unseen"
  | "alternative.added-untagged"
  | "alternative.removed"
  | "object.opened"
  | "object.described"
  | "unknown-fields.refused"
  | "unknown-fields.allowed";

/** Changes of operations, events and names, which weigh the same wherever they are found. */
export type SurfaceKind =
  | "operation.added"
  | "operation.removed"
  | "operation.renamed"
  | "operation.deprecated"
  | "operation.undeprecated"
  | "path.parameter-renamed"
  | "scope.added"
  | "scope.removed"
  | "server.added"
  | "server.removed"
  | "scope-name.added"
  | "scope-name.removed"
  | "idempotency-key.required"
  | "idempotency-key.optional"
  | "idempotency-key.added"
  | "idempotency-key.removed"
  | "paging.added"
  | "paging.removed"
  | "parameter.added"
  | "parameter.added-required"
  | "parameter.removed"
  | "parameter.required"
  | "parameter.optional"
  | "parameter.deprecated"
  | "parameter.undeprecated"
  | "client-header.added"
  | "client-header.added-required"
  | "client-header.removed"
  | "client-header.required"
  | "client-header.optional"
  | "request-body.added"
  | "request-body.added-required"
  | "request-body.removed"
  | "request-body.required"
  | "request-body.required-formally"
  | "request-body.optional"
  | "request-media.added"
  | "request-media.removed"
  | "status.changed"
  | "status.added"
  | "status.removed"
  | "error-status.added"
  | "error-status.removed"
  | "answer-body.added"
  | "answer-body.removed"
  | "answer-media.added"
  | "answer-media.removed"
  | "answer-header.added"
  | "answer-header.removed"
  | "answer-header.optional"
  | "answer-header.required"
  | "event.added"
  | "event.removed"
  | "event-type.added"
  | "event-type.removed"
  | "name.added"
  | "name.removed"
  | "name.renamed";

export type Kind = SchemaKind | SurfaceKind;

/** What a finding is about: the operations it lists, a named schema, an event, or the API as a whole. */
export interface Subject {
  readonly in: "operation" | "schema" | "event" | "api";
  /** The name of the schema or event; empty for the others. */
  readonly name: string;
}

export const OPERATION: Subject = { in: "operation", name: "" };
export const API: Subject = { in: "api", name: "" };

/** One difference at one place. */
export interface Difference<K extends Kind = Kind> {
  readonly kind: K;
  /** JSON pointer inside the subject, `/properties/currency`. Parameters go by place and name, not by number. */
  readonly pointer: string;
  readonly before?: Json;
  readonly after?: Json;
  /** What of the place has changed, where the kind leaves that open: the keyword of a limit. */
  readonly detail?: string;
}

/** A difference with all the places where it counts. */
export interface Finding extends Difference {
  readonly subject: Subject;
  readonly positions: readonly Position[];
  /** The operations it touches, `GET /orders/{order_id}`. */
  readonly operations: readonly string[];
  /** The events it touches, by the name of their schema. */
  readonly events: readonly string[];
}

/** Findings that say the same of several operations or uses become one; the result has an order of its own. */
export function merge(findings: readonly Finding[]): Finding[] {
  const merged = new Map<string, Finding>();
  for (const finding of findings) {
    const { subject, kind, pointer, before, after, detail } = finding;
    // Wherever `undefined` stands, canonical text says null; a wrapper tells "no value" from the value null.
    const values = [before, after].map((value) => (value === undefined ? [] : [value]));
    const key = canonicalText([subject.in, subject.name, pointer, kind, detail ?? "", ...values]);
    const known = merged.get(key);
    merged.set(key, known === undefined ? finding : join(known, finding));
  }
  return [...merged]
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([, finding]) => ({
      ...finding,
      positions: finding.positions.toSorted(compareText),
      operations: finding.operations.toSorted(compareText),
      events: finding.events.toSorted(compareText),
    }));
}

const join = (a: Finding, b: Finding): Finding => ({
  ...a,
  positions: [...new Set([...a.positions, ...b.positions])],
  operations: [...new Set([...a.operations, ...b.operations])],
  events: [...new Set([...a.events, ...b.events])],
});

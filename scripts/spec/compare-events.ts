import type { DescribedEvent } from "../generate/events.js";
import { SCHEMA_PREFIX } from "../generate/schema.js";
import type { SchemaComparison } from "./compare-schemas.js";
import type { Difference, Finding, SurfaceKind } from "./finding.js";

type Events = readonly DescribedEvent[];

/**
 * Compares the events, each with the one that shares the most types with it: the names of categories are worded anew now and
 * then. A type counts as gone only when no event has it any more.
 */
export function compareEvents(before: Events, after: Events, schemas: SchemaComparison): Finding[] {
  const findings: Finding[] = [];
  const note = (kind: SurfaceKind, event: string, change: Partial<Difference>): void => {
    const subject = { in: "event", name: event } as const;
    findings.push({ pointer: "", ...change, kind, subject, positions: [], operations: [], events: [event] });
  };
  const pairs = matchEvents(before, after);
  const known = new Set(before.flatMap(({ types }) => types));
  const kept = new Set(after.flatMap(({ types }) => types));
  for (const event of before) {
    const counterpart = pairs.get(event);
    if (counterpart === undefined) {
      note("event.removed", event.name, { before: event.types.toSorted() });
      continue;
    }
    for (const type of event.types) {
      if (!kept.has(type))
        note("event-type.removed", counterpart.name, { pointer: "/properties/type", before: type });
    }
    schemas.compare(
      { $ref: SCHEMA_PREFIX + event.name },
      { $ref: SCHEMA_PREFIX + counterpart.name },
      { pointer: "", position: "response", event: counterpart.name },
    );
  }
  const matched = new Set(pairs.values());
  for (const event of after) {
    if (!matched.has(event)) {
      note("event.added", event.name, { after: event.types.toSorted() });
      continue;
    }
    for (const type of event.types) {
      if (!known.has(type))
        note("event-type.added", event.name, { pointer: "/properties/type", after: type });
    }
  }
  return findings;
}

const order = ({ was, is }: { readonly was: DescribedEvent; readonly is: DescribedEvent }): string =>
  `${was.name} ${is.name}`;

function matchEvents(before: Events, after: Events): ReadonlyMap<DescribedEvent, DescribedEvent> {
  const candidates = before.flatMap((was) =>
    after.flatMap((is) => {
      const shared = was.types.filter((type) => is.types.includes(type)).length;
      const sameName = was.name === is.name;
      return shared > 0 || sameName ? [{ was, is, likeness: shared + (sameName ? 0.5 : 0) }] : [];
    }),
  );
  const pairs = new Map<DescribedEvent, DescribedEvent>();
  const taken = new Set<DescribedEvent>();
  for (const { was, is } of candidates.toSorted(
    (a, b) => b.likeness - a.likeness || (order(a) < order(b) ? -1 : 1),
  )) {
    if (pairs.has(was) || taken.has(is)) continue;
    pairs.set(was, is);
    taken.add(is);
  }
  return pairs;
}

import type { Finding, Kind, SchemaKind, SurfaceKind } from "./finding.js";
import type { Bump, Judgement, Publisher } from "./rules.js";
import { SCHEMA_RULES } from "./schema-rules.js";
import { SURFACE_RULES } from "./surface-rules.js";

export type { Bump, Judgement } from "./rules.js";

const BUMPS: readonly Bump[] = ["none", "patch", "minor", "major"];
const PUBLISHER: readonly Publisher[] = ["none", "compatible", "breaking"];

/** Judges a finding; where both sides write the value, the worse judgement of each kind holds. */
export function judge({ kind, positions }: Pick<Finding, "kind" | "positions">): Judgement {
  if (isSurface(kind)) return SURFACE_RULES[kind];
  if (!isOfSchema(kind)) throw new TypeError(`no rule for a change of the kind "${String(kind)}"`);
  const [first, ...others] = positions.map((position) => SCHEMA_RULES[kind][position]);
  if (first === undefined)
    throw new TypeError(`a change of the kind "${kind}" needs to say who writes the value`);
  return others.reduce(worse, first);
}

function worse(a: Judgement, b: Judgement): Judgement {
  const types = widest([a.types, b.types]);
  const publisher = rank(PUBLISHER, b.publisher) > rank(PUBLISHER, a.publisher) ? b.publisher : a.publisher;
  const speaks = a.types === types && a.publisher === publisher ? a : b.types === types ? b : a;
  return { publisher, types, why: speaks.why };
}

/** The greatest of several bumps; `none` for no bumps. */
export const widest = (bumps: readonly Bump[]): Bump =>
  bumps.reduce((a, b) => (rank(BUMPS, b) > rank(BUMPS, a) ? b : a), "none");

const rank = <Value>(order: readonly Value[], value: Value): number => order.indexOf(value);

const isSurface = (kind: Kind): kind is SurfaceKind => Object.hasOwn(SURFACE_RULES, kind);
const isOfSchema = (kind: Kind): kind is SchemaKind => Object.hasOwn(SCHEMA_RULES, kind);

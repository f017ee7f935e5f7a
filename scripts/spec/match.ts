/** Finds out which choice of one union stands for which of the other. */
import { canonicalText, compareText, isObject, own, type JsonObject } from "../generate/json.js";
import { discriminatorsOf } from "../generate/tolerance.js";
import type { View, Viewer } from "./view.js";

interface Side {
  readonly document: JsonObject;
  readonly sites: readonly JsonObject[];
  readonly view: Viewer;
}

interface Candidate {
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly likeness: number;
  /** Where two candidates are equally alike, this decides: the order of the file must not. */
  readonly order: string;
}

interface Unmatched {
  readonly label: string;
}

/** What readers of the union meet: a case of the kind they know, one that makes them narrow, or one they cannot tell. */
export type Newness = "known-kind" | "unseen" | "untagged";

export interface Matched {
  readonly pairs: readonly {
    readonly before: JsonObject;
    readonly after: JsonObject;
    readonly label: string;
  }[];
  readonly added: readonly (Unmatched & { readonly newness: Newness })[];
  readonly removed: readonly Unmatched[];
}

/**
 * Whether code that reads only what all choices had in common goes on compiling when `added` joins them. What was no union
 * nobody had to narrow, so nothing that joins it goes unnoticed.
 */
function isReadyFor(added: JsonObject, before: Side, after: Side): boolean {
  if (before.sites.length < 2) return false;
  const [first, ...others] = before.sites.map((site) => before.view(site).properties);
  const common = [...(first?.keys() ?? [])].filter((name) => others.every((fields) => fields.has(name)));
  const { properties } = after.view(added);
  return common.every((name) => properties.has(name));
}

export function matchAlternatives(before: Side, after: Side): Matched {
  const candidates = before.sites.flatMap((was) =>
    after.sites.flatMap((is): Candidate[] => {
      const likeness = alike(before.view(was), after.view(is));
      return likeness > 0 ? [{ before: was, after: is, likeness, order: canonicalText([was, is]) }] : [];
    }),
  );
  const taken = new Set<JsonObject>();
  const pairs = candidates
    .toSorted((a, b) => b.likeness - a.likeness || compareText(a.order, b.order))
    .filter((candidate) => {
      if (taken.has(candidate.before) || taken.has(candidate.after)) return false;
      taken.add(candidate.before).add(candidate.after);
      return true;
    });
  const left = ({ sites }: Side): JsonObject[] => sites.filter((site) => !taken.has(site));
  const tagged = discriminatorsOf(after.document, { oneOf: after.sites }).length > 0;
  const newness = (site: JsonObject): Newness =>
    !tagged ? "untagged" : isReadyFor(site, before, after) ? "known-kind" : "unseen";
  return {
    pairs: pairs.map((pair) => ({ ...pair, label: labelOf(after.view(pair.after)) })),
    added: left(after).map((site) => ({ label: labelOf(after.view(site)), newness: newness(site) })),
    removed: left(before).map((site) => ({ label: labelOf(before.view(site)) })),
  };
}

/** How alike two choices are; 0 when they cannot be the same. */
function alike(a: View, b: View): number {
  if (a.name !== undefined && a.name === b.name) return 100;
  if (!a.types.some((type) => b.types.includes(type))) return 0;
  if (a.properties.size === 0 && b.properties.size === 0) {
    if (canonicalText(valueOf(a)) === canonicalText(valueOf(b))) return 50;
    const sameForm = own(a.schema, "format") === own(b.schema, "format");
    return sameForm ? 10 : 1;
  }
  const shared = [...a.properties.keys()].filter((name) => b.properties.has(name));
  const all = new Set([...a.properties.keys(), ...b.properties.keys()]).size;
  const tags = new Set(shared.map((name) => commonValues(a.properties.get(name), b.properties.get(name))));
  if (tags.has(false)) return 0;
  const sameTag = tags.has(true) ? 20 : 0;
  const overlap = shared.length / all;
  return sameTag > 0 || overlap >= 0.4 ? sameTag + overlap * 30 : 0;
}

/** What of a scalar tells it from another. */
const valueOf = ({ schema }: View): JsonObject => ({
  type: own(schema, "type"),
  format: own(schema, "format"),
  pattern: own(schema, "pattern"),
  enum: own(schema, "enum"),
});

/** Whether two fields that list their values have one in common; `undefined` when one of them lists none. */
function commonValues(a: JsonObject | undefined, b: JsonObject | undefined): boolean | undefined {
  const [was, is] = [a, b].map((site) => {
    const listed = site && (own(site, "const") ?? own(site, "enum"));
    return listed === undefined
      ? undefined
      : new Set(Array.isArray(listed) ? listed.map(text) : [text(listed)]);
  });
  return was && is && [...was].some((value) => is.has(value));
}

const text = (value: unknown): string => JSON.stringify(value);

/** What a choice is called in a path: its type's name, the values of its tag, or its form. */
function labelOf({ name, schema, types, values, properties }: View): string {
  if (name !== undefined) return name;
  const tag = [...properties]
    .toSorted(([a], [b]) => compareText(a, b))
    .find(([, site]) => Array.isArray(own(site, "enum")));
  if (tag !== undefined) return text(own(tag[1], "enum"));
  const title = own(schema, "title");
  if (typeof title === "string") return title;
  if (values !== undefined) return text(values);
  const form = own(schema, "format") ?? own(schema, "pattern");
  const items = own(schema, "items");
  const ref = isObject(items) ? own(items, "$ref") : undefined;
  const inner = typeof ref === "string" ? ` of ${ref.split("/").at(-1)}` : "";
  return [types.join("|") || "anything", ...(typeof form === "string" ? [form] : [])].join(" ") + inner;
}

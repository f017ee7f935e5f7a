/**
 * Walks two descriptions side by side from each body, parameter and event into the schemas. A pair of schemas of which at
 * least one has a name is compared once; what is found there counts wherever the pair is used.
 */
import { isObject, objectAt, own, pointerTo, type Json, type JsonObject } from "../generate/json.js";
import type { Position } from "../generate/positions.js";
import { SCHEMA_PREFIX } from "../generate/schema.js";
import { compareValues } from "./compare-values.js";
import type { Description } from "./description.js";
import { OPERATION, type Difference, type Finding, type SchemaKind, type Subject } from "./finding.js";
import { matchAlternatives } from "./match.js";
import { createViewer, type View } from "./view.js";

/** Where a comparison begins. */
export interface Root {
  readonly pointer: string;
  readonly position: Position;
  readonly operation?: string;
  readonly event?: string;
}

export interface SchemaComparison {
  readonly compare: (before: JsonObject, after: JsonObject, root: Root) => void;
  /** All that the comparisons so far have found. */
  readonly findings: () => Finding[];
  /** The names of the types that stood for each other. */
  readonly pairs: () => readonly (readonly [string, string])[];
}

/** What was found in one pair of schemas, and the pairs used inside it. */
interface Node {
  readonly subject: Subject;
  readonly differences: Difference<SchemaKind>[];
  readonly uses: Set<Node>;
}

export function createSchemaComparison(before: Description, after: Description): SchemaComparison {
  const viewBefore = createViewer(before.document);
  const viewAfter = createViewer(after.document);
  const nodes = new Map<JsonObject, Map<JsonObject, Node>>();
  const roots: { readonly node: Node; readonly root: Root }[] = [];
  const pairs = new Map<string, readonly [string, string]>();

  function descend(siteBefore: JsonObject, siteAfter: JsonObject, node: Node, pointer: string): void {
    const a = viewBefore(siteBefore);
    const b = viewAfter(siteAfter);
    if (a.nullable !== b.nullable)
      node.differences.push({ kind: b.nullable ? "null.added" : "null.removed", pointer });
    const name = b.name ?? a.name;
    if (name === undefined) {
      inside(a, b, node, pointer);
      return;
    }
    if (a.name !== undefined && b.name !== undefined) pairs.set(`${a.name} ${b.name}`, [a.name, b.name]);
    const partners = nodes.get(a.identity) ?? new Map<JsonObject, Node>();
    nodes.set(a.identity, partners);
    let pair = partners.get(b.identity);
    if (pair === undefined) {
      pair = { subject: { in: "schema", name }, differences: [], uses: new Set() };
      partners.set(b.identity, pair);
      inside(a, b, pair, "");
    }
    node.uses.add(pair);
  }

  function inside(a: View, b: View, node: Node, pointer: string): void {
    const found = (kind: SchemaKind, change: Partial<Difference> = {}): void => {
      node.differences.push({ pointer, ...change, kind });
    };
    if (a.alternatives.length > 0 || b.alternatives.length > 0) {
      compareAlternatives(a, b, node, pointer);
      return;
    }
    compareValues(a, b, { before, after }, found);
    if (a.types.includes("object") && b.types.includes("object")) compareObjects(a, b, node, pointer);
    if (a.types.includes("array") && b.types.includes("array")) {
      descend(
        objectAt(a.schema, "items") ?? {},
        objectAt(b.schema, "items") ?? {},
        node,
        pointerTo(pointer, "items"),
      );
    }
  }

  function compareObjects(a: View, b: View, node: Node, pointer: string): void {
    const note = (kind: SchemaKind, at: string, change: Partial<Difference> = {}): void => {
      node.differences.push({ ...change, kind, pointer: at });
    };
    if (isFree(a) !== isFree(b)) {
      const partial = [a, b].some(({ identity }) => own(identity, "x-provenance") === "partial");
      const detail = partial ? { detail: "marked partial: its fields are not known" } : {};
      note(isFree(b) ? "object.opened" : "object.described", pointer, detail);
      return;
    }
    for (const [name, field] of a.properties) {
      const at = pointerTo(pointer, "properties", name);
      const counterpart = b.properties.get(name);
      if (counterpart === undefined) {
        note("field.removed", at);
        continue;
      }
      if (a.required.has(name) !== b.required.has(name)) {
        note(b.required.has(name) ? "field.required" : "field.optional", at);
      }
      const deprecated = isDeprecated(counterpart, viewAfter(counterpart));
      if (isDeprecated(field, viewBefore(field)) !== deprecated) {
        note(deprecated ? "field.deprecated" : "field.undeprecated", at);
      }
      descend(field, counterpart, node, at);
    }
    for (const name of b.properties.keys()) {
      if (a.properties.has(name)) continue;
      const at = pointerTo(pointer, "properties", name);
      note(b.required.has(name) ? "field.added-required" : "field.added", at);
    }
    compareUnknownFields(a, b, node, pointer);
  }

  function compareUnknownFields(a: View, b: View, node: Node, pointer: string): void {
    const [was, is] = [a, b].map(({ schema }) => own(schema, "additionalProperties"));
    if (isObject(was) && isObject(is)) {
      descend(was, is, node, pointerTo(pointer, "additionalProperties"));
    } else if ((was === false) !== (is === false)) {
      node.differences.push({
        kind: is === false ? "unknown-fields.refused" : "unknown-fields.allowed",
        pointer,
      });
    }
  }

  function compareAlternatives(a: View, b: View, node: Node, pointer: string): void {
    const matched = matchAlternatives(
      { document: before.document, sites: choicesOf(a), view: viewBefore },
      { document: after.document, sites: choicesOf(b), view: viewAfter },
    );
    const at = (label: string): string => pointerTo(pointer, "oneOf", label);
    for (const { before: was, after: is, label } of matched.pairs) descend(was, is, node, at(label));
    for (const { label } of matched.removed)
      node.differences.push({ kind: "alternative.removed", pointer: at(label) });
    for (const { label, newness } of matched.added) {
      const kind = newness === "known-kind" ? "alternative.added" : (`alternative.added-${newness}` as const);
      node.differences.push({ kind, pointer: at(label) });
    }
  }

  return {
    compare: (siteBefore, siteAfter, root) => {
      const node: Node = { subject: OPERATION, differences: [], uses: new Set() };
      roots.push({ node, root });
      descend(siteBefore, siteAfter, node, root.pointer);
    },
    findings: () =>
      roots.flatMap(({ node, root }) => reached(node).flatMap((found) => findingsOf(found, root))),
    pairs: () => [...pairs.values()],
  };
}

function findingsOf({ subject, differences }: Node, { position, operation, event }: Root): Finding[] {
  const at: Subject = subject === OPERATION && event !== undefined ? { in: "event", name: event } : subject;
  return differences.map((difference) => ({
    ...difference,
    subject: at,
    positions: [position],
    operations: operation === undefined ? [] : [operation],
    events: event === undefined ? [] : [event],
  }));
}

function reached(start: Node): Node[] {
  const seen = new Set([start]);
  for (const node of seen) for (const used of node.uses) seen.add(used);
  return [...seen];
}

/** What is no union is compared with one as a union of itself. */
function choicesOf({ alternatives, name, identity }: View): readonly JsonObject[] {
  if (alternatives.length > 0) return alternatives;
  return [name === undefined ? identity : { $ref: SCHEMA_PREFIX + name }];
}

/** An object that says nothing of its fields: anything may be in it. */
const isFree = ({ properties, schema }: View): boolean => {
  const additional: Json | undefined = own(schema, "additionalProperties");
  return properties.size === 0 && additional !== false && !isObject(additional);
};

const isDeprecated = (site: JsonObject, { schema }: View): boolean =>
  own(site, "deprecated") === true || own(schema, "deprecated") === true;

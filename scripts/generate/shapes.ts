/**
 * Finds the schemas that get a name: every component schema, and every titled object or union written inline. Equal ones
 * are one shape. Equal means: the same name from the title, and the same structure; descriptions, examples, extensions
 * and the titles of scalars do not count.
 */
import {
  canonicalText,
  entries,
  isArray,
  isObject,
  objectAt,
  own,
  resolvePointer,
  stringAt,
  without,
  type Json,
  type JsonObject,
} from "./json.js";
import { localPointer } from "./references.js";
import { alternativesOf, componentKey, isScalar, mapChildren, SCHEMA_PREFIX, type Step } from "./schema.js";
import { identifier, nameFromTitle, pascalCase } from "./title.js";

/** Where a body or a parameter stands: the beginning of the name of what is used there. */
export interface Root {
  /** `CreateUserRequest`, `AccountEvent`, or the key of a shared component. */
  readonly name: string;
  readonly pointer: string;
}

/** One place where a shape is used. */
export interface Use {
  readonly root: Root;
  /** The named shape around this place, if there is one. */
  readonly parent?: Draft;
  /** From the parent, or else from the root, to here. */
  readonly steps: readonly Step[];
}

export interface Shape {
  readonly id: string;
  /** The name its title gives, before it is known whether another shape claims the same. */
  readonly bare: string;
  /** The structure; references are to the ids of other shapes. */
  readonly schema: JsonObject;
  readonly uses: Use[];
  /** The keys under `components.schemas` where it is declared. */
  readonly keys: string[];
}

/** A named schema on its way to become a shape: its parts are looked at before it can be compared. */
export interface Draft {
  readonly bare: string;
  readonly parent?: Draft;
  shape?: Shape;
}

export interface Hoister {
  /** Registers what is inside a schema used at `use`; gives the schema with references to shape ids. */
  readonly hoist: (schema: JsonObject, use: Use, bare?: string) => JsonObject;
  readonly shapes: () => readonly Shape[];
  /** The shape behind an id, also behind the ids of recursive references. */
  readonly shapeOf: (id: string) => Shape | undefined;
}

const RECURSIVE = "recursive:";

/**
 * @param document a normalised description
 * @param bareByKey names that are known from elsewhere, by component key
 */
export function createHoister(document: JsonObject, bareByKey: ReadonlyMap<string, string>): Hoister {
  const components = objectAt(own(document, "components"), "schemas");
  const byIdentity = new Map<string, Shape>();
  const byId = new Map<string, Shape>();
  const byKey = new Map<string, Shape>();
  const open = new Set<string>();

  function hoist(schema: JsonObject, use: Use, bare = titleName(schema)): JsonObject {
    const key = componentKey(schema);
    if (key !== undefined) return { ...schema, $ref: SCHEMA_PREFIX + component(key, use) };
    const reference = own(schema, "$ref");
    if (typeof reference === "string") {
      // A reference into the middle of something: what is there is used here as if it were written here.
      const found = resolvePointer(document, localPointer(reference) ?? "");
      return hoist({ ...(isObject(found) ? found : {}), ...without(schema, "$ref") }, use);
    }
    if (bare === undefined) return collapse(inside(schema, use));
    const draft: Draft = { bare, ...(use.parent && { parent: use.parent }) };
    const shape = register(bare, collapse(inside(schema, { root: use.root, parent: draft, steps: [] })));
    draft.shape = shape;
    shape.uses.push(use);
    const description = stringAt(schema, "description");
    const differs = description !== undefined && description !== stringAt(shape.schema, "description");
    return { $ref: SCHEMA_PREFIX + shape.id, ...(differs && { description }) };
  }

  function inside(schema: JsonObject, use: Use): JsonObject {
    const choice = alternativesOf(schema).filter((entry) => own(entry, "type") !== "null").length > 1;
    return mapChildren(schema, (child, step) => {
      // Beside nothing but `null`, an alternative is no choice.
      const taken: Step = step.kind === "alternative" && !choice ? { kind: "part" } : step;
      return hoist(child, { ...use, steps: [...use.steps, taken] });
    });
  }

  /** The id of the shape declared at a component key. */
  function component(key: string, use: Use): string {
    const known = byKey.get(key);
    if (known !== undefined) {
      known.uses.push(use);
      return known.id;
    }
    if (open.has(key)) return RECURSIVE + key;
    const schema = (components && objectAt(components, key)) ?? {};
    const alias = componentKey(schema);
    if (alias !== undefined) return component(alias, use);
    open.add(key);
    const bare = bareByKey.get(key) ?? titleName(schema, false) ?? identifier(pascalCase(key));
    const draft: Draft = { bare };
    const root: Root = { name: identifier(pascalCase(key)), pointer: `/components/schemas/${key}` };
    const shape = register(bare, collapse(inside(schema, { root, parent: draft, steps: [] })));
    draft.shape = shape;
    shape.keys.push(key);
    shape.uses.push(use);
    byKey.set(key, shape);
    open.delete(key);
    return shape.id;
  }

  function register(bare: string, schema: JsonObject): Shape {
    const identity = `${bare} ${canonicalText(structure(schema))}`;
    const known = byIdentity.get(identity);
    if (known !== undefined) return known;
    const shape: Shape = { id: `shape:${byIdentity.size}`, bare, schema, uses: [], keys: [] };
    byIdentity.set(identity, shape);
    byId.set(shape.id, shape);
    return shape;
  }

  return {
    hoist,
    shapes: () => [...byIdentity.values()],
    shapeOf: (id) => (id.startsWith(RECURSIVE) ? byKey.get(id.slice(RECURSIVE.length)) : byId.get(id)),
  };
}

/** The name a title gives; only objects and unions are named after theirs, unless `strict` is off. */
function titleName(schema: JsonObject, strict = true): string | undefined {
  const title = stringAt(schema, "title");
  if (title === undefined || (strict && (isScalar(schema) || own(schema, "type") === "array")))
    return undefined;
  return nameFromTitle(title);
}

/** `allOf` around a single reference says no more than the reference: in 3.1 that may have neighbours. */
function collapse(schema: JsonObject): JsonObject {
  const all = own(schema, "allOf");
  const only = isArray(all) && all.length === 1 ? all[0] : undefined;
  return isObject(only) && own(only, "$ref") !== undefined
    ? { ...only, ...without(schema, "allOf") }
    : schema;
}

const REMARKS = new Set(["title", "description", "example", "examples"]);

/** What of a schema decides whether it equals another. */
function structure(schema: JsonObject): Json {
  const plain = mapChildren(schema, (child) => {
    const inner = structure(child);
    return isObject(inner) ? inner : {};
  });
  return Object.fromEntries(
    entries(plain)
      .filter(([key]) => !REMARKS.has(key) && !key.startsWith("x-"))
      .map(([key, value]) => [key, key === "required" && isArray(value) ? value.toSorted() : value]),
  );
}

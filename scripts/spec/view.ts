/**
 * A schema as comparing needs it: references followed, `allOf` taken together, `null` apart from the rest. Two ways to
 * write the same thing give the same view, so that a change of style is no change.
 */
import {
  canonicalText,
  entries,
  isArray,
  isObject,
  objectAt,
  own,
  stringsAt,
  type Json,
  type JsonObject,
} from "../generate/json.js";
import { dereference, together } from "../generate/references.js";
import { alternativesOf, componentKey, typesOf } from "../generate/schema.js";

export interface View {
  /** The name of its type; none for a schema written in place. */
  readonly name: string | undefined;
  /** Stands for this schema: the same object at every use. */
  readonly identity: JsonObject;
  /** The keywords of its own, with those of the parts of `allOf`. */
  readonly schema: JsonObject;
  /** The types it admits, without `null`; empty when any will do. */
  readonly types: readonly string[];
  readonly nullable: boolean;
  /** The values it admits, without `null`; `undefined` when it lists none. */
  readonly values: readonly Json[] | undefined;
  /** The choices of a union, `null` left out and unions within taken apart; empty for anything else. */
  readonly alternatives: readonly JsonObject[];
  readonly properties: ReadonlyMap<string, JsonObject>;
  readonly required: ReadonlySet<string>;
}

export type Viewer = (site: JsonObject) => View;

export function createViewer(document: JsonObject): Viewer {
  const known = new WeakMap<JsonObject, View>();
  const view: Viewer = (site) => {
    const found = known.get(site);
    if (found !== undefined) return found;
    // A union that lists itself says nothing by that.
    known.set(site, plainView(componentKey(site), site, {}));
    const seen = look(document, site, view);
    known.set(site, seen);
    return seen;
  };
  return view;
}

function look(document: JsonObject, site: JsonObject, view: Viewer): View {
  const identity = dereference(document, site) ?? site;
  const schema = together(document, identity);
  const plain = plainView(componentKey(site), identity, schema);
  const choices = alternativesOf(schema);
  if (choices.length === 0) return plain;
  const { alternatives, nullable } = takenApart(choices, view);
  const [only, ...others] = alternatives;
  if (only !== undefined && others.length === 0 && plain.properties.size === 0) {
    // A choice between one thing and null is that thing, which may be null.
    return { ...view(only), nullable: nullable || view(only).nullable || plain.nullable };
  }
  const list = listOfChoices(alternatives, view);
  if (list !== undefined) return { ...plain, ...listView(list), nullable: nullable || plain.nullable };
  return { ...plain, alternatives, nullable: nullable || plain.nullable };
}

function plainView(name: string | undefined, identity: JsonObject, schema: JsonObject): View {
  const listed = valuesOf(schema);
  const declared = typesOf(schema).filter((type) => typeof type === "string");
  const types = declared.length > 0 ? declared : impliedTypes(schema, listed);
  return {
    name,
    identity,
    schema,
    types: types.filter((type) => type !== "null").toSorted(),
    nullable: types.includes("null"),
    values: listed?.filter((value) => value !== null),
    alternatives: [],
    properties: new Map(
      entries(own(schema, "properties")).filter((entry): entry is [string, JsonObject] => isObject(entry[1])),
    ),
    required: new Set(stringsAt(schema, "required")),
  };
}

const listView = (schema: JsonObject): Pick<View, "schema" | "types"> => ({ schema, types: ["array"] });

function valuesOf(schema: JsonObject): readonly Json[] | undefined {
  const constant = own(schema, "const");
  if (constant !== undefined) return [constant];
  const listed = own(schema, "enum");
  return isArray(listed) ? listed : undefined;
}

/** A schema without `type` still tells it by what else it says. */
function impliedTypes(schema: JsonObject, values: readonly Json[] | undefined): string[] {
  if (own(schema, "properties") !== undefined) return ["object"];
  if (own(schema, "items") !== undefined) return ["array"];
  return [...new Set((values ?? []).map((value) => (value === null ? "null" : typeof value)))];
}

function takenApart(
  choices: readonly JsonObject[],
  view: Viewer,
): { readonly alternatives: JsonObject[]; readonly nullable: boolean } {
  let nullable = false;
  const alternatives = choices.flatMap((choice) => {
    const seen = view(choice);
    if (isNull(seen)) {
      nullable = true;
      return [];
    }
    // A list that must be empty is any of the other lists, as the types have it.
    if (own(seen.schema, "maxItems") === 0) return [];
    if (seen.nullable && seen.alternatives.length > 0) nullable = true;
    return seen.alternatives.length > 0 ? seen.alternatives : [choice];
  });
  return { alternatives: distinct(alternatives, view), nullable };
}

const isNull = ({ nullable, types, values, alternatives }: View): boolean =>
  nullable && alternatives.length === 0 && (types.length === 0 || values?.length === 0);

function distinct(sites: readonly JsonObject[], view: Viewer): JsonObject[] {
  const seen = new Set<JsonObject>();
  return sites.filter((site) => {
    const { identity } = view(site);
    return !seen.has(identity) && seen.add(identity);
  });
}

/** A choice between lists reads as a list of choices. */
function listOfChoices(alternatives: readonly JsonObject[], view: Viewer): JsonObject | undefined {
  const lists = alternatives.map((site) => view(site));
  if (lists.length === 0 || !lists.every(({ types }) => types.length === 1 && types[0] === "array"))
    return undefined;
  const items = lists.map(({ schema }) => objectAt(schema, "items") ?? {});
  const different = [...new Map(items.map((item) => [canonicalText(item), item])).values()];
  const [only, ...others] = different;
  return { type: "array", items: others.length === 0 ? (only ?? {}) : { anyOf: different } };
}

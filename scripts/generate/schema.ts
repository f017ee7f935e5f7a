import { entries, isArray, isObject, own, type Json, type JsonObject, type MutableObject } from "./json.js";
import { localPointer } from "./references.js";

/** How a schema is reached from the one around it. */
export type Step =
  | { readonly kind: "property"; readonly name: string }
  | { readonly kind: "items" | "additional" | "part" }
  | { readonly kind: "alternative" };

const LISTS: ReadonlyMap<string, Step> = new Map([
  ["oneOf", { kind: "alternative" }],
  ["anyOf", { kind: "alternative" }],
  ["allOf", { kind: "part" }],
  ["prefixItems", { kind: "items" }],
]);
const SINGLES: ReadonlyMap<string, Step> = new Map([
  ["items", { kind: "items" }],
  ["contains", { kind: "items" }],
  ["additionalProperties", { kind: "additional" }],
  ["not", { kind: "part" }],
  ["propertyNames", { kind: "part" }],
  ["if", { kind: "part" }],
  ["then", { kind: "part" }],
  ["else", { kind: "part" }],
]);
const MAPS = new Set(["properties", "patternProperties", "$defs", "dependentSchemas"]);

/** The schema with each schema directly inside it replaced by what `change` makes of it. */
export function mapChildren(
  schema: JsonObject,
  change: (child: JsonObject, step: Step) => JsonObject,
): JsonObject {
  const apply = (child: Json, step: Step): Json => (isObject(child) ? change(child, step) : child);
  const result: MutableObject = {};
  for (const [key, value] of entries(schema)) {
    const list = LISTS.get(key);
    const single = SINGLES.get(key);
    if (list !== undefined && isArray(value)) {
      result[key] = value.map((child) => apply(child, list));
    } else if (single !== undefined) {
      result[key] = apply(value, single);
    } else if (MAPS.has(key) && isObject(value)) {
      result[key] = Object.fromEntries(
        entries(value).map(([name, child]) => [name, apply(child, { kind: "property", name })]),
      );
    } else {
      result[key] = value;
    }
  }
  return result;
}

/** The schemas directly inside a schema, each with the way to it. */
export function children(schema: JsonObject): [JsonObject, Step][] {
  const found: [JsonObject, Step][] = [];
  mapChildren(schema, (child, step) => {
    found.push([child, step]);
    return child;
  });
  return found;
}

/** The types a schema admits, as a list. */
export function typesOf(schema: JsonObject): readonly Json[] {
  const type = own(schema, "type");
  if (type === undefined) return [];
  return isArray(type) ? type : [type];
}

/** The alternatives of a union; empty for anything else. */
export function alternativesOf(schema: JsonObject): JsonObject[] {
  const list = own(schema, "oneOf") ?? own(schema, "anyOf");
  return isArray(list) ? list.filter((entry): entry is JsonObject => isObject(entry)) : [];
}

/** A text, number or flag, or a choice between such: nothing that deserves a name of its own. */
export function isScalar(schema: JsonObject): boolean {
  if (own(schema, "$ref") !== undefined) return false;
  const types = typesOf(schema);
  if (types.includes("object") || types.includes("array")) return false;
  if (own(schema, "properties") !== undefined || own(schema, "items") !== undefined) return false;
  const parts = children(schema);
  return parts.every(([child]) => isScalar(child));
}

export const SCHEMA_PREFIX = "#/components/schemas/";

/** The component key a schema refers to, when it is a reference to a whole component schema. */
export function componentKey(schema: JsonObject): string | undefined {
  const reference = own(schema, "$ref");
  if (typeof reference !== "string" || !reference.startsWith(SCHEMA_PREFIX)) return undefined;
  const key = localPointer(reference)?.slice(SCHEMA_PREFIX.length - 1);
  return key === undefined || key.includes("/") ? undefined : key.replaceAll("~1", "/").replaceAll("~0", "~");
}

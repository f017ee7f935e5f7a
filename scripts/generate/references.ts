import {
  arrayAt,
  entries,
  isArray,
  isObject,
  objectAt,
  own,
  pointerTo,
  resolvePointer,
  stringsAt,
  without,
  type Json,
  type JsonObject,
} from "./json.js";

/** Members that hold data, not description: nothing in them is a reference or a schema. */
const DATA = new Set(["example", "default", "enum", "const"]);

/** Visits every description object in `node`, outermost first; example data is passed over. */
export function walk(node: Json, visit: (value: JsonObject, pointer: string) => void, pointer = ""): void {
  if (isArray(node)) {
    for (const [index, item] of node.entries()) walk(item, visit, pointerTo(pointer, index));
    return;
  }
  if (!isObject(node)) return;
  visit(node, pointer);
  for (const [key, member] of entries(node)) {
    const at = pointerTo(pointer, key);
    if (key === "properties") {
      // Here the members are named by the API, and one may well be called `example`.
      for (const [name, property] of entries(member)) walk(property, visit, pointerTo(at, name));
    } else if (key === "examples") {
      for (const [name, example] of entries(member)) {
        if (isObject(example) && typeof own(example, "$ref") === "string")
          visit(example, pointerTo(at, name));
      }
    } else if (!DATA.has(key)) {
      walk(member, visit, at);
    }
  }
}

/** The local pointer inside a reference (`#/components/...`), percent-decoded; `undefined` for any other reference. */
export function localPointer(reference: string): string | undefined {
  if (!reference.startsWith("#")) return undefined;
  try {
    return decodeURIComponent(reference.slice(1));
  } catch {
    return undefined;
  }
}

/**
 * The object that `node` stands for: itself, or what its `$ref` leads to in the end.
 * `undefined` where the reference dangles, leads to something else than an object, or runs in a circle.
 */
export function dereference(document: JsonObject, node: Json | undefined): JsonObject | undefined {
  const seen = new Set<string>();
  let current: Json | undefined = node;
  while (isObject(current)) {
    const reference = own(current, "$ref");
    if (typeof reference !== "string") return current;
    if (seen.has(reference)) return undefined;
    seen.add(reference);
    const pointer = localPointer(reference);
    current = pointer === undefined ? undefined : resolvePointer(document, pointer);
  }
  return undefined;
}

/** The parts of `allOf` and what stands beside it, as one schema. */
export function together(
  document: JsonObject,
  schema: JsonObject,
  open: readonly JsonObject[] = [],
): JsonObject {
  const parts = arrayAt(schema, "allOf").flatMap((part) => {
    const found = dereference(document, part);
    return found === undefined || open.includes(found) ? [] : [together(document, found, [...open, schema])];
  });
  if (parts.length === 0) return schema;
  const all = [...parts, without(schema, "allOf")];
  const properties = Object.assign(
    {},
    ...all.map((part) => objectAt(part, "properties") ?? {}),
  ) as JsonObject;
  return {
    ...(Object.assign({}, ...all) as JsonObject),
    ...(Object.keys(properties).length > 0 && { properties }),
    required: [...new Set(all.flatMap((part) => stringsAt(part, "required")))],
  };
}

/** Plain JSON values, and the few helpers that every step of the generator needs to look into them. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}
/** An object while it is being built. */
export type MutableObject = Record<string, Json | undefined>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isArray = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

export const objectAt = (value: Json | undefined, key: string): JsonObject | undefined => {
  const found = isObject(value) ? own(value, key) : undefined;
  return isObject(found) ? found : undefined;
};

export const stringAt = (value: Json | undefined, key: string): string | undefined => {
  const found = isObject(value) ? own(value, key) : undefined;
  return typeof found === "string" ? found : undefined;
};

export const arrayAt = (value: Json | undefined, key: string): readonly Json[] => {
  const found = isObject(value) ? own(value, key) : undefined;
  return isArray(found) ? found : [];
};

/** The strings in the array under `key`; anything else there is left out. */
export const stringsAt = (value: Json | undefined, key: string): string[] =>
  arrayAt(value, key).filter((entry) => typeof entry === "string");

/** Names such as `constructor` come out of a description as data: only own members count. */
export const own = (value: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(value, key) ? value[key] : undefined;

export const entries = (value: Json | undefined): [string, Json][] =>
  isObject(value)
    ? Object.entries(value).filter((entry): entry is [string, Json] => entry[1] !== undefined)
    : [];

export const without = (value: JsonObject, ...keys: readonly string[]): MutableObject =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));

/** One reference token added to a JSON pointer (RFC 6901 section 3: `~` and `/` are escaped). */
export const pointerTo = (pointer: string, ...tokens: readonly (string | number)[]): string =>
  pointer + tokens.map((token) => `/${String(token).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** The value a pointer stands for, or `undefined` where it leads nowhere (RFC 6901 section 4). */
export function resolvePointer(document: Json, pointer: string): Json | undefined {
  if (pointer === "") return document;
  if (!pointer.startsWith("/")) return undefined;
  let node: Json | undefined = document;
  for (const raw of pointer.slice(1).split("/")) {
    const token = raw.replaceAll("~1", "/").replaceAll("~0", "~");
    if (isArray(node)) node = /^(?:0|[1-9]\d*)$/.test(token) ? node[Number(token)] : undefined;
    else node = isObject(node) ? own(node, token) : undefined;
    if (node === undefined) return undefined;
  }
  return node;
}

/** JSON text whose members stand in the order of their names, so that equal values give equal text. */
export function canonicalText(value: Json | undefined): string {
  if (isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? "null";
  const members = entries(value).toSorted(([a], [b]) => compareText(a, b));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalText(member)}`).join(",")}}`;
}

/** Order by code unit: the same on every machine, whatever its locale. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

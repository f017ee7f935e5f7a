import { InputError } from "./input-error.js";
import { locate, type Location } from "./json-path.js";
import { entries, isArray, isObject, own, pointerTo, type Json, type JsonObject } from "./json.js";

export interface Correction {
  readonly target: string;
  /** How many places the target selected; 0 where this description does not need the correction. */
  readonly matches: number;
}

/**
 * Applies the actions of an overlay (OpenAPI Overlay 1.0), in their order, to a description.
 *
 * @returns the corrected description and, per action, how often its target was found.
 * Throws {@link InputError}, pointing into the overlay, for an action that is not understood.
 */
export function correct(
  description: JsonObject,
  overlay: JsonObject,
  overlayFile: string,
): { description: JsonObject; corrections: Correction[] } {
  const version = own(overlay, "overlay");
  if (typeof version !== "string" || !/^1\.\d+\.\d+$/.test(version)) {
    throw new InputError(overlayFile, "/overlay", "expected an OpenAPI Overlay 1.x version, such as 1.0.0");
  }
  const actions = own(overlay, "actions");
  if (!isArray(actions)) throw new InputError(overlayFile, "/actions", "expected a list of actions");

  let corrected: Json = description;
  const corrections: Correction[] = [];
  for (const [index, action] of actions.entries()) {
    const at = pointerTo("/actions", index);
    const target = isObject(action) ? own(action, "target") : undefined;
    if (!isObject(action) || typeof target !== "string") {
      throw new InputError(overlayFile, at, "expected an action with a `target`");
    }
    const locations = select(corrected, target, overlayFile, pointerTo(at, "target"));
    corrections.push({ target, matches: locations.length });
    corrected = applyAction(
      corrected,
      action,
      locations,
      (reason) => new InputError(overlayFile, at, reason),
    );
  }
  if (!isObject(corrected)) throw new InputError(overlayFile, "/actions", "removes the whole description");
  return { description: corrected, corrections };
}

function select(document: Json, target: string, file: string, pointer: string): Location[] {
  try {
    return locate(document, target);
  } catch (error) {
    throw new InputError(file, pointer, error instanceof Error ? error.message : String(error));
  }
}

function applyAction(
  document: Json,
  action: JsonObject,
  locations: readonly Location[],
  fail: (reason: string) => InputError,
): Json {
  const update = own(action, "update");
  const remove = own(action, "remove") === true;
  if (!remove && update === undefined) throw fail("neither `update` nor `remove: true`");
  let result: Json = document;
  // Backwards, so that removing an item leaves the places of the items before it as they are.
  for (const location of locations.toReversed()) {
    result = changeAt(result, location, (value) => {
      if (remove) return undefined;
      if (isArray(value)) return [...value, update ?? null];
      if (isObject(value) && isObject(update)) return merge(value, update);
      throw fail("`update` fits only an object (with an object) or a list");
    });
  }
  return result;
}

function changeAt(value: Json, location: Location, change: (value: Json) => Json | undefined): Json {
  const [token, ...rest] = location;
  if (token === undefined) return change(value) ?? null;
  const changeChild = (child: Json): Json | undefined =>
    rest.length === 0 ? change(child) : changeAt(child, rest, change);
  if (isArray(value)) {
    return value.flatMap((item, index) => {
      const next = index === token ? changeChild(item) : item;
      return next === undefined ? [] : [next];
    });
  }
  return Object.fromEntries(
    entries(value).flatMap(([key, member]) => {
      const next = key === token ? changeChild(member) : member;
      return next === undefined ? [] : [[key, next] as const];
    }),
  );
}

/** Overlay 1.0, "Action Object": objects are merged member by member, lists are joined, all else is replaced. */
function merge(value: Json | undefined, update: Json): Json {
  if (isArray(value) && isArray(update)) return [...value, ...update];
  if (!isObject(value) || !isObject(update)) return update;
  const merged = new Map(entries(value));
  for (const [key, member] of entries(update)) merged.set(key, merge(merged.get(key), member));
  return Object.fromEntries(merged);
}

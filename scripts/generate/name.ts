/**
 * Gives every shape its name. A name must be the same at every run, and must not change when an unrelated schema is
 * added: so it never comes from a count, an order or a digest, only from titles and from where a shape is used.
 *
 * 1. A shape whose name, from its title (title.ts), is claimed by no other shape has that name.
 * 2. Where several shapes claim one name, it goes to the one with the best standing, if exactly one has it:
 *    - at home: the body of the operation or event that the name speaks of (`ListUsersResponse` answers `list_users`);
 *    - body: the whole body of any other operation or event;
 *    - part: a part of another schema;
 *    - alternative: only used as one of the choices of a union, whose titles are meant to be read inside the union;
 *    - inside: only used within another shape that claims the same name (an order of an order).
 * 3. All others are named by their place: `<OperationId>Request`, `<OperationId>Response` or `<EventId>Event` for a body;
 *    the name of the shape around them and the property that holds them (`PortfoliosOrderOrders`), or, for a choice of a
 *    union, the name of the union and the name from the title; a component schema by its key. Of several places, the
 *    shortest name, then the first in the alphabet.
 * 4. If that name is taken as well, generating fails and asks for a title: an overlay action can give one.
 *
 * So a name changes only when a schema with an equal title and another structure comes or goes.
 */
import { InputError } from "./input-error.js";
import {
  compareText,
  entries,
  objectAt,
  own,
  pointerTo,
  without,
  type Json,
  type JsonObject,
} from "./json.js";
import { rootsOf, walkSchemas } from "./roots.js";
import { componentKey, mapChildren, SCHEMA_PREFIX } from "./schema.js";
import { createHoister, type Draft, type Shape, type Use } from "./shapes.js";
import { identifier, pascalCase, sameButForPlural } from "./title.js";

/**
 * @returns the description with every named schema under `components.schemas`, by name and in the order of the names,
 * and a reference wherever one is used. Throws {@link InputError} where no name can be found for a schema.
 */
export function name(document: JsonObject, file: string): JsonObject {
  const hoister = createHoister(document, problemKeys(document));
  const components = objectAt(document, "components") ?? {};
  const outside = { ...document, components: without(components, "schemas") };
  const hoisted = walkSchemas(outside, (schema, root, bare) =>
    hoister.hoist(schema, { root, steps: [] }, bare),
  );
  for (const [key] of entries(own(components, "schemas"))) {
    const root = { name: identifier(pascalCase(key)), pointer: pointerTo("/components/schemas", key) };
    hoister.hoist({ $ref: SCHEMA_PREFIX + key }, { root, steps: [] });
  }

  const names = assign(hoister.shapes(), file);
  const relink = (schema: JsonObject): JsonObject => {
    const id = componentKey(schema);
    const shape = id === undefined ? undefined : hoister.shapeOf(id);
    const target = shape && names.get(shape);
    return target === undefined ? mapChildren(schema, relink) : { ...schema, $ref: SCHEMA_PREFIX + target };
  };
  const schemas = [...names]
    .toSorted(([, a], [, b]) => compareText(a, b))
    .map(([shape, key]): [string, Json] => [key, relink(shape.schema)]);
  const linked = walkSchemas(hoisted, relink);
  return {
    ...linked,
    components: { ...objectAt(linked, "components"), schemas: Object.fromEntries(schemas) },
  };
}

/** What an `application/problem+json` body is called is settled by RFC 9457; "Error" would hide a built-in. */
function problemKeys(document: JsonObject): Map<string, string> {
  const keys = new Map<string, string>();
  for (const { schema, bare } of rootsOf(document)) {
    const key = componentKey(schema);
    if (key !== undefined && bare === "Problem") keys.set(key, bare);
  }
  return keys;
}

function assign(shapes: readonly Shape[], file: string): Map<Shape, string> {
  const claims = groupBy(shapes, (shape) => shape.bare);
  const names = new Map<Shape, string>();
  const taken = new Map<string, Shape>();
  for (const [bare, claimants] of claims) {
    const winner = winnerOf(claimants);
    if (winner !== undefined) {
      names.set(winner, bare);
      taken.set(bare, winner);
    }
  }
  const nameOf = (shape: Shape): string => {
    const known = names.get(shape);
    if (known !== undefined) return known;
    const free = placeNames(shape, nameOfDraft).find(
      (candidate) => !taken.has(candidate) && !claims.has(candidate),
    );
    if (free === undefined) {
      const pointer = shape.uses[0]?.root.pointer ?? "";
      throw new InputError(
        file,
        pointer,
        `several schemas would be called "${shape.bare}"; give this one a title of its own`,
      );
    }
    names.set(shape, free);
    taken.set(free, shape);
    return free;
  };
  const nameOfDraft = (draft: Draft): string => (draft.shape ? nameOf(draft.shape) : draft.bare);
  for (const shape of shapes) nameOf(shape);
  return names;
}

function groupBy<Item>(items: readonly Item[], key: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

/** The shape that may have the name as it is; `undefined` when no single one has the best standing. */
function winnerOf(claimants: readonly Shape[]): Shape | undefined {
  const standings = claimants.map((shape) => ({ shape, standing: standingOf(shape) }));
  const best = Math.min(...standings.map(({ standing }) => standing));
  const leaders = standings.filter(({ standing }) => standing === best);
  return leaders.length === 1 ? leaders[0]?.shape : undefined;
}

const STANDING = { home: 0, body: 1, part: 2, alternative: 3, inside: 4 } as const;

const standingOf = (shape: Shape): number =>
  Math.min(...shape.uses.map((use) => STANDING[standingAt(shape, use)]));

function standingAt(shape: Shape, use: Use): keyof typeof STANDING {
  if (use.parent === undefined && use.steps.length === 0) {
    return sameButForPlural(use.root.name, shape.bare) ? "home" : "body";
  }
  for (let around = use.parent; around !== undefined; around = around.parent) {
    if (around.bare === shape.bare) return "inside";
  }
  return use.steps.at(-1)?.kind === "alternative" ? "alternative" : "part";
}

/** The names its places give to a shape, the preferred one first. */
function placeNames(shape: Shape, nameOfDraft: (draft: Draft) => string): string[] {
  const byKey = shape.keys.map((key) => identifier(pascalCase(key)));
  const short = shape.uses.map((use) => {
    const place = placeOf(use, nameOfDraft);
    return use.steps.at(-1)?.kind === "alternative" && !hasProperty(use) ? place + shape.bare : place;
  });
  const long = shape.uses.map((use) => placeOf(use, nameOfDraft) + shape.bare);
  return [byKey, short, long].flatMap((candidates) =>
    candidates.toSorted((a, b) => a.length - b.length || compareText(a, b)),
  );
}

const hasProperty = (use: Use): boolean => use.steps.some((step) => step.kind === "property");

const placeOf = (use: Use, nameOfDraft: (draft: Draft) => string): string =>
  (use.parent ? nameOfDraft(use.parent) : use.root.name) +
  use.steps.map((step) => (step.kind === "property" ? pascalCase(step.name) : "")).join("");

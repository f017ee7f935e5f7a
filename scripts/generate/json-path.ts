import { entries, isArray, isObject, own, type Json } from "./json.js";

/** One place that a path has found: the tokens that lead to it from the root. */
export type Location = readonly (string | number)[];

type Segment = { readonly name: string } | { readonly index: number } | "any";

/**
 * The places in `document` that `path` selects, in document order.
 *
 * Understood is the part of JSONPath (RFC 9535) that names things: `$`, `.name`, `['name']`, `[0]`, `[*]` and `.*`.
 * Throws a `SyntaxError` for anything else, so that a correction never misses its target in silence.
 */
export function locate(document: Json, path: string): Location[] {
  let found: { at: Location; value: Json }[] = [{ at: [], value: document }];
  for (const segment of parsePath(path)) {
    found = found.flatMap(({ at, value }) =>
      children(value, segment).map(([token, child]) => ({ at: [...at, token], value: child })),
    );
  }
  return found.map(({ at }) => at);
}

function children(value: Json, segment: Segment): [string | number, Json][] {
  if (segment === "any") return isArray(value) ? [...value.entries()] : entries(value);
  if ("index" in segment) {
    const item = isArray(value) ? value[segment.index] : undefined;
    return item === undefined ? [] : [[segment.index, item]];
  }
  const member = isObject(value) ? own(value, segment.name) : undefined;
  return member === undefined ? [] : [[segment.name, member]];
}

const TOKEN =
  /\.(?<any>\*)|\.(?<name>[\p{L}_][\p{L}\p{N}_-]*)|\[(?<all>\*)\]|\[(?<index>\d+)\]|\[(?<quoted>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\]/uy;

function parsePath(path: string): Segment[] {
  if (!path.startsWith("$")) throw new SyntaxError("a path begins with `$`");
  const segments: Segment[] = [];
  let position = 1;
  while (position < path.length) {
    TOKEN.lastIndex = position;
    const match = TOKEN.exec(path);
    if (match?.groups === undefined) {
      throw new SyntaxError(
        `\`${path.slice(position)}\` is not understood (only .name ['name'] [0] [*] .* are)`,
      );
    }
    const { name, index, quoted } = match.groups;
    if (name !== undefined) segments.push({ name });
    else if (index !== undefined) segments.push({ index: Number(index) });
    else if (quoted !== undefined) segments.push({ name: quoted.slice(1, -1).replaceAll(/\\(.)/gu, "$1") });
    else segments.push("any");
    position = TOKEN.lastIndex;
  }
  return segments;
}

import type { Operation } from "../pipeline/request.js";
import { dereferencer, list, record, text } from "../sandbox/json.js";
import { nearest } from "../nearest.js";

/** What there is to say of query parameters that the description does not have for this operation. The API ignores them. */
export async function aboutUnknownQuery(
  { id, path, method }: Operation,
  given: readonly string[],
): Promise<readonly string[]> {
  if (given.length === 0) return [];
  // Loaded here alone: it is long.
  const { description } = await import("../../generated/description.js");
  const resolve = dereferencer(description);
  const item = resolve(record(description["paths"])[path]);
  const known = [...list(item["parameters"]), ...list(resolve(item[method.toLowerCase()])["parameters"])]
    .map(resolve)
    .flatMap(({ in: place, name }) => (place === "query" ? [text(name) ?? ""] : []));
  return given
    .filter((name) => !known.includes(name))
    .map((name) => {
      const near = nearest(name, known);
      const there = known.length === 0 ? "none at all" : known.join(", ");
      return `${id} has no query parameter ${name} (${near === undefined ? `it has ${there}` : `${near}?`})`;
    });
}

import { operations } from "../generated/operations.js";
import type { Operation } from "./pipeline/request.js";
import { edits } from "./nearest.js";

/** No path of the description ends in a slash, and nothing else can be meant by one: `/accounts/` is `/accounts`. */
export const withoutSlash = (path: string): string => path.replace(/(?<=.)\/$/, "");

/** The three operations that are most likely meant by a method and a concrete path which fit none. */
export function nearOperations(method: string, path: string): readonly Operation[] {
  const typed = withoutSlash(path).split("/").slice(1);
  return Object.values(operations)
    .map((operation) => ({
      operation,
      distance: distance(operation.path.split("/").slice(1), typed) + (operation.method === method ? 0 : 0.5),
    }))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ operation }) => operation);
}

/** How far a template is from what was typed: 0 for a segment that fits, up to 1 for one that is another word. */
function distance(template: readonly string[], typed: readonly string[]): number {
  let sum = Math.abs(template.length - typed.length);
  for (let index = 0; index < Math.min(template.length, typed.length); index += 1) {
    const [part = "", word = ""] = [template[index], typed[index]];
    // Anything may stand for an id, but a word without digits is more likely a misspelt name.
    if (part.startsWith("{")) sum += /\d/.test(word) ? 0 : 0.4;
    else sum += edits(part, word) / Math.max(part.length, word.length, 1);
  }
  return sum;
}

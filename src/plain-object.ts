import { shown, UpvestConfigError } from "./base-errors.js";

/**
 * Refuses what would be read as nothing at all: a Map or Headers, whose entries are no members, and members that nobody
 * looks at. A key or a filter that is dropped in silence is a doubled order or a wrong list.
 *
 * @param what that the members belong to, as the message names it
 */
export function requireMembers(what: string, given: unknown, known?: ReadonlySet<string>): void {
  if (typeof given !== "object" || given === null || Symbol.iterator in given) {
    throw new UpvestConfigError(`${what} must be a plain object; it is ${kindOf(given)}`);
  }
  if (known === undefined) return;
  // Every call comes by here: Object.entries would make a list of lists.
  for (const name in given) {
    if (known.has(name) || given[name as keyof typeof given] === undefined) continue;
    const hint = /idempotency/i.test(name)
      ? '. The key goes into params: { header: { "idempotency-key": key } }'
      : "";
    throw new UpvestConfigError(`${what} has no member ${name}; it has ${[...known].join(", ")}${hint}`);
  }
}

const kindOf = (given: unknown): string =>
  typeof given === "object" && given !== null ? given.constructor.name : shown(given);

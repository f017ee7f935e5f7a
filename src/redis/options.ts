import { UpvestConfigError } from "../base-errors.js";
import { requireMembers } from "../plain-object.js";
import type { OnRedisError } from "./command.js";

/** What each of the functions of this entry may be told. */
interface Shared {
  readonly prefix?: string;
  readonly onError?: OnRedisError;
}

/**
 * Refuses options that nobody reads: under another name `prefix` would mix what is to be apart.
 *
 * @param more options of that function alone
 * @returns what all keys in Redis start with, `upvest:` by default
 */
export function prefixOf(name: string, options: Shared, ...more: readonly string[]): string {
  requireMembers(`the options object of ${name}`, options, new Set([...more, "prefix", "onError"]));
  const { prefix = "upvest:" }: { readonly prefix?: unknown } = options;
  if (typeof prefix === "string") return prefix;
  throw new UpvestConfigError(`prefix must be a string such as "upvest:"; it is ${typeof prefix}`);
}

import { UpvestConfigError } from "../base-errors.js";

/** @returns what all keys in Redis start with, `upvest:` by default */
export function prefixOf(prefix: unknown = "upvest:"): string {
  if (typeof prefix === "string") return prefix;
  throw new UpvestConfigError(`prefix must be a string such as "upvest:"; it is ${typeof prefix}`);
}

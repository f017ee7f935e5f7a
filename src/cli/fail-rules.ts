import type { FailureRule } from "upvest-client/sandbox";
import { CliError } from "./exit-codes.js";

/** How `--fail` says what goes wrong. */
export const FAILURES = "a status from 400 to 599, drop-before, drop-after, truncate or delay-MS";

/**
 * The rule for one request that `--fail operation=how` asks for.
 *
 * @throws CliError for a `how` that is none of {@link FAILURES}
 */
export function failRule(operation: string, how: string): FailureRule {
  const [, status] = /^([45]\d\d)$/.exec(how) ?? [];
  if (status !== undefined) return { operation, status: Number(status) };
  const [, drop] = /^drop-(before|after)$/.exec(how) ?? [];
  if (drop !== undefined) return { operation, drop: drop === "before" ? "before" : "after" };
  if (how === "truncate") return { operation, truncate: true };
  const [, delay] = /^delay-(\d{1,9})$/.exec(how) ?? [];
  if (delay !== undefined) return { operation, delay: Number(delay) };
  throw new CliError(`--fail ${operation}: ${how} is not ${FAILURES}`);
}

import { operations } from "../../generated/operations.js";
import { nearOperations, withoutSlash } from "../near-operations.js";
import type { Operation } from "../pipeline/request.js";
import { finder } from "../sandbox/operations.js";
import { refusal, type ProxyProblem } from "./problem.js";

export interface Matched {
  readonly operation: Operation;
  /** Of the parameters in the path, percent-escapes decoded. */
  readonly values: Readonly<Record<string, string>>;
}

const find = finder(
  Object.values(operations).map((operation) => ({
    ...operation,
    parameters: Array.from(operation.path.matchAll(/\{([^}]+)\}/g), ([, name = ""]) => name),
  })),
);

/**
 * The operation of the description that a request is. What is not in it is refused: nobody knows its scope, whether it
 * takes an idempotency key, and so whether it may be repeated.
 */
export function matchOperation(method: string, path: string): Matched | ProxyProblem {
  const match = find(method, withoutSlash(path));
  if (match.found !== undefined) return { operation: match.found, values: match.values };
  if (match.allow.length > 0) {
    const allow = match.allow.join(", ");
    return refusal(405, "method_not_allowed", "Method not allowed", `${path} has ${allow}, not ${method}.`, {
      allow,
    });
  }
  const near = nearOperations(method, path).map((each) => `${each.method} ${each.path}`);
  return refusal(
    404,
    "unknown_operation",
    "Not in the API description",
    `the description has no ${method} ${path}; nearest: ${near.join(", ")}. A path begins right after the port, as in /accounts?limit=2.`,
  );
}

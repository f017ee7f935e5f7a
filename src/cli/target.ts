import { operations } from "../../generated/operations.js";
import type { Operation } from "../pipeline/request.js";
import { CliError } from "./exit-codes.js";
import { nearOperations, withoutSlash } from "../near-operations.js";

/** An operation of the description, with what a concrete path and query say. */
export interface Target {
  readonly operation: Operation;
  /** As it was typed, without its query. */
  readonly typed: string;
  readonly path: Readonly<Record<string, string>>;
  /** A name that comes more than once has all of its values, in order. */
  readonly query: Readonly<Record<string, string | readonly string[]>>;
}

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/**
 * Finds the operation that a method and a concrete path (`/accounts/ad45.../orders?limit=2`) mean.
 *
 * @throws CliError naming the nearest ones where there is none
 */
export function findTarget(method: string, typed: string): Target {
  const verb = methods.find((name) => name === method.toUpperCase());
  if (verb === undefined)
    throw new CliError(`the method must be one of ${methods.join(", ")}; it is ${method}`);
  if (/^https?:/i.test(typed)) {
    throw new CliError("give the path alone, /accounts?limit=2: the address comes from UPVEST_API_BASE_URL");
  }
  const mark = typed.indexOf("?");
  const path = withoutSlash((mark < 0 ? typed : typed.slice(0, mark)).replace(/^\/?/, "/"));
  const segments = path.split("/").slice(1);
  // The one with the fewest placeholders: /webhooks/test is not the webhook with the id "test", should both exist.
  const [best] = fitting(segments)
    .filter((operation) => operation.method === verb)
    .toSorted((a, b) => placeholders(a) - placeholders(b));
  if (best === undefined) throw unknownPath(verb, path, segments);
  return {
    operation: best,
    typed: path,
    path: valuesOf(best, segments),
    query: group(new URLSearchParams(mark < 0 ? "" : typed.slice(mark))),
  };
}

/** Names with their values: one as it is, several as a list. */
export function group(
  pairs: Iterable<readonly [string, string]>,
): Record<string, string | readonly string[]> {
  const grouped = new Map<string, string | readonly string[]>();
  for (const [name, value] of pairs) {
    const earlier = grouped.get(name);
    grouped.set(name, earlier === undefined ? value : [earlier, value].flat());
  }
  return Object.fromEntries(grouped);
}

const all = Object.values(operations);
const segmentsOf = ({ path }: Operation): readonly string[] => path.split("/").slice(1);
const isPlaceholder = (segment: string): boolean => segment.startsWith("{");
const placeholders = (operation: Operation): number => segmentsOf(operation).filter(isPlaceholder).length;

function fitting(segments: readonly string[]): readonly Operation[] {
  return all.filter((operation) => {
    const template = segmentsOf(operation);
    return (
      template.length === segments.length &&
      template.every((part, index) => isPlaceholder(part) || part === segments[index])
    );
  });
}

function valuesOf(operation: Operation, segments: readonly string[]): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  segmentsOf(operation).forEach((part, index) => {
    if (!isPlaceholder(part)) return;
    const value = segments[index] ?? "";
    if (isPlaceholder(value)) throw new CliError(`${operation.id}: put a value in the place of ${value}`);
    values[part.slice(1, -1)] = value;
  });
  return values;
}

function unknownPath(verb: string, path: string, segments: readonly string[]): CliError {
  const others = fitting(segments).map(({ method }) => method);
  if (others.length > 0) {
    return new CliError(`the description has no ${verb} ${path}; it has ${others.join(", ")} there`);
  }
  const near = nearOperations(verb, path).map((operation) => `  ${operation.method} ${operation.path}`);
  return new CliError(`the description has no ${verb} ${path}. Nearest:\n${near.join("\n")}`);
}

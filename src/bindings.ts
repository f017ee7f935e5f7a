/**
 * The only module that knows openapi-fetch, whose rules put parameters into a query. The library is final
 * (openapi-ts/openapi-typescript#2874), so whatever replaces it one day is written here. Its own request loop is not
 * used: it makes a Request and reads a Response of its own for each call, which costs more than signing does.
 */
import { createQuerySerializer } from "openapi-fetch";
import { UpvestConfigError } from "./errors.js";
import { shownParameter } from "./path.js";

const serialise = /* @__PURE__ */ createQuerySerializer();

/** Percent-encodes as a URL does, so that what is signed is what is sent (`'` among them). */
const normalise = (query: string): string => new URL(`http://localhost/?${query}`).search;

const isThere = (value: unknown): boolean => value !== undefined && value !== null;

/** An object literal or the like, of whatever realm. Of a Date or a Map nothing would be left in a query. */
function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Lone surrogates have no UTF-8, NaN and the infinities mean nothing to a server. */
const isPrimitive = (value: unknown): boolean =>
  typeof value === "string"
    ? !/\p{Surrogate}/u.test(value)
    : typeof value === "boolean" || typeof value === "bigint" || Number.isFinite(value);

/** A value without its members that are undefined or null. */
function withoutGaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter(isThere);
  return isPlain(value) ? Object.fromEntries(Object.entries(value).filter(([, one]) => isThere(one))) : value;
}

/**
 * The query of a call, with its `?`; empty where there is none. Lists repeat the name, members that are undefined or null
 * are left out.
 *
 * @param operationId for the error
 * @throws UpvestConfigError naming the parameter that cannot be sent as it is meant
 */
export function queryOf(
  operationId: string,
  parameters: Readonly<Record<string, unknown>> | null | undefined,
): string {
  if (parameters === undefined || parameters === null) return "";
  // An instance of a user's class may hold them as well.
  if (shownParameter(parameters) !== "[object Object]") {
    throw new UpvestConfigError(
      `${operationId}: params.query must be a plain object of names and values; it is ${shownParameter(parameters)}`,
    );
  }
  const taken: Record<string, unknown> = {};
  for (const name in parameters) {
    const value = withoutGaps(parameters[name]);
    const members: readonly unknown[] =
      Array.isArray(value) || isPlain(value) ? Object.values(value) : [value];
    const wrong = members.find((one) => isThere(one) && !isPrimitive(one));
    if (wrong !== undefined) {
      throw new UpvestConfigError(
        `${operationId}: the query parameter ${name} cannot hold ${shownParameter(wrong)}. It takes strings of whole characters, finite numbers, booleans and bigints, and lists and plain objects of those.`,
      );
    }
    if (members.length > 0) taken[name] = value;
  }
  const query = serialise(taken);
  return query === "" ? "" : normalise(query);
}

import { operations } from "../../generated/operations.js";
import { nearest } from "../nearest.js";

/** Every scope that an operation of the description takes, sorted. */
export const knownScopes: readonly string[] = [
  ...new Set(Object.values(operations).flatMap(({ scopes }) => scopes)),
].toSorted();

/** What there is to say of scopes that no operation of the description takes. They may be newer than this package. */
export const aboutUnknown = (scopes: readonly string[]): readonly string[] =>
  scopes
    .filter((scope) => !knownScopes.includes(scope))
    .map((scope) => {
      const near = nearest(scope, knownScopes);
      return `the description knows no scope ${scope}${near === undefined ? "" : ` (${near}?)`}`;
    });

import { operations } from "../../generated/operations.js";

/** Every scope that an operation of the description takes, sorted. */
export const knownScopes: readonly string[] = [
  ...new Set(Object.values(operations).flatMap(({ scopes }) => scopes)),
].toSorted();

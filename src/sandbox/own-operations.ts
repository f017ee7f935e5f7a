import type { Json } from "./json.js";
import type { Route } from "./operations.js";

/** A request that was found good, to an operation that the sandbox answers by itself. */
export interface OwnCall {
  readonly route: Route;
  /** Of the parameters in the path. */
  readonly values: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Parsed; an empty object when there is none. */
  readonly body: Json;
}

/** An operation that has state in the sandbox, where all others are answered with the description's examples. */
export interface OwnOperation {
  /** The body as the description is to judge it, where that is not what was sent. Throws a `Refusal`. */
  readonly judged?: (body: unknown) => unknown;
  /** The body of the successful answer, undefined when it has none. Throws a `Refusal`. */
  readonly answer: (call: OwnCall) => unknown;
  /** Where to redirect instead of an answer. Throws a `Refusal`. */
  readonly redirect?: (call: OwnCall) => string | undefined;
}

export type OwnOperations = (route: Route) => OwnOperation | undefined;

/**
 * What the client tells those who watch it: on channels of `node:diagnostics_channel`, where the runtime has that module,
 * and to a {@link Logger}. Nothing here holds a header, a body, a query value or a filled-in path. `error` is what the
 * call itself ends with: an error of this package shows no secret either.
 */

/** `tracingChannel("upvest-client:call")`: one call with all its attempts and waiting, middleware included. */
export interface CallDiagnostics {
  /** `operationId` of the description, `place_order`. */
  readonly operationId: string;
  readonly method: string;
  /** The path template, `/accounts/{account_id}`. */
  readonly path: string;
  // From here on: known when the call has ended.
  /** HTTP status of the answer, where there was one. */
  readonly status?: number | undefined;
  /** The refusal (UpvestApiError), or what the call threw. */
  readonly error?: unknown;
  /** How many times the request was sent. */
  readonly attempts?: number | undefined;
  readonly idempotencyKey?: string | undefined;
  /** `upvest-request-id` of the answer. */
  readonly requestId?: string | undefined;
  /** ms; with `parseAs: "stream"` until the body begins. */
  readonly duration?: number | undefined;
}

/**
 * `tracingChannel("upvest-client:attempt")`: one request on the wire, signed, until the headers of its answer are in.
 * Requests for access tokens are among them.
 */
export interface AttemptDiagnostics {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  /** `https://sandbox.upvest.co` */
  readonly origin: string;
  /** 1 for the first one of the call. */
  readonly attempt: number;
  readonly keyId?: string | undefined;
  readonly algorithm?: string | undefined;
  /** s, Unix time. */
  readonly created?: number | undefined;
  /** s, Unix time. */
  readonly expires?: number | undefined;
  // From here on: known when the attempt has ended.
  readonly status?: number | undefined;
  readonly error?: unknown;
  readonly requestId?: string | undefined;
  /** ms */
  readonly duration?: number | undefined;
}

/** `channel("upvest-client:retry")`: another attempt will be made after a wait. */
export interface RetryDiagnostics {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  /** How many times the request was sent so far. */
  readonly attempt: number;
  /** ms until the next one. */
  readonly delay: number;
  /** The answer that is not taken for the last word, */
  readonly status?: number | undefined;
  /** or why there was none. */
  readonly error?: unknown;
}

/** `channel("upvest-client:token")`: an access token came or went. */
export interface TokenDiagnostics {
  /**
   * `issued`: the first one for this scope set; `refreshed`: one that follows it; `failed`: the token endpoint gave none;
   * `refused`: the API answered 401 to one, which is dropped.
   */
  readonly event: "issued" | "refreshed" | "failed" | "refused";
  /** Space-separated: granted; with `failed`, asked for. */
  readonly scope: string;
  /** ms from issue to expiry. */
  readonly lifetime?: number | undefined;
  readonly error?: unknown;
}

/** `channel("upvest-client:page")`: a page of a walk came. Counts are of items. */
export interface PageDiagnostics {
  readonly operationId: string;
  readonly offset: number;
  readonly count: number;
  /** Of the whole collection, as this page tells it. */
  readonly total: number;
}

/** Takes what is told, the fields first: `console` and pino do. One that throws or rejects disturbs no call. */
export interface Logger {
  /** What goes well: calls, attempts, tokens, pages. */
  debug(fields: object, message: string): void;
  /** What was refused or is tried again. */
  warn(fields: object, message: string): void;
  /** A write whose outcome is unknown. */
  error(fields: object, message: string): void;
}

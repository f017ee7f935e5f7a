import type { paths } from "../generated/schema.js";
import type { UpvestApiError } from "./errors.js";
import type { RetryOptions } from "./pipeline/request.js";

export type { paths };

type Method = "get" | "post" | "put" | "patch" | "delete";

/** Paths of the description that have this method. */
export type PathWith<M extends Method> = {
  [P in keyof paths]: paths[P] extends { readonly [K in M]: object } ? P : never;
}[keyof paths];

/** What the description says of one method on one path. */
export type OperationOf<P extends keyof paths, M extends Method> = paths[P] extends {
  readonly [K in M]: infer O;
}
  ? O
  : never;

/** How the body of a successful answer is read. */
export type ParseAs = "json" | "text" | "blob" | "arrayBuffer" | "stream";

/** What a caller may set on one call. */
export interface CallOptions<A extends ParseAs = "json"> {
  /** Ends the call, its waiting included; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** ms, one attempt, body included. */
  readonly timeout?: number | undefined;
  /** ms, the whole call, attempts and waiting. */
  readonly deadline?: number | undefined;
  readonly retry?: false | Partial<RetryOptions> | undefined;
  /** More headers. They are signed, apart from those that proxies and tracing own (`x-`, `traceparent`, ...). */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Default `json`. With `stream` the body is handed on as it comes. */
  readonly parseAs?: A;
}

type Parameters<O> = O extends { readonly parameters: infer P } ? P : never;

type WithParams<O> =
  {} extends Parameters<O> ? { readonly params?: Parameters<O> } : { readonly params: Parameters<O> };

type WithBody<O> = O extends { readonly requestBody: { readonly content: infer C } }
  ? { readonly body: C[keyof C] }
  : O extends { readonly requestBody?: { readonly content: infer C } }
    ? { readonly body?: C[keyof C] }
    : { readonly body?: never };

export type CallInit<O, A extends ParseAs = "json"> = CallOptions<A> & WithParams<O> & WithBody<O>;

/** The second argument may be left out where nothing in it is required. */
export type InitArguments<I> = {} extends I ? [init?: I] : [init: I];

type SuccessStatus = 200 | 201 | 202 | 203 | 204 | 206 | 207 | "2XX";

type JsonOf<R> = R extends { readonly content: infer C }
  ? C extends { readonly "application/json": infer J }
    ? J
    : undefined
  : undefined;

type SuccessBody<O> = O extends { readonly responses: infer R }
  ? { [S in keyof R & SuccessStatus]: JsonOf<R[S]> }[keyof R & SuccessStatus]
  : never;

/** What `data` holds. */
export type DataOf<O, A extends ParseAs = "json"> = A extends "json"
  ? SuccessBody<O>
  : A extends "text"
    ? string
    : A extends "blob"
      ? Blob
      : A extends "arrayBuffer"
        ? ArrayBuffer
        : ReadableStream<Uint8Array> | null;

/** What every result tells of its call. */
export interface CallFacts {
  /**
   * The answer, its body already read (with `parseAs: "stream"`: yours to read, as `data`). Where the token endpoint
   * refused, so that the call itself was not sent: that refusal.
   */
  readonly response: Response;
  /** How many times the request was sent. */
  readonly attempts: number;
  /** The key that every attempt carried, where the operation wants one. */
  readonly idempotencyKey?: string;
  /** `upvest-request-id` of the answer. */
  readonly requestId?: string;
}

export interface CallSuccess<D> extends CallFacts {
  readonly data: D;
  readonly error?: never;
}

export interface CallFailure extends CallFacts {
  readonly data?: never;
  readonly error: UpvestApiError;
}

/** `data` when the API did what was asked, `error` when it refused. */
export type CallResult<D> = CallSuccess<D> | CallFailure;

export type ClientMethod<M extends Method> = <P extends PathWith<M>, A extends ParseAs = "json">(
  path: P,
  ...init: InitArguments<CallInit<OperationOf<P, M>, A>>
) => Promise<CallResult<DataOf<OperationOf<P, M>, A>>>;

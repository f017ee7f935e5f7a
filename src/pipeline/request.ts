import type { Operation } from "../../generated/operations.js";
import type { CallContext } from "../errors.js";
import type { SignedRequest } from "./explain.js";

export type { Operation };

/** What happened to a call so far. The one mutable thing in the pipeline: layers note here what errors will tell. */
export interface CallTrace {
  /** How many times the request was handed to `fetch`. */
  attempts: number;
  /** A request is out and its answer is not wholly in: a failure now leaves the outcome open. */
  pending: boolean;
  idempotencyKey?: string;
  /** Of the last answer that was not handed on as a stream: its body, unpacked. */
  body?: Uint8Array<ArrayBuffer>;
  /** The answer was larger than `maxResponseSize`: its body was not kept. */
  tooLarge?: boolean;
  /** ms that middleware took before the first attempt: they count for the deadline. */
  elapsed?: number;
  /** What the request carries and no error may repeat: the access token, or the client secret. */
  secret?: string;
  /** Why there was no token to send the call with. */
  tokenRefusal?: unknown;
  /** What the last attempt signed. */
  signed?: SignedRequest;
}

/** Parameters as the caller gave them. */
export interface CallParameters {
  readonly query?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly path?: Readonly<Record<string, unknown>>;
}

/** A request on its way down: plain data, its body already the bytes that are signed and sent. */
export interface PipelineRequest {
  readonly operation: Operation;
  /** For middleware; everything else goes by what was made of them. */
  readonly params: CallParameters;
  /** `https://sandbox.upvest.co` */
  readonly origin: string;
  /** As it goes on the wire, and as `@path` is signed. */
  readonly path: string;
  /** With its `?`; empty when there is no query. */
  readonly query: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
  readonly signal: AbortSignal | undefined;
  /** ms, one attempt, body included. */
  readonly timeout: number;
  /** ms, the whole call; undefined: none. */
  readonly deadline: number | undefined;
  readonly retry: RetryOptions;
  /** Bytes that the body of an answer may have, unpacked; one that is handed on as a stream may have any number. */
  readonly maxResponseSize: number;
  /** The caller reads the body of a successful answer as it comes: it is not collected here. */
  readonly stream: boolean;
  readonly trace: CallTrace;
}

/** When and how long to wait between attempts. Times in ms. */
export interface RetryOptions {
  /** Attempts in all, the first included. Default 4. */
  readonly maxAttempts: number;
  /** The first back-off is drawn between 0 and this, the next between 0 and twice this, and so on. Default 500 ms. */
  readonly baseDelay: number;
  /** No back-off is longer. Default 8,000 ms. */
  readonly maxDelay: number;
  /** A `Retry-After` beyond this ends the call at once, with the time it names. Default 60,000 ms. */
  readonly maxRetryAfter: number;
}

export type Handler = (request: PipelineRequest) => Promise<Response>;

/** One concern, one file: wraps what comes after it and knows nothing of the others. */
export type Layer = (next: Handler) => Handler;

/** What errors tell of a request. */
export const contextOf = ({
  operation,
  trace,
}: Pick<PipelineRequest, "operation" | "trace">): CallContext => ({
  operationId: operation.id,
  operation: `${operation.method} ${operation.path}`,
  idempotencyKey: trace.idempotencyKey,
  attempts: trace.attempts,
});

/**
 * The headers with more of them. Not by object spread: V8 adds members to a spread copy thirty times slower than to an
 * assigned one, and every call has half a dozen to add.
 */
export const withHeaders = (
  headers: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>>,
): Record<string, string> => Object.assign({}, headers, more);

import { mark, UpvestError } from "./base-errors.js";
import { problemCode, problemDetail, type Problem, type ProblemCode } from "./problem.js";

export { shown, UpvestConfigError, UpvestError } from "./base-errors.js";

/** What is told of a call by every error that ends one. */
export interface CallContext {
  /** `operationId` of the description, `place_order`. */
  readonly operationId: string;
  /** Method and path template, `POST /orders`. */
  readonly operation: string;
  /** The idempotency key that every attempt carried, where the operation wants one. */
  readonly idempotencyKey?: string | undefined;
  /** How many times the request was sent. */
  readonly attempts: number;
}

abstract class UpvestCallError extends UpvestError {
  readonly operationId: string;
  readonly idempotencyKey: string | undefined;
  readonly attempts: number;

  constructor(message: string, call: CallContext, options?: ErrorOptions) {
    super(message, options);
    this.operationId = call.operationId;
    this.idempotencyKey = call.idempotencyKey;
    this.attempts = call.attempts;
  }
}

/** What {@link UpvestApiError} is made from. */
export interface ApiAnswer {
  readonly status: number;
  readonly problem: Problem;
  readonly requestId?: string | undefined;
  readonly retryAt?: Date | undefined;
  /** Set where the answer itself cannot be used: replaces the code that the problem would give. */
  readonly code?: ProblemCode;
  readonly explain?: () => string;
}

/** A message is for people and logs: what a server writes at length stays in `problem`. */
const brief = (text: string): string =>
  text.length > 1_000 ? `${text.slice(0, 1_000)}... (${text.length} characters)` : text;

/**
 * The API answered, and the answer is a refusal; or, of a call that changes nothing, one that cannot be used (`status`
 * 200 to 299, `code` `invalid_response` or `response_too_large`).
 */
export class UpvestApiError extends UpvestCallError {
  /** HTTP status. */
  readonly status: number;
  /** Last path segment of the problem's `type`, `missing_idempotency_key`. */
  readonly code: ProblemCode;
  /** The problem as it was answered; `about:blank` where the answer held none. */
  readonly problem: Problem;
  /** `upvest-request-id` of the answer, or the problem's `request_id`: what Upvest's support asks for. */
  readonly requestId: string | undefined;
  /** From when on the API wants to be asked again, where the answer says so (`Retry-After`). */
  readonly retryAt: Date | undefined;

  constructor(call: CallContext, answer: ApiAnswer) {
    const code = answer.code ?? problemCode(answer.problem);
    const requestId = answer.requestId ?? answer.problem.request_id;
    const facts = [
      `${call.operation} (${call.operationId}): ${answer.status} ${code}`,
      answer.problem.title,
      problemDetail(answer.problem),
      answer.retryAt && `Not before ${answer.retryAt.toISOString()}`,
    ]
      .filter((text) => text !== undefined)
      .map(brief);
    const trace = [
      `attempts ${call.attempts}`,
      ...(requestId === undefined ? [] : [`request id ${requestId}`]),
      ...(answer.explain ? ["explain() shows what was signed"] : []),
    ];
    super(`${facts.join(". ")} (${trace.join(", ")})`, call);
    this.status = answer.status;
    this.code = code;
    this.problem = answer.problem;
    this.requestId = requestId;
    this.retryAt = answer.retryAt;
    // A member and no private field, so that a copy has it too (walk.ts); not one that logs and JSON show.
    if (answer.explain) Object.defineProperty(this, "explain", { value: answer.explain });
  }

  /**
   * For the day a signature is refused: the signature base that was signed (access token hidden), the covered
   * components, and how far the local clock is from the `date` of the answer. Other errors: the message.
   */
  explain(): string {
    return this.message;
  }
}
mark(UpvestApiError, "UpvestApiError");

/** No answer came, or only part of one: connection refused, reset, name not found, body cut short. */
export class UpvestConnectionError extends UpvestCallError {
  /** The system's or the runtime's word for it (`ECONNREFUSED`, `UND_ERR_SOCKET`), where it gives one. */
  readonly code: string | undefined;
  /** False only where it is certain that the request never reached the API (no connection was made). */
  readonly mayHaveArrived: boolean;

  constructor(
    call: CallContext,
    options: {
      readonly reason: string;
      readonly code?: string | undefined;
      readonly mayHaveArrived: boolean;
      readonly cause?: unknown;
    },
  ) {
    super(
      `${call.operation} (${call.operationId}): no complete answer: ${options.reason} (attempts ${call.attempts})`,
      call,
      { cause: options.cause },
    );
    this.code = options.code;
    this.mayHaveArrived = options.mayHaveArrived;
  }
}
mark(UpvestConnectionError, "UpvestConnectionError");

/** `timeout` (one attempt) or `deadline` (the whole call) ran out. */
export class UpvestTimeoutError extends UpvestCallError {
  readonly limit: "timeout" | "deadline";
  /** The limit that ran out, ms. */
  readonly milliseconds: number;

  constructor(
    call: CallContext,
    options: {
      readonly limit: "timeout" | "deadline";
      readonly milliseconds: number;
      readonly cause?: unknown;
    },
  ) {
    const what = options.limit === "timeout" ? "one attempt" : "the whole call";
    super(
      `${call.operation} (${call.operationId}): ${what} took longer than its ${options.limit} of ${options.milliseconds} ms (attempts ${call.attempts})`,
      call,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.limit = options.limit;
    this.milliseconds = options.milliseconds;
  }
}
mark(UpvestTimeoutError, "UpvestTimeoutError");

/**
 * A write was sent and nobody can say whether it took effect: no answer came, or one that does not tell, or one that
 * says success and cannot be read (it may come from anyone between here and the API). With an idempotency key: make the same call again with
 * that key, and the API repeats the first answer or does it now. Without: look before you repeat. `cause` is the last
 * thing that happened.
 */
export class UpvestUnknownOutcomeError extends UpvestCallError {
  constructor(call: CallContext, cause: unknown) {
    const advice =
      call.idempotencyKey === undefined
        ? "Read the resource before you repeat the call."
        : `Repeat the call with the idempotency key ${call.idempotencyKey} (params.header["idempotency-key"]) to learn or to complete it.`;
    const last = cause instanceof Error ? ` Last: ${cause.message}` : "";
    super(
      `${call.operation} (${call.operationId}): it is unknown whether this write took effect (attempts ${call.attempts}). ${advice}${last}`,
      call,
      { cause },
    );
  }
}
mark(UpvestUnknownOutcomeError, "UpvestUnknownOutcomeError");

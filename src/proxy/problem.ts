import {
  UpvestApiError,
  UpvestConfigError,
  UpvestConnectionError,
  UpvestError,
  UpvestTimeoutError,
  UpvestUnknownOutcomeError,
} from "upvest-client";
import type { Outcome } from "../inspector/entry.js";

/** An answer of the proxy's own: `application/problem+json` (RFC 9457). */
export interface ProxyProblem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** The last part of its `type`, and of its name here. */
  readonly code: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly members?: Readonly<Record<string, unknown>>;
}

/** So that nobody takes the proxy's word for the API's. */
export const problemBody = ({ status, title, detail, code, members }: ProxyProblem): string =>
  JSON.stringify({ type: `urn:upvest-client:proxy:${code}`, status, title, detail, ...members });

export const refusal = (
  status: number,
  code: string,
  title: string,
  detail: string,
  headers?: Readonly<Record<string, string>>,
): ProxyProblem => ({ status, code, title, detail, ...(headers !== undefined && { headers }) });

/** What a call is answered with that ended in an error instead of an answer of the API. */
export function problemOfError(error: unknown): ProxyProblem {
  const told = error instanceof Error ? error.message : String(error);
  if (error instanceof UpvestConfigError)
    return refusal(400, "bad_request", "The request cannot be sent", told);
  if (error instanceof UpvestUnknownOutcomeError) {
    const { idempotencyKey, attempts, cause } = error;
    return {
      ...refusal(statusOf(cause), "unknown_outcome", "It is unknown whether this took effect", told),
      members: { idempotency_key: idempotencyKey, attempts },
    };
  }
  if (error instanceof UpvestTimeoutError) return refusal(504, "timeout", "No answer in time", told);
  if (error instanceof UpvestConnectionError) return refusal(502, "no_answer", "No complete answer", told);
  // Of the token request: the call itself was not sent.
  if (error instanceof UpvestApiError) {
    const { status, problem, requestId } = error;
    return {
      ...refusal(status, "token_refused", "No access token was granted", told),
      members: { token_problem: problem, request_id: requestId },
    };
  }
  if (error instanceof UpvestError) return refusal(503, "not_sent", "The request was not sent", told);
  return refusal(500, "internal", "The proxy failed", told);
}

function statusOf(cause: unknown): number {
  if (cause instanceof UpvestApiError && cause.status >= 400) return cause.status;
  return cause instanceof UpvestTimeoutError ? 504 : 502;
}

/** What an answer of the proxy's own means for the call: its status alone looks like one of the API's. */
export function outcomeOf({ code, detail, members }: ProxyProblem, tries: number): Outcome {
  if (code === "unknown_outcome") {
    const key = members?.["idempotency_key"];
    const reason =
      typeof key === "string"
        ? `idempotency key ${key}`
        : "without an idempotency key, so look before it is repeated";
    return { kind: "outcome unknown", reason };
  }
  // What stands in the same line anyway is left out: operation, attempts, and that there was no answer.
  const reason = detail
    .replace(/^[A-Z]+ \S+ \(\w+\): (?:no complete answer: )?/, "")
    .replace(/ \(attempts \d+\)$|\.$/, "");
  return { kind: tries > 0 ? "no answer" : "not sent", reason };
}

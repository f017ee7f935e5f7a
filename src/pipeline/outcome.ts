import type { PipelineRequest } from "./request.js";

/**
 * Answers that do not say whether the request was carried out (Upvest docs, the pages under "API errors"), those that
 * only Cloudflare gives among them (Cloudflare docs, "Cloudflare 5xx errors"; the `cf-` headers in Upvest's docs hint at
 * it): with 524 the origin was at work and did not answer in time. 500 is the API's own.
 */
const unsettling = new Set([502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 530]);

export const leavesDoubt = (status: number): boolean => unsettling.has(status);

/** Answers that a later attempt may better. 429 leaves no doubt: the request was not carried out. */
export const isPassing = (status: number): boolean => status === 429 || leavesDoubt(status);

/** Whether the call changes anything. Asking for an access token, by a form and without one, does not, though it is a POST. */
export const isWrite = ({
  operation: { method, scopes, requestBody },
}: Pick<PipelineRequest, "operation">): boolean =>
  method !== "GET" && (scopes.length > 0 || requestBody !== "application/x-www-form-urlencoded");

/**
 * A repeat can do no harm: calls that change nothing, methods that are idempotent by definition (RFC 9110 section
 * 9.2.2), and writes whose idempotency key the API honours.
 */
export const isRepeatable = (request: PipelineRequest): boolean =>
  !isWrite(request) ||
  request.operation.method === "PUT" ||
  request.operation.method === "DELETE" ||
  request.operation.idempotencyKey;

/**
 * Whether an answer settles what earlier attempts of a write left open: a success does. A refusal may come from a gate in
 * front, or of the effect itself (the cash is reserved, the order is cancelled). That the API looks for the idempotency
 * key before it looks at anything else is not documented (Upvest docs, "Idempotency"), so no refusal settles anything.
 */
export const settles = (status: number): boolean => status >= 200 && status < 300;

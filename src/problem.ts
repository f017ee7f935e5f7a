/** An `application/problem+json` body (RFC 9457), with the members that Upvest documents. */
export interface Problem {
  /** A URL or a short word that names the kind of problem; `about:blank` where the answer carried none. */
  readonly type: string;
  readonly status: number;
  readonly title?: string;
  readonly detail?: string;
  /** The documented `invalid_request` example spells `detail` in the plural; what it holds is kept as it came. */
  readonly details?: unknown;
  readonly instance?: string;
  readonly request_id?: string;
}

const codeOfStatus = {
  400: "invalid_request",
  401: "unauthorised",
  403: "forbidden",
  404: "not_found",
  405: "method_not_allowed",
  406: "not_acceptable",
  409: "conflict",
  422: "unprocessable_entity",
  426: "upgrade_required",
  429: "too_many_requests",
  500: "internal",
  502: "bad_gateway",
  503: "unavailable",
  504: "gateway_timeout",
} as const;

/**
 * What went wrong, in one word: the last path segment of the problem's `type`. Open, because the publisher counts a new
 * kind of problem as a compatible change.
 */
export type ProblemCode =
  | (typeof codeOfStatus)[keyof typeof codeOfStatus]
  | "missing_client_id"
  | "missing_idempotency_key"
  | "invalid_response"
  | "response_too_large"
  | "redirect_refused"
  | (string & {});

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const textMember = (body: Readonly<Record<string, unknown>>, name: string): string | undefined => {
  const value = Object.hasOwn(body, name) ? body[name] : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
};

/**
 * Reads a problem from the body of an unsuccessful answer. The edge answers with empty or HTML bodies (Upvest docs,
 * "Bad gateway"), so a body that is not a problem still gives one: `about:blank`, as RFC 9457 section 4.2.1 has it.
 */
export function readProblem(status: number, body: unknown): Problem {
  if (!isObject(body)) return { type: "about:blank", status };
  // RFC 6749 section 5.2 spells errors of a token endpoint this way; no such answer of Upvest's is documented.
  const oauthError = textMember(body, "error");
  const type = textMember(body, "type") ?? oauthError ?? "about:blank";
  const title = textMember(body, "title");
  const detail = textMember(body, "detail") ?? textMember(body, "error_description");
  const details = Object.hasOwn(body, "details") ? body["details"] : undefined;
  const instance = textMember(body, "instance");
  const requestId = textMember(body, "request_id");
  return {
    type,
    status,
    ...(title !== undefined && { title }),
    ...(detail !== undefined && { detail }),
    ...(details !== undefined && { details }),
    ...(instance !== undefined && { instance }),
    ...(requestId !== undefined && { request_id: requestId }),
  };
}

/** The last path segment of the problem's `type`; where there is none, the word that belongs to the status. */
export function problemCode(problem: Problem): ProblemCode {
  const known: Readonly<Record<number, string>> = codeOfStatus;
  if (problem.type === "about:blank") return known[problem.status] ?? `http_${problem.status}`;
  // Split, not matched: a pattern for trailing slashes takes quadratic time on a type that is all slashes.
  const last = problem.type
    .split(/[?#]/, 1)[0]
    ?.split("/")
    .findLast((part) => part !== "");
  return last ?? known[problem.status] ?? `http_${problem.status}`;
}

/** `detail` and `details` as one line for a person. */
export function problemDetail(problem: Problem): string | undefined {
  const details =
    problem.details === undefined || typeof problem.details === "string"
      ? problem.details
      : JSON.stringify(problem.details);
  return [problem.detail, details].filter((text) => text !== undefined).join(" ") || undefined;
}

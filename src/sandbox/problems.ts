import { STATUS_CODES } from "node:http";

/** What goes back to the caller, but for the headers that every answer has. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The kinds of problem that Upvest documents (docs, API errors), by status and title. */
const KINDS = {
  invalid_request: [400, "Invalid request"],
  missing_client_id: [400, "Missing client ID"],
  missing_idempotency_key: [400, "Missing idempotency key"],
  unauthorised: [401, "Unauthorised"],
  forbidden: [403, "Forbidden"],
  not_found: [404, "Not found"],
  method_not_allowed: [405, "Method not allowed"],
  not_acceptable: [406, "Not acceptable"],
  conflict: [409, "Conflict"],
  unprocessable_entity: [422, "Unprocessable entity"],
  too_many_requests: [429, "Too many requests"],
  internal: [500, "Internal error"],
  bad_gateway: [502, "Bad gateway"],
  unavailable: [503, "Service unavailable"],
  gateway_timeout: [504, "Gateway timeout"],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemKind = keyof typeof KINDS;

export interface ProblemText {
  readonly detail?: string;
  /** The real API spells it so in invalid_request (Upvest docs, Invalid request). */
  readonly details?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function problem(kind: ProblemKind, requestId: string, text: ProblemText = {}): Answer {
  const [status, title] = KINDS[kind];
  return body({ status, title, type: `https://docs.upvest.co/errors/${kind}` }, requestId, text);
}

/** The problem that Upvest documents for a status; for any other one a problem without a type of its own (RFC 9457). */
export function problemOf(status: number, requestId: string, text: ProblemText = {}): Answer {
  for (const [kind, [known, title]] of Object.entries(KINDS)) {
    if (known === status)
      return body({ status, title, type: `https://docs.upvest.co/errors/${kind}` }, requestId, text);
  }
  return body({ status, title: STATUS_CODES[status] ?? "Unknown", type: "about:blank" }, requestId, text);
}

function body(
  members: { status: number; title: string; type: string },
  requestId: string,
  { headers = {}, ...text }: ProblemText,
): Answer {
  return {
    status: members.status,
    headers: { "content-type": "application/problem+json", ...headers },
    body: Buffer.from(JSON.stringify({ ...text, request_id: requestId, ...members })),
  };
}

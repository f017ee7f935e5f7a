import { UpvestApiError } from "../errors.js";
import { readProblem, type Problem, type ProblemCode } from "../problem.js";
import { textOf } from "./collect.js";
import { explainRefusal } from "./explain.js";
import { withoutSecrets } from "./hide-secrets.js";
import { contextOf, type PipelineRequest } from "./request.js";
import { retryAfter } from "./retry-after.js";

/** The answers that errors stand for: kept beside them, for an error that is logged must not spill headers. */
const answers = new WeakMap<UpvestApiError, Response>();

/** The answer that an error stands for, where it is an UpvestApiError. */
export const answerOf = (error: unknown): Response | undefined =>
  error instanceof UpvestApiError ? answers.get(error) : undefined;

function answered(response: Response, error: UpvestApiError): UpvestApiError {
  answers.set(error, response);
  return error;
}

/** What an error needs to know of the call it ends. */
type Call = Pick<PipelineRequest, "operation" | "trace">;

/**
 * The error that an unsuccessful answer stands for.
 *
 * @param now ms, to turn `Retry-After` into a time
 * @param body what the answer held: parsed JSON, text, or undefined
 */
export function apiError(
  request: Call,
  response: Response,
  now: number,
  body: unknown = parseLeniently(textOf(request.trace)),
): UpvestApiError {
  const { status, headers } = response;
  const retryAt = new Date(now + (retryAfter(headers, now) ?? Number.NaN));
  const signed = request.trace.signed;
  const redirected = status >= 300 && status < 400 && status !== 304;
  const error = new UpvestApiError(contextOf(request), {
    status,
    problem: redirected
      ? redirectProblem(status, headers)
      : (withoutSecrets(readProblem(status, body), request.trace.secret) as Problem),
    requestId: headers.get("upvest-request-id") ?? undefined,
    // No such header, or a time beyond what a date can hold.
    ...(!Number.isNaN(retryAt.getTime()) && { retryAt }),
    ...(redirected && { code: "redirect_refused" }),
    ...(status === 401 && signed && { explain: () => explainRefusal(signed, headers.get("date")) }),
  });
  return answered(response, error);
}

/** An answer that says success and cannot be used: not JSON, too large, or a token without what makes a token. */
export function unusableAnswer(
  request: Call,
  response: Response,
  detail: string,
  code: ProblemCode = "invalid_response",
): UpvestApiError {
  const problem = withoutSecrets(
    { type: "about:blank", status: response.status, detail },
    request.trace.secret,
  ) as Problem;
  const error = new UpvestApiError(contextOf(request), {
    status: response.status,
    problem,
    code,
    requestId: response.headers.get("upvest-request-id") ?? undefined,
  });
  return answered(response, error);
}

/** JSON where it is JSON, the text where it is not, undefined where there is none. */
function parseLeniently(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function redirectProblem(status: number, headers: Headers): Problem {
  const location = headers.get("location");
  // Only the host is told: a signed storage URL is a secret in its own right.
  const host = location !== null && URL.canParse(location) ? ` to ${new URL(location).host}` : "";
  return {
    type: "about:blank",
    status,
    detail: `A redirect${host} is not followed: the signature covers the path that was asked, and the access token must not travel on.`,
  };
}

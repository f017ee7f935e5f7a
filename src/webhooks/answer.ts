import { UpvestConfigError } from "../base-errors.js";
import { WebhookVerificationError } from "./errors.js";
import { HandlerFailure } from "./once.js";

/** What to answer a delivery with, as plain data. */
export interface WebhookAnswer {
  /** 200 when every event was handled; with anything else the whole delivery comes again. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty with 200, else an `application/problem+json`. */
  readonly body: string;
}

// Only 200 is agreed on by all pages that tell what counts as success (Upvest docs, "Webhooks handler").
export const accepted: WebhookAnswer = Object.freeze({
  status: 200,
  headers: { "content-length": "0" },
  body: "",
});

const titles: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Unauthorised",
  405: "Method not allowed",
  413: "Content too large",
  415: "Unsupported media type",
  503: "Service unavailable",
};

/** The answer to a delivery that was refused or that failed. It tells the reason and nothing else. */
export function answerTo(error: unknown): WebhookAnswer {
  if (error instanceof WebhookVerificationError) {
    const { status, reason } = error;
    return problem(status, titles[status] ?? "Refused", reason, status === 405 ? { allow: "POST" } : {});
  }
  const reason =
    error instanceof HandlerFailure
      ? "handler_failed"
      : error instanceof UpvestConfigError
        ? "misconfigured"
        : "internal";
  return problem(500, "Internal error", reason);
}

function problem(
  status: number,
  title: string,
  reason: string,
  headers: Readonly<Record<string, string>> = {},
): WebhookAnswer {
  const body = JSON.stringify({ type: "about:blank", title, status, reason });
  return {
    status,
    headers: {
      "content-type": "application/problem+json",
      "content-length": String(body.length),
      ...headers,
    },
    body,
  };
}

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
  500: "Internal error",
  503: "Service unavailable",
};

/** The answer to a delivery that was refused or that failed. It tells the reason and nothing else. */
export function answerTo(error: unknown): WebhookAnswer {
  const { status, reason } =
    error instanceof WebhookVerificationError ? error : { status: 500, reason: reasonOf(error) };
  const body = JSON.stringify({ type: "about:blank", title: titles[status], status, reason });
  return {
    status,
    headers: {
      "content-type": "application/problem+json",
      "content-length": String(body.length),
      ...(status === 405 && { allow: "POST" }),
    },
    body,
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof HandlerFailure) return "handler_failed";
  return error instanceof UpvestConfigError ? "misconfigured" : "internal";
}

import { mark, UpvestError } from "../base-errors.js";

/** Every reason, with the HTTP status that answers the delivery. Anything but 200 brings the delivery back. */
export const refusalStatuses = {
  method_not_allowed: 405,
  body_too_large: 413,
  unsupported_encoding: 415,
  no_signature: 401,
  malformed_signature: 400,
  unsupported_version: 401,
  unknown_label: 401,
  duplicate_label: 401,
  unknown_component: 401,
  duplicate_component: 401,
  absent_component: 401,
  insufficient_cover: 401,
  malformed_digest: 400,
  digest_mismatch: 401,
  stale: 401,
  future: 401,
  expired: 401,
  unknown_key: 401,
  wrong_algorithm: 401,
  bad_signature: 401,
  replayed_nonce: 401,
  keys_unavailable: 503,
  malformed_body: 400,
} as const satisfies Readonly<Record<string, number>>;

/** Why a delivery was refused, for programs. docs/webhooks.md says what to do about each. */
export type WebhookRefusal = keyof typeof refusalStatuses;

/** A delivery was refused: it is not proven to be from Upvest, not fresh, or cannot be read. */
export class WebhookVerificationError extends UpvestError {
  readonly reason: WebhookRefusal;
  /** The HTTP status that answers the delivery: 400, 401, 405, 413, 415 or 503. */
  readonly status: number;

  constructor(reason: WebhookRefusal, message: string, options?: ErrorOptions) {
    super(`Webhook delivery refused (${reason}): ${message}`, options);
    this.reason = reason;
    this.status = refusalStatuses[reason];
  }
}
mark(WebhookVerificationError, "WebhookVerificationError");

/** Throws the refusal; typed so that it can stand where a value is expected. */
export function refuse(reason: WebhookRefusal, message: string, options?: ErrorOptions): never {
  throw new WebhookVerificationError(reason, message, options);
}

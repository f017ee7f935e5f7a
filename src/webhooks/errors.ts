import { mark, UpvestError } from "../base-errors.js";

/** Why a delivery was refused, for programs. docs/webhooks.md says what to do about each. */
export type WebhookRefusal =
  | "method_not_allowed"
  | "body_too_large"
  | "unsupported_encoding"
  | "no_signature"
  | "malformed_signature"
  | "unsupported_version"
  | "unknown_label"
  | "duplicate_label"
  | "unknown_component"
  | "duplicate_component"
  | "absent_component"
  | "insufficient_cover"
  | "malformed_digest"
  | "digest_mismatch"
  | "stale"
  | "future"
  | "expired"
  | "unknown_key"
  | "wrong_algorithm"
  | "bad_signature"
  | "replayed_nonce"
  | "keys_unavailable"
  | "malformed_body";

/** The HTTP status that answers the delivery where it is not 401. Anything but 200 brings the delivery back. */
const statuses: Partial<Record<WebhookRefusal, number>> = {
  malformed_signature: 400,
  malformed_digest: 400,
  malformed_body: 400,
  method_not_allowed: 405,
  body_too_large: 413,
  unsupported_encoding: 415,
  keys_unavailable: 503,
};

/** A delivery was refused: it is not proven to be from Upvest, not fresh, or cannot be read. */
export class WebhookVerificationError extends UpvestError {
  readonly reason: WebhookRefusal;
  /** The HTTP status that answers the delivery: 400, 401, 405, 413, 415 or 503. */
  readonly status: number;

  constructor(reason: WebhookRefusal, message: string, options?: ErrorOptions) {
    super(`Webhook delivery refused (${reason}): ${message}`, options);
    this.reason = reason;
    this.status = statuses[reason] ?? 401;
  }
}
mark(WebhookVerificationError, "WebhookVerificationError");

/** Throws the refusal; typed so that it can stand where a value is expected. */
export function refuse(reason: WebhookRefusal, message: string, options?: ErrorOptions): never {
  throw new WebhookVerificationError(reason, message, options);
}

import type { DeliveryAttempt } from "./delivery-records.js";
import { coverOf, seal, type DeliveryVersion, type Sealed } from "./delivery-signature.js";
import { post, type Posted } from "./endpoint.js";
import { bend, spoil, type Tampering } from "./tampering.js";
import type { DeliveryKey } from "./verification-keys.js";
import { MAX_KEPT_ANSWER } from "./delivery-records.js";

/** A batch of events on its way to an endpoint. */
export interface Parcel {
  readonly webhookId: string;
  readonly url: string;
  readonly eventIds: readonly string[];
  readonly body: Buffer;
  readonly version: DeliveryVersion;
}

/** Makes one attempt, signed anew, and records it. Never rejects. */
export type Courier = (
  parcel: Parcel,
  how: { readonly attempt: number; readonly tamper?: Tampering | undefined; readonly signal: AbortSignal },
) => Promise<Posted>;

export function createCourier(parts: {
  readonly key: () => DeliveryKey;
  /** ms */
  readonly clock: () => number;
  /** ms */
  readonly timeout: number;
  /** @param sent what went over the wire */
  readonly record: (attempt: DeliveryAttempt, sent: Sealed) => void;
}): Courier {
  return async ({ webhookId, url: to, eventIds, body, version }, { attempt, tamper, signal }) => {
    const at = parts.clock();
    const url = new URL(to);
    const plain = { url, body, version, key: parts.key(), created: Math.floor(at / 1000) };
    const draft = bend({ ...plain, components: coverOf(url, version) }, tamper);
    const sealed = await seal(draft);
    const sent = spoil(sealed, version, tamper);
    const record = {
      at,
      url: to,
      webhookId,
      eventIds,
      keyId: draft.key.kid,
      version,
      tamper,
      base: sealed.base,
    };

    let posted = await post(url, sent, { timeout: parts.timeout, signal });
    parts.record({ ...record, attempt, ...toldOf(posted) }, sent);
    if (tamper !== "replay") return posted;
    posted = await post(url, sent, { timeout: parts.timeout, signal });
    parts.record({ ...record, attempt: attempt + 1, ...toldOf(posted) }, sent);
    return posted;
  };
}

function toldOf(posted: Posted): Pick<DeliveryAttempt, "status" | "answer"> {
  return posted.answered === undefined
    ? { status: "unanswered", answer: posted.failed }
    : { status: posted.answered.status, answer: posted.answered.body.slice(0, MAX_KEPT_ANSWER) };
}

/**
 * Whether an endpoint has taken a delivery. The Upvest docs disagree: the page on handlers asks for 200, the one on
 * best practices for 200 to 299. Here it is 200 alone, so that an endpoint with another answer is found out before it is live.
 */
export function isTaken({ answered }: Posted): boolean {
  return answered?.status === 200;
}

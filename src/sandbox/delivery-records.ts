import type { DeliveryVersion } from "./delivery-signature.js";
import type { Tampering } from "./tampering.js";

/** One attempt to deliver a batch of events. Holds neither the signature nor a key. */
export interface DeliveryAttempt {
  /** When it was signed, by the sandbox's clock (ms). */
  readonly at: number;
  readonly url: string;
  /** The subscription's id; made up for a delivery to a URL. */
  readonly webhookId: string;
  readonly eventIds: readonly string[];
  /** 1 for the first try, 2 for the next one. */
  readonly attempt: number;
  /** What the endpoint answered. */
  readonly status: number | "unanswered";
  /** The body of the answer as text, cut after 1,024 characters; without an answer, why there is none. */
  readonly answer: string;
  readonly keyId: string;
  readonly version: DeliveryVersion;
  readonly tamper: Tampering | undefined;
  /** The text that was signed, before any tampering with what was. */
  readonly base: string;
}

/** What became of a batch of events. */
export interface Delivery {
  readonly webhookId: string;
  /** Where the last attempt went. */
  readonly url: string;
  /** In the order they were sent. */
  readonly eventIds: readonly string[];
  readonly attempts: number;
  /** What the last attempt was answered with. */
  readonly status: number | "unanswered";
  /**
   * "delivered": answered 200. "refused": not so, and not tried again, as it was tampered with or was a test.
   * "cancelled": ended by `close()`, or as its subscription was disabled or deleted.
   */
  readonly outcome: "delivered" | "refused" | "cancelled";
}

/** The newest attempts are kept, up to this many. */
export const MAX_ATTEMPTS = 10_000;

/** Characters of an answer that are kept. */
export const MAX_KEPT_ANSWER = 1024;

export interface DeliveryRecords {
  readonly add: (attempt: DeliveryAttempt) => void;
  readonly all: () => readonly DeliveryAttempt[];
}

export function createDeliveryRecords(onDelivery?: (attempt: DeliveryAttempt) => void): DeliveryRecords {
  const attempts = new Set<DeliveryAttempt>();
  return {
    add: (attempt) => {
      attempts.add(attempt);
      // Later, so that an error of the listener's is its own and not the delivery's.
      if (onDelivery !== undefined) queueMicrotask(() => onDelivery(attempt));
      if (attempts.size <= MAX_ATTEMPTS) return;
      const [oldest] = attempts;
      if (oldest !== undefined) attempts.delete(oldest);
    },
    all: () => [...attempts],
  };
}

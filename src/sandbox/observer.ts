import type { DeliveryAttempt } from "./delivery-records.js";
import type { Sealed } from "./delivery-signature.js";
import type { FailureRule } from "./failures.js";
import type { Received } from "./gateway.js";
import type { Route } from "./operations.js";
import type { Answer } from "./problems.js";
import type { Verdict } from "./verify.js";

/** A request with its answer, as it was on the wire: secrets are not redacted. */
export interface ObservedCall {
  readonly received: Received;
  /** When it arrived, by the sandbox's clock (ms). */
  readonly at: number;
  /** When it was answered (ms). */
  readonly answeredAt: number;
  readonly requestId: string;
  readonly answer: Answer | "dropped";
  /** Absent when the path or method is not in the description. */
  readonly route: Route | undefined;
  /** Absent when the request was refused before it. */
  readonly verdict: Verdict | undefined;
  readonly idempotency: "new" | "replayed" | undefined;
  readonly fault: FailureRule | undefined;
}

/** Is told what happens, as it happens. Must not throw. */
export interface Observer {
  readonly call: (call: ObservedCall) => void;
  /** @param sent what went over the wire */
  readonly delivery: (attempt: DeliveryAttempt, sent: Sealed) => void;
}

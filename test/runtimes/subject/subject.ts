import type { WebhookHandler, WebhookReceiver } from "upvest-client/webhooks";
import type { Algorithm, Cryptography, Plan } from "../plan.js";

/** A server of the runtime's own kind, in front of a receiver. */
export interface Listening {
  /** `http://127.0.0.1:PORT/...` */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** The runtime under test, as the checks see it. */
export interface Subject {
  /** What it says of itself. */
  readonly version: string;
  readonly plan: Plan;
  /** Asks the driver; paths of its control server. */
  readonly ask: (path: string, body?: unknown) => Promise<unknown>;
  readonly listen: (receiver: WebhookReceiver, onEvent: WebhookHandler) => Promise<Listening>;
  readonly cryptographyOf: (algorithm: Algorithm) => Cryptography;
  /** Whether its fetch tells a connection that was never made from one that was lost. */
  readonly tellsRefusal: boolean;
  /** Where requests end what they began: one client is shared by several. */
  readonly shareClient?: () => Promise<void>;
  /** Given where `process.env` is not what a program reads its environment from. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Passes, or throws an error that says what was wrong. */
export type Check = (subject: Subject) => Promise<void>;

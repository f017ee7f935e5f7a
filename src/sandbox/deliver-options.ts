import { categoryOf, type Event } from "./delivery-events.js";
import type { DeliveryVersion } from "./delivery-signature.js";
import { requireMembers } from "./members.js";
import { isEnabled, takes, typesOf, type Subscription } from "./subscriptions.js";
import { TAMPERINGS, type Tampering } from "./tampering.js";

/** How events are delivered. */
export interface DeliverOptions {
  /** 6 (default): how Upvest signs deliveries. 15: as requests are signed, announced by `upvest-signature-version`. */
  readonly version?: DeliveryVersion;
  /** Sends what a receiver must refuse: at once, in one delivery, and not again when it is refused. */
  readonly tamper?: Tampering;
}

/** Fills in the defaults. Throws a `TypeError` that names the option that makes no sense. */
export function readDeliverOptions(
  options: DeliverOptions,
  by: "deliver" | "sign" = "deliver",
): {
  readonly version: DeliveryVersion;
  readonly tamper: Tampering | undefined;
} {
  requireMembers(`${by}: the options object`, options, { version: true, tamper: true });
  const { version = 6, tamper } = options;
  if (version !== 6 && version !== 15) {
    throw new TypeError(`${by}: version must be 6 or 15; it is ${String(version)}.`);
  }
  if (tamper !== undefined && !TAMPERINGS.includes(tamper)) {
    throw new TypeError(`${by}: tamper must be one of ${TAMPERINGS.join(", ")}; it is ${tamper}.`);
  }
  return { version, tamper };
}

/** Throws an `Error` for events that the API would never send to a subscription, rather than sending nothing. */
export function requireTaken(subscription: Subscription, events: readonly Event[]): void {
  const name = `deliver: the webhook subscription ${subscription.id}`;
  if (!isEnabled(subscription)) {
    throw new Error(
      `${name} is disabled, as each new one is. Enable it: PATCH /webhooks/${subscription.id}.`,
    );
  }
  const foreign = events.find(({ type }) => !takes(subscription, categoryOf(type)));
  if (foreign !== undefined) {
    throw new Error(
      `${name} does not take ${foreign.type}: its type is ${typesOf(subscription).join(", ")}.`,
    );
  }
}

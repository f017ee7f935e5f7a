import { randomUUID } from "node:crypto";
import type { Courier } from "./courier.js";
import { createOutbox, type Outbox, type Target } from "./outbox.js";
import type { Pause } from "./pause.js";
import { packingOf, urlOf, type Subscription, type Subscriptions } from "./subscriptions.js";

/** What takes deliveries: a subscription, or a URL that was given by hand. */
export interface Endpoint {
  readonly webhookId: string;
  readonly target: () => Target | undefined;
  readonly outbox: Outbox;
}

export interface Endpoints {
  readonly ofSubscription: (subscription: Subscription) => Endpoint;
  readonly ofUrl: (url: string) => Endpoint;
  /** Ends all that is on its way to a subscription. */
  readonly cancel: (subscription: Subscription) => void;
  /** Ends all that is on its way. */
  readonly cancelAll: () => void;
}

/** No delivery of the API is larger (description, `max_package_size`), unless a single event is. */
const LARGEST_PACKAGE = 1_048_576;

/** One outbox for each subscription, whatever its URL is at the time, and one for each URL that is no subscription's. */
export function createEndpoints(parts: {
  readonly subscriptions: Subscriptions;
  readonly courier: Courier;
  readonly pause: Pause;
}): Endpoints {
  const { subscriptions, courier, pause } = parts;
  const kept = new Map<string, Endpoint>();
  const endpoint = (key: string, webhookId: string, target: Endpoint["target"]): Endpoint => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = { webhookId, target, outbox: createOutbox({ webhookId, target, courier, pause }) };
    kept.set(key, made);
    return made;
  };
  return {
    ofSubscription: ({ id }) =>
      endpoint(id, id, () => {
        const current = subscriptions.get(id);
        return current === undefined ? undefined : { url: urlOf(current), ...packingOf(current) };
      }),
    ofUrl: (url) => endpoint(url, randomUUID(), () => ({ url, delay: 0, maxPackageSize: LARGEST_PACKAGE })),
    cancel: ({ id }) => kept.get(id)?.outbox.cancel(),
    cancelAll: () => {
      for (const { outbox } of kept.values()) outbox.cancel();
    },
  };
}

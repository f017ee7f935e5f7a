import { setMaxListeners } from "node:events";
import { createCourier, isTaken } from "./courier.js";
import { readDeliverOptions, requireTaken, type DeliverOptions } from "./deliver-options.js";
import { address, categoryOf, completeEvents } from "./delivery-events.js";
import type { Addressed, Event, SandboxEvent } from "./delivery-events.js";
import { createDeliveryRecords, type Delivery, type DeliveryAttempt } from "./delivery-records.js";
import type { DeliveryVersion } from "./delivery-signature.js";
import { endpointFault, type Posted } from "./endpoint.js";
import { createEndpoints, type Endpoint } from "./endpoints.js";
import type { Json } from "./json.js";
import type { Observer } from "./observer.js";
import type { OwnOperations } from "./own-operations.js";
import { bodyOf } from "./packages.js";
import { createPause } from "./pause.js";
import { createSamples } from "./sample-event.js";
import { createSubscriptions, isEnabled, takes, typesOf, urlOf, type Subscription } from "./subscriptions.js";
import type { Tampering } from "./tampering.js";
import { createVerificationKeys } from "./verification-keys.js";
import { createWebhookOperations } from "./webhook-operations.js";

/** Described at `Sandbox`. */
export type Deliver = (
  events: readonly SandboxEvent[],
  to?: string,
  options?: DeliverOptions,
) => Promise<readonly Delivery[]>;

export interface Webhooks {
  readonly deliver: Deliver;
  readonly attempts: () => readonly DeliveryAttempt[];
  /** Gives the `kid` of the new key. */
  readonly rotateKey: () => string;
  readonly operations: OwnOperations;
  /** Ends every delivery; resolves when none is left. */
  readonly close: () => Promise<void>;
}

export function createWebhooks(parts: {
  readonly document: Json;
  /** ms */
  readonly clock: () => number;
  readonly speed: number;
  /** ms */
  readonly timeout: number;
  readonly observe?: Observer["delivery"] | undefined;
  readonly onDelivery?: ((attempt: DeliveryAttempt) => void) | undefined;
}): Webhooks {
  const { document, clock, speed, timeout, observe } = parts;
  const keys = createVerificationKeys();
  const subscriptions = createSubscriptions(clock);
  const records = createDeliveryRecords(parts.onDelivery);
  const courier = createCourier({
    key: keys.current,
    clock,
    timeout,
    record: (attempt, sent) => {
      records.add(attempt);
      observe?.(attempt, sent);
    },
  });
  const endpoints = createEndpoints({ subscriptions, courier, pause: createPause(speed) });
  const sampleOf = createSamples(document);
  const closing = new AbortController();
  // As many as there are test deliveries at once: not the leak that Node warns of.
  setMaxListeners(0, closing.signal);
  const running = new Set<Promise<unknown>>();

  /** So that closing waits for it. */
  const follow = <Result>(work: Promise<Result>): Promise<Result> => {
    const settled: Promise<unknown> = work.then(
      () => running.delete(settled),
      () => running.delete(settled),
    );
    running.add(settled);
    return work;
  };

  /** Which events go where. */
  const route = (
    events: readonly Event[],
    to: string | undefined,
  ): (readonly [Endpoint, readonly Event[]])[] => {
    if (to === undefined) {
      const enabled = subscriptions.all().filter(isEnabled);
      return enabled
        .map((each) => [each, events.filter(({ type }) => takes(each, categoryOf(type)))] as const)
        .filter(([, taken]) => taken.length > 0)
        .map(([each, taken]) => [endpoints.ofSubscription(each), taken]);
    }
    const subscription = subscriptions.get(to);
    if (subscription !== undefined) {
      requireTaken(subscription, events);
      return [[endpoints.ofSubscription(subscription), events]];
    }
    const fault = endpointFault(to);
    if (fault === undefined) return [[endpoints.ofUrl(to), events]];
    throw new TypeError(`deliver: to must be the id of a webhook subscription or a URL; "${to}" ${fault}.`);
  };

  /** One attempt, beside all that waits. */
  const once = async (
    { webhookId, target }: Endpoint,
    events: readonly Addressed[],
    version: DeliveryVersion,
    tamper?: Tampering,
  ): Promise<{ readonly delivery: Delivery; readonly posted: Posted }> => {
    const sent = { webhookId, url: target()?.url ?? "", eventIds: events.map(({ id }) => id) };
    const how = { attempt: 1, tamper, signal: closing.signal };
    const posted = await courier({ ...sent, body: bodyOf(events), version }, how);
    const status = posted.answered?.status ?? "unanswered";
    const missed = closing.signal.aborted ? "cancelled" : "refused";
    const outcome = isTaken(posted) ? "delivered" : missed;
    return { delivery: { ...sent, attempts: tamper === "replay" ? 2 : 1, status, outcome }, posted };
  };

  const test = async (subscription: Subscription): Promise<Json> => {
    const to = endpoints.ofSubscription(subscription);
    const events = completeEvents([sampleOf(typesOf(subscription))], clock());
    const addressed = events.map((event) => address(event, to.webhookId));
    const { posted } = await follow(once(to, addressed, 6));
    const response = posted.answered ?? { status: 0, headers: {}, body: posted.failed };
    return { url: urlOf(subscription), response };
  };

  const deliver: Deliver = async (given, to, options = {}) => {
    if (closing.signal.aborted) throw new Error("deliver: the sandbox is closed.");
    const { version, tamper } = readDeliverOptions(options);
    const events = completeEvents(given, clock());
    if (events.length === 0) return [];
    const deliveries = route(events, to).map(async ([endpoint, taken]) => {
      const addressed = taken.map((event) => address(event, endpoint.webhookId));
      if (tamper === undefined) return endpoint.outbox.add(addressed, version);
      const { delivery } = await once(endpoint, addressed, version, tamper);
      return [delivery];
    });
    return (await Promise.all(deliveries)).flat();
  };

  return {
    deliver: (...given) => follow(deliver(...given)),
    attempts: records.all,
    rotateKey: keys.rotate,
    operations: createWebhookOperations({
      subscriptions,
      keys: keys.published,
      ended: endpoints.cancel,
      test,
    }),
    close: async () => {
      closing.abort();
      endpoints.cancelAll();
      await Promise.all(running);
    },
  };
}

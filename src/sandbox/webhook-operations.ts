import { endpointFault, isLoopback } from "./endpoint.js";
import { isRecord, type Json } from "./json.js";
import type { Route } from "./operations.js";
import type { OwnCall, OwnOperation, OwnOperations } from "./own-operations.js";
import { pageOf, type Paging } from "./paging.js";
import { Refusal } from "./refusal.js";
import { isEnabled, type Subscription, type Subscriptions } from "./subscriptions.js";

/** The API's operations on webhook subscriptions and verification keys, with the subscriptions that were really made. */
export function createWebhookOperations(parts: {
  readonly subscriptions: Subscriptions;
  /** The keys that verify deliveries, as the API shows them. */
  readonly keys: () => unknown;
  /** Called when a subscription takes no more events: it was disabled or removed. */
  readonly ended: (subscription: Subscription) => void;
  /** Sends a test delivery; resolves with what the newer API tells of it. Never rejects. */
  readonly test: (subscription: Subscription) => Promise<unknown>;
}): OwnOperations {
  const { subscriptions, keys, ended, test } = parts;
  const named = ({ values }: OwnCall): Subscription => {
    const found = subscriptions.get(values["webhook_id"] ?? "");
    if (found === undefined)
      throw new Refusal("not_found", { detail: "There is no such webhook subscription" });
    return found;
  };

  const operations: Readonly<Record<string, OwnOperation>> = {
    "GET /auth/verify_keys": { answer: keys },
    "GET /webhooks": {
      answer: ({ route, query }) =>
        pageOf({ paging: route.paging ?? PAGING, query, items: subscriptions.all() }),
    },
    "POST /webhooks": { judged, answer: ({ body }) => subscriptions.create(body) },
    "GET /webhooks/{webhook_id}": { answer: named },
    "PATCH /webhooks/{webhook_id}": {
      judged,
      answer: (call) => {
        const changed = subscriptions.update(named(call), call.body);
        if (!isEnabled(changed)) ended(changed);
        return changed;
      },
    },
    "DELETE /webhooks/{webhook_id}": {
      answer: (call) => {
        const subscription = named(call);
        subscriptions.remove(subscription);
        ended(subscription);
      },
    },
    "POST /webhooks/{webhook_id}/test": {
      answer: (call) => {
        const tested = test(named(call));
        // 202 without a body up to the description of 1.75.0: the delivery comes after the answer. Newer ones wait for it.
        return call.route.offers.length === 0 ? undefined : tested;
      },
    },
  };
  return ({ method, path }: Route) => operations[`${method} ${path}`];
}

const PAGING: Paging = { limit: 100, sort: "created_at", order: "ASC" };

/** The collection that holds subscriptions: its size is not made up. */
export function holdsSubscriptions({ method, path }: Route): boolean {
  return method === "GET" && path === "/webhooks";
}

/**
 * Checks the `url` by the rules for endpoints. One on loopback passes for a public one: the description's format `url`
 * is read so that it excludes local addresses.
 */
function judged(body: unknown): unknown {
  if (!isRecord(body) || typeof body["url"] !== "string") return body;
  const given = body["url"];
  const fault = endpointFault(given);
  if (fault !== undefined) throw new Refusal("invalid_request", { details: `(root): 'url' ${fault}` });
  const url = new URL(given);
  if (!isLoopback(url)) return body;
  return { ...body, url: given.replace(/^https?:\/\/[^/?#]*/i, PUBLIC) } satisfies Json;
}

const PUBLIC = "https://loopback.example";

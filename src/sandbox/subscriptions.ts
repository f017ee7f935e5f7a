import { randomUUID } from "node:crypto";
import { list, record, text, type Json } from "./json.js";

/** A webhook subscription, as the API shows it. */
export type Subscription = Json & { readonly id: string };

export interface Subscriptions {
  /** A new one is disabled. */
  readonly create: (body: Json) => Subscription;
  readonly get: (id: string) => Subscription | undefined;
  /** In the order they were created. */
  readonly all: () => readonly Subscription[];
  /** Members left out stay as they are, also those inside of `config`. */
  readonly update: (subscription: Subscription, changes: Json) => Subscription;
  readonly remove: (subscription: Subscription) => void;
}

/** What a new subscription gets where its request leaves something out; the description only gives that of `type`. */
const DEFAULTS = { type: ["ALL"], config: { delay: "1s", max_package_size: 51_200 } } as const;

/** Requests have been checked against the description before they come here. */
export function createSubscriptions(clock: () => number): Subscriptions {
  const kept = new Map<string, Subscription>();
  const now = (): string => new Date(clock()).toISOString();
  const keep = (subscription: Subscription): Subscription => {
    kept.set(subscription.id, subscription);
    return subscription;
  };
  return {
    create: (body) => {
      const config = { ...DEFAULTS.config, ...record(body["config"]) };
      const at = now();
      const own = { id: randomUUID(), created_at: at, updated_at: at, enabled: false };
      return keep({ type: DEFAULTS.type, ...body, config, ...own });
    },
    get: (id) => kept.get(id),
    all: () => [...kept.values()],
    update: (subscription, changes) => {
      const config = { ...record(subscription["config"]), ...record(changes["config"]) };
      return keep({ ...subscription, ...changes, config, updated_at: now() });
    },
    remove: ({ id }) => void kept.delete(id),
  };
}

export function urlOf(subscription: Subscription): string {
  return text(subscription["url"]) ?? "";
}

export function isEnabled(subscription: Subscription): boolean {
  return subscription["enabled"] === true;
}

/** The categories of events that a subscription takes. */
export function typesOf(subscription: Subscription): readonly unknown[] {
  return list(subscription["type"]);
}

/** Whether a subscription takes events of a category. */
export function takes(subscription: Subscription, category: string): boolean {
  const types = typesOf(subscription);
  // `exclude_type` is not in the description of 1.75.0; newer ones have it, beside ALL.
  if (types.includes("ALL")) return !list(subscription["exclude_type"]).includes(category);
  return types.includes(category);
}

/** How a subscription wants its events packed; `delay` in ms. */
export function packingOf(subscription: Subscription): {
  readonly delay: number;
  readonly maxPackageSize: number;
} {
  const config = record(subscription["config"]);
  const [, count, unit] = /^(\d+)([sm])$/.exec(text(config["delay"]) ?? "") ?? [];
  const size = config["max_package_size"];
  return {
    delay: Number(count ?? 0) * (unit === "m" ? 60_000 : 1000),
    maxPackageSize: typeof size === "number" ? size : DEFAULTS.config.max_package_size,
  };
}

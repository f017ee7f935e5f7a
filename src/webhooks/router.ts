import type { EventOf, EventType, WebhookEvent } from "./events.js";

/** One handler for each type of event that matters; `default` gets all others, unknown types included. */
export type EventHandlers = {
  readonly [T in EventType]?: (event: EventOf<T>) => unknown;
} & {
  /** Gets every event that has no handler of its own. */
  readonly default?: (event: WebhookEvent) => unknown;
};

/**
 * A handler that passes each event to the member of its type.
 *
 * ```ts
 * on({
 *   "ORDER.FILLED": (event) => settle(event.object), // event.object is an Order
 *   default: (event) => log.debug(event.type),
 * });
 * ```
 *
 * An event for which there is neither a member nor `default` counts as handled.
 */
export function on(handlers: EventHandlers): (event: WebhookEvent) => Promise<void> {
  // Own members only, so that a type such as "constructor" finds nothing.
  const byType = new Map<string, unknown>(Object.entries(handlers));
  const fallback = handlers.default;
  return async (event) => {
    const handler = byType.get(event.type) ?? fallback;
    if (typeof handler === "function") await handler(event);
  };
}

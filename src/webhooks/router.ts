import { UpvestConfigError } from "../base-errors.js";
import { knownTypes } from "./events.js";
import type { EventOf, EventType, WebhookEvent } from "./events.js";
import { demand } from "./given.js";

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
 * An event for which there is neither a member nor `default` counts as handled. So a member under a name that is no type
 * of the description would lose events in silence, and is refused. A type newer than this package comes to `default`.
 *
 * @throws UpvestConfigError for such a name, and for a member that is no function
 */
export function on(handlers: EventHandlers): (event: WebhookEvent) => Promise<void> {
  demand(
    typeof handlers === "object" && handlers !== null,
    "the argument of on",
    "an object of handlers",
    handlers,
  );
  for (const [type, handler] of Object.entries(handlers)) {
    if (type !== "default" && !knownTypes.has(type))
      throw new UpvestConfigError(
        `on: ${JSON.stringify(type)} is no event type that this version knows. Mend its spelling; if it is newer, handle it in default`,
      );
    demand(
      handler === undefined || typeof handler === "function",
      `the handler of ${type}`,
      "a function",
      handler,
    );
  }
  // Own members only, so that a type such as "constructor" finds nothing.
  const byType = new Map<string, unknown>(Object.entries(handlers));
  const fallback = handlers.default;
  return async (event) => {
    const handler = byType.get(event.type) ?? fallback;
    if (typeof handler === "function") await handler(event);
  };
}

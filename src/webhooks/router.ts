import { UpvestConfigError } from "../base-errors.js";
import { knownTypes } from "./events.js";
import type { EventOf, EventType, WebhookEvent } from "./events.js";
import { demand, isObject } from "./given.js";

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
 * An object of a class does as well: its methods are handlers, and are called with it as `this`. What else it needs may be
 * private (`#db`).
 *
 * An event for which there is neither a member nor `default` counts as handled. So a member under a name that is no type
 * of the description would lose events in silence, and is refused. A type newer than this package comes to `default`.
 *
 * @throws UpvestConfigError for such a name, and for a member that is no function
 */
export function on(handlers: EventHandlers): (event: WebhookEvent) => Promise<void> {
  demand(isObject(handlers), "the argument of on", "an object of handlers", handlers);
  for (const name of namesOf(handlers)) {
    if (name !== "default" && !knownTypes.has(name))
      throw new UpvestConfigError(
        `on: ${JSON.stringify(name)} is no event type that this version knows. Mend its spelling; if it is newer, handle it in default`,
      );
  }
  // By no other names, so that a type such as "constructor" finds nothing.
  const byType = new Map<string, unknown>();
  for (const type of [...knownTypes, "default"]) {
    const handler: unknown = Reflect.get(handlers, type);
    demand(
      handler === undefined || typeof handler === "function",
      `the handler of ${type}`,
      "a function",
      handler,
    );
    byType.set(type, handler);
  }
  return async (event) => {
    const handler = byType.get(event.type) ?? byType.get("default");
    if (typeof handler === "function") await Reflect.apply(handler, handlers, [event]);
  };
}

/** The names of its members, and of those that its class or another prototype gives it (which need not be enumerable). */
function namesOf(handlers: object): readonly string[] {
  const names = Object.keys(handlers);
  for (let at: unknown = Object.getPrototypeOf(handlers); at; at = Object.getPrototypeOf(at))
    // All that every object has is left out, also where it comes from another realm.
    names.push(...Object.getOwnPropertyNames(at).filter((name) => !(name in Object.prototype)));
  return names;
}

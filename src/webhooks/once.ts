import type { WebhookEvent } from "./events.js";
import { demand, hasFunctions } from "./given.js";
import { createLocks, memorySeenStore } from "./seen.js";
import type { SeenStore } from "./seen.js";

/** Gets events one by one, in their order; its promise is waited for. Or gets all events of a delivery at once. */
export type WebhookHandler =
  | ((event: WebhookEvent) => unknown)
  | {
      /** Gets all events of a delivery that were not handled before, in a list of its own. */
      readonly batch: (events: readonly WebhookEvent[]) => unknown;
    };

/** @throws UpvestConfigError for what cannot handle events */
export function demandHandler(handler: unknown): void {
  demand(
    typeof handler === "function" || hasFunctions(handler, "batch"),
    "the handler",
    "a function of an event, as on({ ... }) gives, or { batch: (events) => ... }",
    handler,
  );
}

/** What a handler threw, kept apart from what may go wrong around it. */
export class HandlerFailure extends Error {
  readonly event: WebhookEvent | undefined;

  constructor(cause: unknown, event: WebhookEvent | undefined) {
    super("the handler failed", { cause });
    this.event = event;
  }
}

/** The memory of handled events. */
export interface Once {
  /** Runs the handler for those of the events that were not handled before; stops at the first failure. */
  readonly handleOnce: (events: readonly WebhookEvent[], handler: WebhookHandler) => Promise<void>;
  /** Whether each of them was. */
  readonly areHandled: (events: readonly WebhookEvent[]) => Promise<boolean>;
}

// The sender repeats without end, and gives up on a sandbox endpoint after 30 days (Upvest docs, "Environments").
const remembered = 30 * 24 * 3_600_000;
const handled = "handled";

// An event goes to every subscription under one id: handled for one, it is not handled for the others.
const keyOf = ({ webhook_id: subscription, id }: WebhookEvent): string =>
  `event:${typeof subscription === "string" ? `${subscription}:` : ""}${id}`;

/**
 * Makes a {@link Once}. An event is marked only after its handler is done: a process that dies in between gets
 * the event again, and nothing is lost.
 *
 * `onStoreError` is told when a mark could not be written. The event is done all the same, and this process knows.
 */
export function createOnce(options: {
  readonly seen: SeenStore | undefined;
  readonly clock: () => number;
  readonly onStoreError: (error: unknown, event: WebhookEvent) => void;
}): Once {
  const { seen, clock, onStoreError } = options;
  const exclusively = createLocks();
  const here = memorySeenStore({ clock });

  const isHandled = async (key: string): Promise<boolean> =>
    (await here.get(key)) === handled || (await seen?.get(key)) === handled;

  const mark = async ([key, event]: readonly [string, WebhookEvent]): Promise<void> => {
    await here.set(key, handled, remembered);
    try {
      await seen?.set(key, handled, remembered);
    } catch (error) {
      // Failing the delivery for it would bring back what was done.
      onStoreError(error, event);
    }
  };

  const handleOnce: Once["handleOnce"] = async (events, handler) => {
    const groups = "batch" in handler ? [events] : events.map((event) => [event]);
    for (const group of groups) {
      // By the keys of now: a handler may change the events, or the list.
      const byKey = new Map<string, WebhookEvent>();
      for (const event of group) if (!byKey.has(keyOf(event))) byKey.set(keyOf(event), event);
      await exclusively([...byKey.keys()], async () => {
        // All at once: one by one, a large batch would wait for a distant store thousands of times.
        const asked = Array.from(byKey, async (entry) => ((await isHandled(entry[0])) ? [] : [entry]));
        const fresh = (await Promise.all(asked)).flat();
        const [first] = fresh;
        if (!first) return;
        try {
          await ("batch" in handler ? handler.batch(fresh.map(([, event]) => event)) : handler(first[1]));
        } catch (cause) {
          throw new HandlerFailure(cause, fresh.length === 1 ? first[1] : undefined);
        }
        await Promise.all(fresh.map(mark));
      });
    }
  };
  return {
    handleOnce,
    areHandled: async (events) =>
      (await Promise.all(events.map((event) => isHandled(keyOf(event))))).every(Boolean),
  };
}

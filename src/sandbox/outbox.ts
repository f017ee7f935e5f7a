import { isTaken, type Courier } from "./courier.js";
import type { Addressed } from "./delivery-events.js";
import type { Delivery } from "./delivery-records.js";
import type { DeliveryVersion } from "./delivery-signature.js";
import { bodyOf, pack, retryWait } from "./packages.js";
import type { Pause } from "./pause.js";

/** Where deliveries go, and how they are packed. */
export interface Target {
  readonly url: string;
  /** The longest time (ms) that an event waits for others. */
  readonly delay: number;
  /** bytes */
  readonly maxPackageSize: number;
}

/**
 * What is on its way to one endpoint. Deliveries go one after the other: as long as one is not taken it is tried
 * again, and those behind it wait (Upvest docs, Webhooks handler).
 */
export interface Outbox {
  /** Takes events in; resolves with the deliveries they went out in, once each of those is over. Never rejects. */
  readonly add: (events: readonly Addressed[], version: DeliveryVersion) => Promise<readonly Delivery[]>;
  /** Ends all that is waiting or on its way. What is added later is delivered again. */
  readonly cancel: () => void;
}

interface Waiting {
  readonly event: Addressed;
  readonly settle: (delivery: Delivery) => void;
}

/** Events that wait for others to share a delivery with. */
interface Pending {
  waiting: readonly Waiting[];
  readonly version: DeliveryVersion;
  readonly signal: AbortSignal;
}

export function createOutbox(parts: {
  readonly webhookId: string;
  /** Asked at each attempt: an endpoint that fails may be moved. Undefined when there is none any more. */
  readonly target: () => Target | undefined;
  readonly courier: Courier;
  readonly pause: Pause;
}): Outbox {
  const { webhookId, target, courier, pause } = parts;
  const open = new Map<DeliveryVersion, Pending>();
  let stop = new AbortController();
  let last: Promise<unknown> = Promise.resolve();

  const deliver = async (batch: readonly Waiting[], { version, signal }: Pending): Promise<Delivery> => {
    const events = batch.map(({ event }) => event);
    const eventIds = events.map(({ id }) => id);
    const body = bodyOf(events);
    let seen: Pick<Delivery, "url" | "attempts" | "status"> = {
      url: target()?.url ?? "",
      attempts: 0,
      status: "unanswered",
    };
    for (;;) {
      const url = target()?.url;
      if (signal.aborted || url === undefined) return { webhookId, eventIds, ...seen, outcome: "cancelled" };
      const attempt = seen.attempts + 1;
      const posted = await courier({ webhookId, url, eventIds, body, version }, { attempt, signal });
      seen = { url, attempts: attempt, status: posted.answered?.status ?? "unanswered" };
      if (isTaken(posted)) return { webhookId, eventIds, ...seen, outcome: "delivered" };
      await pause(retryWait(attempt) * 1000, signal);
    }
  };

  const enqueue = (batch: readonly Waiting[], pending: Pending): void => {
    last = last.then(async () => {
      const delivery = await deliver(batch, pending);
      for (const { settle } of batch) settle(delivery);
      return delivery;
    });
  };

  const packed = ({ waiting }: Pending): readonly (readonly Waiting[])[] =>
    pack(waiting, target()?.maxPackageSize ?? Number.POSITIVE_INFINITY);

  const flush = (pending: Pending): void => {
    if (open.get(pending.version) === pending) open.delete(pending.version);
    for (const batch of packed(pending)) enqueue(batch, pending);
    pending.waiting = [];
  };

  const begin = (version: DeliveryVersion): Pending => {
    const pending: Pending = { waiting: [], version, signal: stop.signal };
    const delay = target()?.delay ?? 0;
    if (delay > 0) {
      open.set(version, pending);
      void pause(delay, pending.signal).then(() => flush(pending));
    }
    return pending;
  };

  return {
    add: async (events, version) => {
      const pending = open.get(version) ?? begin(version);
      const added: Waiting[] = [];
      const settled = events.map(
        (event) => new Promise<Delivery>((settle) => void added.push({ event, settle })),
      );
      pending.waiting = [...pending.waiting, ...added];
      if (open.has(version)) {
        // Full ones need not wait for more; what is left over does.
        const batches = packed(pending);
        for (const batch of batches.slice(0, -1)) enqueue(batch, pending);
        pending.waiting = batches.at(-1) ?? [];
      } else {
        flush(pending);
      }
      return [...new Set(await Promise.all(settled))];
    },
    cancel: () => {
      stop.abort();
      stop = new AbortController();
      for (const pending of open.values()) flush(pending);
    },
  };
}

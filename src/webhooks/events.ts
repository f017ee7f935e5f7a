import { eventTypes } from "../../generated/events.js";
import type { EventType, UpvestEvent } from "../../generated/events.js";
import { refuse } from "./errors.js";
import { isObject } from "./given.js";
import type { Message } from "./message.js";

export type { EventType, UpvestEvent } from "../../generated/events.js";

/**
 * An event of a type that this version of the description does not know. Upvest counts new types as a compatible
 * change, so they do come; acknowledge what you do not need.
 */
export interface UnknownEvent {
  readonly id: string;
  /** RFC 3339, up to nanoseconds. */
  readonly created_at: string;
  readonly type: string;
  readonly object: unknown;
  readonly webhook_id: string;
}

/** One event of a delivery. {@link isKnownEvent} tells the two apart; `on` does it for you. */
export type WebhookEvent = UpvestEvent | UnknownEvent;

/** The event of one type, its `object` narrowed: `EventOf<"ORDER.FILLED">`. */
export type EventOf<T extends EventType> = Narrowed<UpvestEvent, T>;

// A member of the union stands for all the types that have the same `object`.
type Narrowed<E, T> = E extends { readonly type: infer Types }
  ? T extends Types
    ? Omit<E, "type"> & { readonly type: T }
    : never
  : never;

export const knownTypes: ReadonlySet<string> = /* @__PURE__ */ new Set(eventTypes);

/** Whether the description knows the event's type; from then on `type` narrows `object`. */
export const isKnownEvent = (event: WebhookEvent): event is UpvestEvent => knownTypes.has(event.type);

/**
 * The events of a verified body: the batch under `payload` that is sent (Upvest docs, "Webhooks handler"), or the bare
 * single event that the API description has. Their order is kept.
 *
 * @throws WebhookVerificationError `unsupported_encoding` or `malformed_body`
 */
export function readEvents({ headers, body }: Pick<Message, "headers" | "body">): readonly WebhookEvent[] {
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity")
    refuse(
      "unsupported_encoding",
      `its body is encoded (${JSON.stringify(encoding)}), which is not documented`,
    );
  const parsed = parse(body);
  const list: unknown = isObject(parsed) && "payload" in parsed ? parsed.payload : [parsed];
  if (!Array.isArray(list)) return refuse("malformed_body", "its payload is not a list of events");
  return list.map((event: unknown, index) =>
    isEvent(event)
      ? event
      : refuse("malformed_body", `event ${index + 1} of ${list.length} has no id and type, each a text`),
  );
}

const utf8 = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true });

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    // The parser's own words are left out: they quote the body.
    return refuse("malformed_body", `its body of ${body.length} bytes is not JSON in UTF-8`);
  }
}

// Only what everything else stands on: newer fields, values and types must not stop the events behind them.
function isEvent(event: unknown): event is WebhookEvent {
  const { id, type } = (event ?? {}) as { readonly id?: unknown; readonly type?: unknown };
  return typeof id === "string" && id !== "" && typeof type === "string";
}

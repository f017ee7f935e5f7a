import { randomUUID } from "node:crypto";
import type { EventType } from "../../generated/events.js";
import { isRecord, type Json } from "./json.js";

/** An event to deliver. What is left out is filled in; what is given, also members not named here, stays as it is. */
export interface SandboxEvent {
  /** Such as `ORDER.FILLED`. Open, for types that are newer than the description. */
  readonly type: EventType | (string & {});
  readonly object: object;
  /** Default: a new UUID. */
  readonly id?: string;
  /** RFC 3339; default: now, by the sandbox's clock. */
  readonly created_at?: string;
  /** Default: the subscription's id. */
  readonly webhook_id?: string;
}

/** An event as it is sent, but for the subscription that it is sent for. */
export interface Event {
  readonly id: string;
  readonly created_at: string;
  readonly type: string;
  readonly json: Json;
}

/** An event as it is sent. */
export interface Addressed extends Event {
  /** Its JSON. */
  readonly text: string;
}

/** Fills in `id` and `created_at`. Throws a `TypeError` that names the event and the member that make no sense. */
export function completeEvents(
  events: readonly SandboxEvent[],
  now: number,
  by: "deliver" | "sign" = "deliver",
): readonly Event[] {
  if (!Array.isArray(events)) throw new TypeError(`${by}: events must be an array; it is ${kindOf(events)}.`);
  return events.map((given: unknown, index) => {
    const name = `${by}: events[${index}]`;
    if (!isRecord(given)) throw new TypeError(`${name} must be an object.`);
    const { type, object } = given;
    if (typeof type !== "string" || type === "")
      throw new TypeError(`${name}.type must be a non-empty string.`);
    if (!isRecord(object)) throw new TypeError(`${name}.object must be an object.`);
    const { id = randomUUID(), created_at: createdAt = new Date(now).toISOString() } = given;
    if (typeof id !== "string" || id === "") throw new TypeError(`${name}.id must be a non-empty string.`);
    if (typeof createdAt !== "string" || instant(createdAt) === undefined) {
      throw new TypeError(
        `${name}.created_at must be an RFC 3339 date and time; it is ${String(createdAt)}.`,
      );
    }
    return { id, created_at: createdAt, type, json: { ...given, id, created_at: createdAt } };
  });
}

const kindOf = (value: unknown): string => (value === null ? "null" : typeof value);

/** Writes an event down as it is sent for a subscription. */
export function address(event: Event, webhookId: string): Addressed {
  const { id, created_at, type, object, webhook_id = webhookId, ...others } = event.json;
  return { ...event, text: JSON.stringify({ id, created_at, type, object, webhook_id, ...others }) };
}

/** The category that a subscription names: `ORDER` of `ORDER.FILLED`. */
export function categoryOf(type: string): string {
  return type.split(".")[0] ?? type;
}

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/i;

/** Whole seconds (as ms) and the digits after them: Upvest sends nanoseconds, more than a `Date` holds. */
function instant(text: string): readonly [number, string] | undefined {
  const [, whole, fraction = "", zone] = TIME.exec(text) ?? [];
  if (whole === undefined || zone === undefined) return undefined;
  const at = Date.parse(`${whole}${zone}`.toUpperCase());
  return Number.isNaN(at) ? undefined : [at, fraction.replace(/0+$/, "")];
}

/** Orders events by `created_at`; those of the same moment stay as they are. */
export function byTime(a: Event, b: Event): number {
  const [atA, fractionA] = instant(a.created_at) ?? [0, ""];
  const [atB, fractionB] = instant(b.created_at) ?? [0, ""];
  if (atA !== atB) return atA - atB;
  if (fractionA === fractionB) return 0;
  return fractionA < fractionB ? -1 : 1;
}

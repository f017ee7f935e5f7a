import { describe, expectTypeOf, it } from "vitest";
import type { Account, Order, UpvestEvent as UpvestEventOfTheClient } from "../../src/index.js";
import {
  createWebhookReceiver,
  isKnownEvent,
  on,
  toNodeHandler,
  type EventOf,
  type SeenStore,
  type UnknownEvent,
  type UpvestEvent,
  type WebhookEvent,
} from "../../src/webhooks/index.js";
import type { IncomingMessage, ServerResponse } from "node:http";

declare const event: WebhookEvent;

describe("events", () => {
  it("are one union, the client's", () => {
    expectTypeOf<UpvestEvent>().toEqualTypeOf<UpvestEventOfTheClient>();
    expectTypeOf<WebhookEvent>().toEqualTypeOf<UpvestEvent | UnknownEvent>();
    expectTypeOf<EventOf<"ORDER.FILLED">["object"]>().toEqualTypeOf<Order>();
    expectTypeOf<EventOf<"ORDER.FILLED">["type"]>().toEqualTypeOf<"ORDER.FILLED">();
  });

  it("are told apart by their type", () => {
    if (!isKnownEvent(event)) return;
    if (event.type === "ORDER.FILLED") expectTypeOf(event.object).toEqualTypeOf<Order>();
    if (event.type === "ACCOUNT.CREATED") expectTypeOf(event.object).toEqualTypeOf<Account>();
  });

  it("reach the members of a router narrowed", () => {
    on({
      "ORDER.FILLED": (filled) => expectTypeOf(filled.object).toEqualTypeOf<Order>(),
      "ORDER.NEW": async ({ type }) => expectTypeOf(type).toEqualTypeOf<"ORDER.NEW">(),
      default: (other) => expectTypeOf(other).toEqualTypeOf<WebhookEvent>(),
    });
    // @ts-expect-error no such type of event
    on({ "ORDER.FILED": () => undefined });
  });
});

it("a seen store gives what was set", () => {
  expectTypeOf<{ get: () => Promise<string | null>; set: () => Promise<void> }>().toExtend<SeenStore>();
  expectTypeOf<Promise<boolean>>().not.toExtend<ReturnType<SeenStore["get"]>>();
  expectTypeOf<Promise<unknown[]>>().not.toExtend<ReturnType<SeenStore["get"]>>();
});

it("a router, a function and a batch are handlers; a node server takes the listener", () => {
  const receiver = createWebhookReceiver({ keys: [] satisfies JsonWebKey[] });
  const listener = toNodeHandler(receiver, on({}));
  expectTypeOf(listener).toBeCallableWith({} as IncomingMessage, {} as ServerResponse);
  expectTypeOf(toNodeHandler).toBeCallableWith(receiver, { batch: async (events) => events.length });
  expectTypeOf(receiver.verify).returns.resolves.toEqualTypeOf<readonly WebhookEvent[]>();
});

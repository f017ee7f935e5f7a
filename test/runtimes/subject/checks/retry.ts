import { unwrap, UpvestUnknownOutcomeError } from "upvest-client";
import { expect, expectSame, failureOf } from "../expect.js";
import type { Check } from "../subject.js";
import { sandboxClient } from "./token.js";

const order = {
  side: "BUY",
  order_type: "MARKET",
  instrument_id: "US0378331005",
  instrument_id_type: "ISIN",
  cash_amount: "100.00",
  currency: "EUR",
} as const;

/**
 * 429 with `Retry-After`, 503, and writes whose answer is lost: one with a key is repeated under it and takes effect once, one
 * without is sent once, by the runtime too.
 */
export const retry: Check = async (subject) => {
  const { ask } = subject;
  const params = { query: { limit: 1 } };

  // Left to itself the client would wait for up to a quarter of a day: what it waits for is the header.
  const obedient = sandboxClient(subject, { retry: { baseDelay: 2e7, maxDelay: 2e7 } });
  await unwrap(obedient.GET("/users", { params }));
  await ask("/fail", { operation: "list_users", status: 429, retryAfter: 0 });
  const limited = await obedient.GET("/users", { params });
  expectSame([limited.response.status, limited.attempts], [200, 2], "429: status and attempts");

  const client = sandboxClient(subject, { retry: { baseDelay: 5, maxDelay: 5 } });
  await ask("/fail", { operation: "list_users", status: 503, bare: true, count: 2 });
  const unavailable = await client.GET("/users", { params });
  expectSame([unavailable.response.status, unavailable.attempts], [200, 3], "503: status and attempts");

  await ask("/fail", { operation: "place_order", drop: "after" });
  const before = await ask("/effects", "place_order");
  const ids = { user_id: crypto.randomUUID(), account_id: crypto.randomUUID() };
  const placed = await client.POST("/orders", { body: { ...order, ...ids } });
  if (placed.error !== undefined) throw placed.error;
  expectSame(placed.attempts, 2, "attempts of an order whose answer was lost");
  expectSame(await ask("/effects", "place_order"), Number(before) + 1, "orders that took effect");
  expect(placed.idempotencyKey !== undefined, "the order had no idempotency key");

  await ask("/fail", { operation: "create_webhook", drop: "after" });
  const earlier = await ask("/effects", "create_webhook");
  const body = { title: "Orders", url: "https://bank.example/hooks" };
  const lost = await failureOf(unwrap(client.POST("/webhooks", { body })), "a write whose answer was lost");
  expect(lost instanceof UpvestUnknownOutcomeError, `a lost answer became ${lost.name}: ${lost.message}`);
  expectSame(lost.attempts, 1, "attempts of a write without key");
  expectSame(await ask("/effects", "create_webhook"), Number(earlier) + 1, "writes that took effect");
};

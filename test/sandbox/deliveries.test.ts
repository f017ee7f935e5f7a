import { createServer } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Delivery, DeliveryAttempt } from "upvest-client/sandbox";
import { eventsOf, type Endpoint } from "./support/endpoint.js";
import { openWorkbench, order, type Workbench } from "./support/webhooks.js";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
let bench: Workbench;
let endpoint: Endpoint;
let before = 0;

beforeAll(async () => {
  bench = await openWorkbench({ deliverySpeed: Infinity });
  endpoint = bench.endpoint;
});
afterAll(() => bench.close());
beforeEach(() => {
  endpoint.behave(() => ({ status: 200 }));
  before = endpoint.received.length;
});

const received = () => endpoint.received.slice(before);
/** Ends as soon as there are so many deliveries. */
const until = async (count: number): Promise<void> => {
  while (received().length < count) await new Promise((resolve) => setImmediate(resolve));
};
const attemptsOf = (delivery: Delivery | undefined): readonly DeliveryAttempt[] => {
  const ids = JSON.stringify(delivery?.eventIds);
  return bench.sandbox.deliveries.filter(({ eventIds }) => JSON.stringify(eventIds) === ids);
};

describe("events to a URL", () => {
  test("are filled in and go in one delivery", async () => {
    const given = [order("NEW"), order("FILLED")];
    const [delivery, ...others] = await bench.sandbox.deliver(given, `${endpoint.url}/hook`);
    expect(others).toEqual([]);
    const [delivered] = received();
    expect((await bench.check(delivered)).faults).toEqual([]);
    const events = delivered === undefined ? [] : eventsOf(delivered);
    expect(events.map(({ type, object }) => ({ type, object }))).toEqual(given);
    for (const event of events) {
      expect(Object.keys(event)).toEqual(["id", "created_at", "type", "object", "webhook_id"]);
      expect(event.id).toMatch(UUID);
      expect(event.webhook_id).toMatch(UUID);
      expect(event.webhook_id).toBe(delivery?.webhookId);
      expect(Math.abs(Date.parse(event.created_at) - Date.now())).toBeLessThan(60_000);
    }
    expect(new Set(events.map(({ id }) => id)).size).toBe(2);
    expect(delivery).toEqual({
      webhookId: delivery?.webhookId,
      url: `${endpoint.url}/hook`,
      eventIds: events.map(({ id }) => id),
      attempts: 1,
      status: 200,
      outcome: "delivered",
    });
  });

  test("keep all that they have, and are ordered by created_at", async () => {
    const whole = {
      id: "e1",
      created_at: "2024-08-19T13:06:57.820371265Z",
      webhook_id: "w1",
      type: "SOMETHING_NEW.HAPPENED",
      object: { a: [1] },
      more: "äöü €",
    };
    const earlier = { ...whole, id: "e2", created_at: "2024-08-19T13:06:57.820371264Z" };
    await bench.sandbox.deliver([whole, earlier], endpoint.url);
    const [delivered] = received();
    expect((await bench.check(delivered)).faults).toEqual([]);
    expect(delivered === undefined ? [] : eventsOf(delivered)).toEqual([earlier, whole]);
  });

  test("are nothing to send when there are none", async () => {
    expect(await bench.sandbox.deliver([], endpoint.url)).toEqual([]);
    expect(received()).toEqual([]);
  });
});

describe("events to a subscription", () => {
  test("share deliveries that are as large as it says, one that is larger goes alone", async () => {
    const id = await bench.subscribe({ config: { max_package_size: 1000 } });
    const sizes = [10, 10, 10, 2000, 10];
    const events = sizes.map((size, index) =>
      order("NEW", { object: { text: "x".repeat(size) }, created_at: `2024-03-01T10:00:0${index}Z` }),
    );
    const deliveries = await bench.sandbox.deliver(events, id);
    expect(deliveries.map(({ eventIds }) => eventIds.length)).toEqual([3, 1, 1]);
    expect(received().map((each) => eventsOf(each).length)).toEqual([3, 1, 1]);
    expect(received().map(({ body }) => body.length > 1000)).toEqual([false, true, false]);
    for (const delivered of received()) {
      expect((await bench.check(delivered)).faults).toEqual([]);
      expect(eventsOf(delivered)[0]?.webhook_id).toBe(id);
    }
  });

  test("that were told of at about the same time share a delivery", async () => {
    const id = await bench.subscribe();
    const [[one], [other]] = await Promise.all([
      bench.sandbox.deliver([order("NEW")], id),
      bench.sandbox.deliver([order("FILLED")], id),
    ]);
    expect(one).toBe(other);
    expect(one?.eventIds).toHaveLength(2);
    expect(received()).toHaveLength(1);
  });

  test("are refused while it is disabled, and when it does not take them", async () => {
    const id = await bench.subscribe({ type: ["USER"] });
    await expect(bench.sandbox.deliver([order("NEW")], id)).rejects.toThrow(
      `the webhook subscription ${id} does not take ORDER.NEW: its type is USER.`,
    );
    await bench.call("PATCH", `/webhooks/${id}`, { enabled: false });
    await expect(bench.sandbox.deliver([{ type: "USER.CREATED", object: {} }], id)).rejects.toThrow(
      `the webhook subscription ${id} is disabled`,
    );
    expect(received()).toEqual([]);
  });
});

test("events to nobody in particular go to each enabled subscription that takes them", async () => {
  const all = (await bench.call("GET", "/webhooks")).json["data"];
  for (const { id } of Object(all)) await bench.call("DELETE", `/webhooks/${id}`);
  expect(await bench.sandbox.deliver([order("NEW")])).toEqual([]);

  const everything = await bench.subscribe();
  const orders = await bench.subscribe({ type: ["ORDER", "EXECUTION"] });
  const users = await bench.subscribe({ type: ["USER"] });
  await bench.subscribe({ type: ["USER_CHECK", "ORDER_CANCELLATION"] });
  const disabled = await bench.subscribe();
  await bench.call("PATCH", `/webhooks/${disabled}`, { enabled: false });

  const [orderNew, userMade] = [order("NEW", { id: "o" }), { type: "USER.CREATED", object: {}, id: "u" }];
  const deliveries = await bench.sandbox.deliver([orderNew, userMade]);
  const told = deliveries.map(({ webhookId, eventIds }) => [webhookId, eventIds]);
  expect(told).toEqual([
    [everything, ["o", "u"]],
    [orders, ["o"]],
    [users, ["u"]],
  ]);
  const sent = received().map((each) => eventsOf(each).map(({ webhook_id, id }) => [webhook_id, id]));
  expect(new Set(sent.flat().map(String))).toEqual(
    new Set([`${everything},o`, `${everything},u`, `${orders},o`, `${users},u`]),
  );
});

describe("a delivery that is not taken", () => {
  test.each([
    ["201", { status: 201 }],
    ["204", { status: 204 }],
    ["400", { status: 400 }],
    ["500", { status: 500, body: "out of order" }],
    ["a redirect, which is not followed", { status: 307, headers: { location: "/elsewhere" } }],
    ["hanging up", "hang up"],
  ] as const)("is signed anew and sent again: %s", async (_, reply) => {
    endpoint.behave((__, n) => (n < before + 3 ? reply : { status: 200 }));
    const [delivery] = await bench.sandbox.deliver([order("NEW")], `${endpoint.url}/hook`);
    expect(delivery).toMatchObject({ attempts: 4, status: 200, outcome: "delivered" });
    expect(received().map(({ target }) => target)).toEqual(["/hook", "/hook", "/hook", "/hook"]);
    const nonces: unknown[] = [];
    for (const delivered of received()) {
      const checked = await bench.check(delivered);
      expect(checked.faults).toEqual([]);
      nonces.push(checked.parameters.get("nonce"));
      expect(delivered.body).toEqual(received()[0]?.body);
    }
    expect(new Set(nonces).size).toBe(4);
    const status = reply === "hang up" ? "unanswered" : reply.status;
    expect(attemptsOf(delivery).map((each) => [each.attempt, each.status])).toEqual([
      [1, status],
      [2, status],
      [3, status],
      [4, 200],
    ]);
  });

  test("holds up later ones to the same endpoint, not those to others", async () => {
    endpoint.behave(({ target }, n) => ({ status: target === "/bad" && n < before + 4 ? 503 : 200 }));
    const [bad, good] = [`${endpoint.url}/bad`, `${endpoint.url}/good`];
    const order1 = bench.sandbox.deliver([order("NEW", { id: "first" })], bad);
    const order2 = bench.sandbox.deliver([order("NEW", { id: "second" })], bad);
    const [other] = await bench.sandbox.deliver([order("NEW", { id: "other" })], good);
    expect(other).toMatchObject({ attempts: 1 });
    await Promise.all([order1, order2]);
    const atBad = received().filter(({ target }) => target === "/bad");
    const ids = atBad.flatMap(eventsOf).map(({ id }) => id);
    expect(ids.at(-1)).toBe("second");
    expect(ids.indexOf("second")).toBe(ids.length - 1);
    expect(ids.length).toBeGreaterThan(3);
  });

  test("goes to where its subscription has moved", async () => {
    endpoint.behave(({ target }) => ({ status: target === "/moved" ? 200 : 404 }));
    const id = await bench.subscribe();
    const over = bench.sandbox.deliver([order("NEW")], id);
    await until(2);
    await bench.call("PATCH", `/webhooks/${id}`, { url: `${endpoint.url}/moved` });
    const [delivery] = await over;
    expect(delivery).toMatchObject({ url: `${endpoint.url}/moved`, status: 200, outcome: "delivered" });
    expect(delivery?.attempts).toBeGreaterThan(2);
  });

  test.each([
    ["is disabled", "PATCH", { enabled: false }],
    ["is deleted", "DELETE", undefined],
  ])("ends when its subscription %s, with all behind it", async (_, method, json) => {
    endpoint.behave(() => ({ status: 500 }));
    const id = await bench.subscribe();
    const first = bench.sandbox.deliver([order("NEW")], id);
    await until(2);
    const second = bench.sandbox.deliver([order("NEW")], id);
    await bench.call(method, `/webhooks/${id}`, json);
    const [ended] = await first;
    expect(ended?.outcome).toBe("cancelled");
    expect(ended?.attempts).toBeGreaterThan(1);
    expect(await second).toMatchObject([{ outcome: "cancelled" }]);
  });

  test("for want of an answer in time, or of anybody there, says so", async () => {
    const impatient = await openWorkbench({ deliverySpeed: Infinity, deliveryTimeout: 20 });
    impatient.endpoint.behave((_, n) => (n === 0 ? "wait" : { status: 200 }));
    await impatient.sandbox.deliver([order("NEW")], impatient.endpoint.url);
    expect(impatient.sandbox.deliveries[0]).toMatchObject({
      status: "unanswered",
      answer: "no answer within 20 ms",
    });
    await impatient.close();
    // The patient one: on a slow machine a refusal may also take longer than 20 ms.
    const tamper = { tamper: "unsigned" } as const;
    const [lost] = await bench.sandbox.deliver([order("NEW")], "http://127.0.0.1:1", tamper);
    expect(lost).toMatchObject({ outcome: "refused", status: "unanswered" });
    expect(bench.sandbox.deliveries.at(-1)?.answer).toMatch(/ECONNREFUSED/);
  });

  test.each([
    ["nonsense", "HELLO\r\n\r\n", /Parse Error/],
    ["an answer that ends too soon", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", /aborted/],
    ["another protocol", "HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n", /./],
  ])("for %s says so", async (_, bytes, answer) => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.end(bytes));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = Object(server.address());
    const tamper = { tamper: "signature" } as const;
    const [lost] = await bench.sandbox.deliver([order("NEW")], `http://127.0.0.1:${port}`, tamper);
    expect(lost).toMatchObject({ outcome: "refused", status: "unanswered" });
    expect(bench.sandbox.deliveries.at(-1)?.answer).toMatch(answer);
    await new Promise((resolve) => server.close(resolve));
  });
});

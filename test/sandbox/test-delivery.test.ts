import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { description } from "../../generated/description.js";
import { eventsOf, type Endpoint } from "./support/endpoint.js";
import { openWorkbench, order, type Workbench } from "./support/webhooks.js";

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

describe("a test delivery", () => {
  test("is one sample event, to a subscription that may be disabled", async () => {
    const url = `${endpoint.url}/test?of=it`;
    const made = await bench.call("POST", "/webhooks", { title: "New", url, type: ["EXECUTION", "ORDER"] });
    const reply = await bench.call("POST", `/webhooks/${String(made.json["id"])}/test`);
    expect([reply.status, reply.text]).toEqual([202, ""]);
    await until(1);
    const [delivered] = received();
    expect(delivered?.target).toBe("/test?of=it");
    expect((await bench.check(delivered)).faults).toEqual([]);
    const [event, ...others] = delivered === undefined ? [] : eventsOf(delivered);
    expect(others).toEqual([]);
    expect(event).toMatchObject({ type: "ORDER.NEW", webhook_id: made.json["id"] });
    expect(Object.keys(Object(event?.object)).length).toBeGreaterThan(5);
  });

  test("is made once, and does not wait for those that fail", async () => {
    endpoint.behave(() => ({ status: 500 }));
    const id = await bench.subscribe();
    const over = bench.sandbox.deliver([order("NEW", { id: "failing" })], id);
    await until(1);
    await bench.call("POST", `/webhooks/${id}/test`);
    const tests = () =>
      received()
        .flatMap(eventsOf)
        .filter((event) => event.id !== "failing");
    while (tests().length === 0) await new Promise((resolve) => setImmediate(resolve));
    await until(received().length + 5);
    expect(tests()).toHaveLength(1);
    await bench.call("DELETE", `/webhooks/${id}`);
    await over;
  });
});

test("a description whose test operation has an answer gets that of the endpoint", async () => {
  const newer = structuredClone(Object(description));
  newer.paths["/webhooks/{webhook_id}/test"].post.responses = {
    200: {
      description: "What your endpoint answered.",
      content: { "application/json": { schema: { type: "object" } } },
    },
  };
  const other = await openWorkbench({ description: newer });
  other.endpoint.behave(() => ({ status: 202, body: "fine", headers: { "x-own": "yes" } }));
  const id = await other.subscribe();
  const reply = await other.call("POST", `/webhooks/${id}/test`);
  expect(reply.status).toBe(200);
  expect(reply.json).toMatchObject({
    url: `${other.endpoint.url}/hook`,
    response: { status: 202, body: "fine", headers: { "x-own": "yes" } },
  });
  expect(eventsOf(other.endpoint.received[0] ?? Object({}))[0]?.type).toBe("USER.CREATED");
  await other.close();
});

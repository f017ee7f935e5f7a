import { inspect } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createDeliveryRecords, MAX_ATTEMPTS } from "../../src/sandbox/delivery-records.js";
import type { Endpoint } from "./support/endpoint.js";
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

describe("what is recorded", () => {
  test("is what was sent and answered", async () => {
    endpoint.behave(() => ({ status: 200, body: "x".repeat(5000) }));
    const [delivery] = await bench.sandbox.deliver([order("NEW")], `${endpoint.url}/hook`);
    const record = bench.sandbox.deliveries.at(-1);
    const { base, parameters } = await bench.check(received()[0]);
    expect(record).toEqual({
      at: record?.at,
      url: `${endpoint.url}/hook`,
      webhookId: delivery?.webhookId,
      eventIds: delivery?.eventIds,
      attempt: 1,
      status: 200,
      answer: "x".repeat(1024),
      keyId: parameters.get("keyid"),
      version: 6,
      tamper: undefined,
      base,
    });
  });

  test("has neither a key nor a signature in it, and nor has the sandbox", async () => {
    await bench.sandbox.deliver([order("NEW")], endpoint.url);
    const signature = received()[0]?.headers["signature"] ?? "";
    const shown = [
      inspect(bench.sandbox, { depth: null, showHidden: true, getters: true, maxArrayLength: null }),
      JSON.stringify(bench.sandbox),
    ].join("\n");
    expect(shown).toContain("@signature-params");
    expect(shown).not.toContain(signature.slice("sig1=:".length, -1));
    expect(shown).not.toMatch(/PRIVATE|"d":|KeyObject/);
  });
});

test("only so many attempts are kept, the newest", () => {
  const records = createDeliveryRecords();
  const attempt = {
    at: 0,
    url: "",
    webhookId: "",
    eventIds: [],
    status: 200,
    answer: "",
    keyId: "",
    version: 6,
    tamper: undefined,
    base: "",
  } as const;
  for (let n = 1; n <= MAX_ATTEMPTS + 2; n += 1) records.add({ ...attempt, attempt: n });
  const kept = records.all();
  expect(kept).toHaveLength(MAX_ATTEMPTS);
  expect([kept.at(0)?.attempt, kept.at(-1)?.attempt]).toEqual([3, MAX_ATTEMPTS + 2]);
});

describe("arguments that make no sense", () => {
  test.each<[unknown, RegExp]>([
    [[undefined], /events must be an array/],
    [[[null]], /events\[0\] must be an object/],
    [[[order("NEW"), { object: {} }]], /events\[1\]\.type must be a non-empty string/],
    [[[{ type: "A.B" }]], /events\[0\]\.object must be an object/],
    [[[order("NEW", { id: 7 })]], /events\[0\]\.id must be a non-empty string/],
    [[[order("NEW", { created_at: "yesterday" })]], /events\[0\]\.created_at must be .*; it is yesterday/],
    [[[order("NEW", { created_at: "2024-13-01T00:00:00Z" })]], /created_at must be/],
    [[[order("NEW")], "receiver"], /to must be the id .* or a URL; "receiver" is not a URL/],
    [[[order("NEW")], "http://receiver.invalid"], /http is for loopback addresses only/],
    [[[order("NEW")], "http://127.0.0.1", { version: 7 }], /version must be 6 or 15; it is 7/],
    [
      [[order("NEW")], "http://127.0.0.1", { tampr: "body" }],
      /options object has no tampr; it has version, tamper/,
    ],
    [[[order("NEW")], "http://127.0.0.1", { tamper: "all" }], /tamper must be one of body, .*; it is all/],
  ])("%j", async (given, message) => {
    const careless = Reflect.apply(bench.sandbox.deliver, undefined, Object(given));
    await expect(careless).rejects.toThrow(TypeError);
    await expect(careless).rejects.toThrow(message);
    expect(received()).toEqual([]);
  });
});

test("closing ends deliveries that wait, that are on their way, and those behind them", async () => {
  const closing = await openWorkbench();
  closing.endpoint.behave(({ target }) => (target === "/wait" ? "wait" : { status: 500 }));
  const { sandbox } = closing;
  const id = await closing.subscribe({ config: { delay: "30s" } });
  const over = [
    sandbox.deliver([order("NEW")], `${closing.endpoint.url}/wait`),
    sandbox.deliver([order("NEW")], `${closing.endpoint.url}/fail`),
    sandbox.deliver([order("NEW")], `${closing.endpoint.url}/fail`),
    sandbox.deliver([order("NEW")], `${closing.endpoint.url}/wait`, { tamper: "unsigned" }),
    sandbox.deliver([order("NEW")], id),
  ];
  while (closing.endpoint.received.length < 3) await new Promise((resolve) => setImmediate(resolve));
  await sandbox.close();
  for (const deliveries of await Promise.all(over))
    expect(deliveries).toMatchObject([{ outcome: "cancelled" }]);
  await expect(sandbox.deliver([order("NEW")], id)).rejects.toThrow("the sandbox is closed");
  await closing.close();
});

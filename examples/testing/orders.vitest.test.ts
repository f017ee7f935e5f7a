/**
 * A recipe for vitest: a client against the sandbox, and a webhook endpoint without one.
 *
 * Run it: npx vitest run examples/testing/orders.vitest.test.ts
 */
import { createUpvestClient, unwrap, type UpvestClient } from "upvest-client";
import { createDeliverySigner, startSandbox, type Sandbox } from "upvest-client/sandbox";
import { createWebhookReceiver } from "upvest-client/webhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let sandbox: Sandbox;
let client: UpvestClient;

beforeAll(async () => {
  sandbox = await startSandbox();
  client = createUpvestClient({ baseUrl: sandbox.url, ...sandbox.credentials, retry: { baseDelay: 1 } });
});
afterAll(() => sandbox.close());

const order = {
  user_id: "2dedfeb0-58cd-44f2-ae08-0e41fe0413d9",
  account_id: "debf2026-f2da-4ff0-bb84-92e45babb1e3",
  side: "BUY",
  instrument_id: "US0378331005",
  instrument_id_type: "ISIN",
  order_type: "MARKET",
  quantity: "2",
} as const;

describe("orders", () => {
  it("are read through an outage", async () => {
    sandbox.fail({ operation: "list_users", status: 503 });
    const { data } = await unwrap(client.GET("/users"));
    expect(data.length).toBeGreaterThan(0);
    expect(sandbox.requests.filter(({ operationId }) => operationId === "list_users")).toHaveLength(2);
  });

  it("are placed once, though the first answer is lost", async () => {
    const before = sandbox.effects("place_order");
    sandbox.fail({ operation: "place_order", drop: "after" });
    const { attempts } = await client.POST("/orders", { body: order });
    expect(attempts).toBe(2);
    expect(sandbox.effects("place_order")).toBe(before + 1);
  });
});

describe("our webhook endpoint", () => {
  const signer = createDeliverySigner();
  const receiver = createWebhookReceiver({ keys: signer.keys });
  const filled = { type: "ORDER.FILLED", object: { id: "1b6a2f2c-0d0d-4b0a-9a4e-5a4b9f3d2c11" } };
  const seen: string[] = [];
  const endpoint = (request: Request) =>
    receiver.handle(request, ({ type }) => {
      seen.push(type);
    });

  it("takes what Upvest sends, once", async () => {
    const delivery = await signer.sign([filled], { to: "/upvest" });
    expect((await endpoint(new Request(delivery.url, delivery))).status).toBe(200);
    expect(seen).toEqual(["ORDER.FILLED"]);
  });

  it.each(["body", "signature", "unsigned", "key", "expired"] as const)(
    "refuses a delivery with another %s",
    async (tamper) => {
      const delivery = await signer.sign([filled], { to: "/upvest", tamper });
      expect((await endpoint(new Request(delivery.url, delivery))).status).toBe(401);
    },
  );
});

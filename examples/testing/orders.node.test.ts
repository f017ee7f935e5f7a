/**
 * A recipe for node:test: a client against the sandbox, and a webhook endpoint without one.
 *
 * Run it: node --import tsx --test examples/testing/orders.node.test.ts
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createUpvestClient, type UpvestClient } from "upvest-client";
import { createDeliverySigner, startSandbox, type Sandbox } from "upvest-client/sandbox";
import { createWebhookReceiver } from "upvest-client/webhooks";

const order = {
  user_id: "2dedfeb0-58cd-44f2-ae08-0e41fe0413d9",
  account_id: "debf2026-f2da-4ff0-bb84-92e45babb1e3",
  side: "BUY",
  instrument_id: "US0378331005",
  instrument_id_type: "ISIN",
  order_type: "MARKET",
  quantity: "2",
} as const;

void describe("orders", () => {
  let sandbox: Sandbox;
  let client: UpvestClient;
  before(async () => {
    sandbox = await startSandbox();
    client = createUpvestClient({ baseUrl: sandbox.url, ...sandbox.credentials, retry: { baseDelay: 1 } });
  });
  after(() => sandbox.close());

  void it("are placed once, though the first answer is lost", async () => {
    sandbox.fail({ operation: "place_order", drop: "after" });
    const { attempts } = await client.POST("/orders", { body: order });
    assert.equal(attempts, 2);
    assert.equal(sandbox.effects("place_order"), 1);
  });
});

void describe("our webhook endpoint", () => {
  const signer = createDeliverySigner();
  const receiver = createWebhookReceiver({ keys: signer.keys });
  const filled = { type: "ORDER.FILLED", object: { id: "1b6a2f2c-0d0d-4b0a-9a4e-5a4b9f3d2c11" } };
  const statusOf = async (tamper?: "body" | "unsigned"): Promise<number> => {
    const delivery = await signer.sign([filled], { to: "/upvest", ...(tamper && { tamper }) });
    const answer = await receiver.handle(new Request(delivery.url, delivery), () => undefined);
    return answer.status;
  };

  void it("takes what Upvest sends", async () => assert.equal(await statusOf(), 200));
  void it("refuses a body that was changed", async () => assert.equal(await statusOf("body"), 401));
  void it("refuses what nobody signed", async () => assert.equal(await statusOf("unsigned"), 401));
});

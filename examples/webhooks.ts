/**
 * Webhooks from subscription to handler, against the local sandbox: subscribe, enable, receive, verify, print; then a
 * delivery that somebody changed on its way, and a handler that fails once.
 *
 * Run it: npx tsx examples/webhooks.ts
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createUpvestClient, unwrap } from "upvest-client";
import { startSandbox } from "upvest-client/sandbox";
import { createWebhookReceiver, on, toNodeHandler, verificationKeys } from "upvest-client/webhooks";

const sandbox = await startSandbox({ deliverySpeed: 20 });
const client = createUpvestClient({ baseUrl: sandbox.url, ...sandbox.credentials });

let failures = 1;
const receiver = createWebhookReceiver({
  keys: verificationKeys(client),
  onError: (error) => console.log(`  not taken   ${error instanceof Error ? error.message : String(error)}`),
});
const handler = on({
  "ORDER.FILLED": (event) => {
    if (failures-- > 0) throw new Error("the database is away for a moment");
    const { id, side, quantity, instrument_id } = event.object;
    console.log(`  handled     ORDER.FILLED: order ${id}, ${side} ${quantity} of ${instrument_id}`);
  },
  default: (event) => console.log(`  handled     ${event.type}`),
});
const server = createServer(toNodeHandler(receiver, handler));
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/upvest`;

console.log("1. Subscribe. A new subscription comes disabled.");
const created = await unwrap(
  client.POST("/webhooks", { body: { title: "Orders and users", url, type: ["ORDER", "USER"] } }),
);
console.log(`  created     ${created.id}, enabled: ${created.enabled}`);

console.log("2. Enable it.");
const path = { webhook_id: created.id };
const enabled = await unwrap(
  client.PATCH("/webhooks/{webhook_id}", { params: { path }, body: { enabled: true } }),
);
console.log(`  updated     ${enabled.id}, enabled: ${enabled.enabled}`);

console.log("3. Try the endpoint with a test delivery.");
await unwrap(client.POST("/webhooks/{webhook_id}/test", { params: { path } }));

const user = await unwrap(
  client.GET("/users/{user_id}", { params: { path: { user_id: crypto.randomUUID() } } }),
);
const order = await unwrap(
  client.GET("/orders/{order_id}", { params: { path: { order_id: crypto.randomUUID() } } }),
);
const filled = { type: "ORDER.FILLED", object: order };

console.log("4. Things happen. The handler fails at first, so the delivery comes again.");
await sandbox.deliver([{ type: "USER.CREATED", object: user }, filled], created.id);

console.log("5. Somebody changes a delivery on its way.");
await sandbox.deliver([filled], created.id, { tamper: "body" });

console.log("6. Unsubscribe.");
await client.DELETE("/webhooks/{webhook_id}", { params: { path } });

const taken = sandbox.deliveries.filter(({ status }) => status === 200).length;
console.log(`\n${sandbox.deliveries.length} deliveries were sent, ${taken} taken.`);
server.close();
await sandbox.close();
if (failures !== -1 || taken !== 2) process.exitCode = 1;

/** Names that a block of the documents may use without declaring them: what any program around it would have. */
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createUpvestClient, fromEnv, unwrap, type Order } from "upvest-client";
import { createWebhookReceiver, on, verificationKeys } from "upvest-client/webhooks";

export const clientId = "a-client-id";
export const clientSecret = "a-client-secret";
export const keyId = randomUUID();
export const passphrase = "a-passphrase";
export const privateKey = generateKeyPairSync("ed25519").privateKey.export({
  type: "pkcs8",
  format: "pem",
  cipher: "aes-256-cbc",
  passphrase,
});

export const client = createUpvestClient(fromEnv());
export const keys = verificationKeys(client);
export const receiver = createWebhookReceiver({ keys });
export const handler = on({ default: () => undefined });

export const order: Order = await unwrap(
  client.GET("/orders/{order_id}", { params: { path: { order_id: randomUUID() } } }),
);

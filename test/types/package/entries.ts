/** The other entries, as client.ts is for the first. */
import { unwrap, type UpvestClient } from "upvest-client";
import { redisLimiter, redisSeenStore, redisTokenStore, type RedisClient } from "upvest-client/redis";
import {
  startSandbox,
  type Sandbox,
  type SandboxEvent,
  type SandboxOperation,
  type SandboxRequest,
} from "upvest-client/sandbox";
import { undiciFetch } from "upvest-client/undici";
import {
  createWebhookReceiver,
  memorySeenStore,
  on,
  toNodeHandler,
  validateEvent,
  verificationKeys,
  WebhookVerificationError,
  type KeySource,
  type WebhookEvent,
  type WebhookReceiver,
} from "upvest-client/webhooks";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function holds<T extends true>(): T;

export function receive(client: UpvestClient): WebhookReceiver {
  const keys: KeySource = verificationKeys(client);
  const receiver = createWebhookReceiver({ keys, tolerance: 300, clock: () => 0, seen: memorySeenStore() });
  createWebhookReceiver({ keys: [{ kty: "OKP", crv: "Ed25519", x: "x", kid: "1" }] });
  toNodeHandler(receiver, on({ "ORDER.FILLED": (event) => void event.object.id }));
  return receiver;
}

export async function verify(receiver: WebhookReceiver): Promise<readonly WebhookEvent[]> {
  try {
    const events = await receiver.verify({ method: "POST", path: "/hooks", headers: {}, body: "{}" });
    holds<Equal<typeof events, readonly WebhookEvent[]>>();
    return events;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return [];
    throw error;
  }
}

export async function check(event: unknown): Promise<string> {
  const result = await validateEvent(event);
  return result.valid ? "" : result.errors.map(({ path, message }) => `${path} ${message}`).join("\n");
}

export async function test(): Promise<readonly SandboxRequest[]> {
  const sandbox: Sandbox = await startSandbox({ algorithm: "ed25519" });
  sandbox.fail({ operation: "place_order", status: 503 });
  // Named one by one, so that an editor offers them.
  holds<Equal<Extract<SandboxOperation, "place_order">, "place_order">>();
  holds<Equal<Extract<SandboxEvent["type"], "ORDER.FILLED">, "ORDER.FILLED">>();
  sandbox.effects("operation_of_another_description");
  await sandbox.close();
  return sandbox.requests;
}

export const fleet = (redis: RedisClient, secret: string): unknown[] => [
  redisLimiter,
  redisSeenStore,
  redisTokenStore,
  undiciFetch,
  unwrap,
  redis,
  secret,
];

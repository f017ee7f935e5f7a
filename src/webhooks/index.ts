/** Receives Upvest's webhook deliveries. Start with {@link createWebhookReceiver}. */
export type { WebhookAnswer } from "./answer.js";
export { WebhookVerificationError, type WebhookRefusal } from "./errors.js";
export {
  isKnownEvent,
  type EventOf,
  type EventType,
  type UnknownEvent,
  type UpvestEvent,
  type WebhookEvent,
} from "./events.js";
export { verificationKeys, type KeySource, type VerificationKey } from "./keys.js";
export type { Delivery, DeliveryHeaders, RawBody } from "./message.js";
export { toNodeHandler, type NodeRequest, type NodeResponse } from "./node.js";
export type { WebhookHandler } from "./once.js";
export {
  createWebhookReceiver,
  type PendingDelivery,
  type WebhookReceiver,
  type WebhookReceiverOptions,
} from "./receiver.js";
export { on, type EventHandlers } from "./router.js";
export { memorySeenStore, type SeenStore } from "./seen.js";
export { validateEvent, type EventProblem, type EventValidation } from "./validate.js";

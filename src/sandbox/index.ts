export { startSandbox, type Sandbox, type SandboxCredentials } from "./sandbox.js";
export type { SandboxOptions } from "./options.js";
export type {
  DelayFailure,
  DropFailure,
  Failure,
  FailureRule,
  FailureTarget,
  SandboxOperation,
  StatusFailure,
  TruncateFailure,
} from "./failures.js";
export type { SandboxRequest } from "./records.js";
export type { Algorithm, Verdict } from "./verify.js";
export {
  createDeliverySigner,
  type DeliverySigner,
  type DeliverySignerOptions,
  type SignDeliveryOptions,
  type SignedDelivery,
} from "./delivery-signer.js";
export type { PublicKey } from "./verification-keys.js";
export type { DeliverOptions } from "./deliver-options.js";
export type { SandboxEvent } from "./delivery-events.js";
export type { Delivery, DeliveryAttempt } from "./delivery-records.js";
export type { DeliveryVersion } from "./delivery-signature.js";
export type { Tampering } from "./tampering.js";
export type { Deliver } from "./webhooks.js";

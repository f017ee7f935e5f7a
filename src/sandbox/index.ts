export { startSandbox, type Sandbox, type SandboxCredentials } from "./sandbox.js";
export type { SandboxOptions } from "./options.js";
export type {
  DelayFailure,
  DropFailure,
  Failure,
  FailureRule,
  FailureTarget,
  StatusFailure,
  TruncateFailure,
} from "./failures.js";
export type { SandboxRequest } from "./records.js";
export type { Algorithm, Verdict } from "./verify.js";

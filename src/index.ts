/** A client for the Upvest Investment API. Start with {@link createUpvestClient}. */
export type {
  CallFacts,
  CallFailure,
  CallInit,
  CallOptions,
  CallResult,
  CallSuccess,
  ClientMethod,
  ParseAs,
} from "./call-types.js";
export { createUpvestClient, type UpvestClient, type WalkInit } from "./client.js";
export type {
  AttemptDiagnostics,
  CallDiagnostics,
  Logger,
  PageDiagnostics,
  RetryDiagnostics,
  TokenDiagnostics,
} from "./diagnostics.js";
export { fromEnv } from "./env.js";
export {
  UpvestApiError,
  UpvestConfigError,
  UpvestConnectionError,
  UpvestError,
  UpvestTimeoutError,
  UpvestUnknownOutcomeError,
} from "./errors.js";
export { createLimiter, type LimiterOptions } from "./limiter.js";
export type { Middleware, MiddlewareCall } from "./middleware.js";
export type { UpvestClientOptions } from "./options.js";
export type { Pages } from "./pagination.js";
export type { Limiter } from "./pipeline/limiter.js";
export type { RetryOptions } from "./pipeline/request.js";
export type { Problem, ProblemCode } from "./problem.js";
export type { SignatureAlgorithm, Signer, SigningKey } from "./signature/keys.js";
export type { StoredToken, TokenStore } from "./token-store.js";
export { unwrap } from "./unwrap.js";
export type { Page, PageMeta } from "./walk.js";
export type { OperationId, PagedPath, Scope } from "../generated/operations.js";
export type { paths } from "../generated/schema.js";
export type * from "../generated/models.js";
export type { EventType, UpvestEvent } from "../generated/events.js";

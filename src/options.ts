import type { Logger } from "./diagnostics.js";
import { shown, UpvestConfigError } from "./errors.js";
import { requireMembers } from "./plain-object.js";
import type { Limiter } from "./pipeline/limiter.js";
import type { RetryOptions } from "./pipeline/request.js";
import { defaultRetry } from "./pipeline/retry.js";
import { createSigner, type Signer, type SigningKey } from "./signature/keys.js";
import type { TokenStore } from "./token-store.js";
import type { Scope } from "../generated/operations.js";

/** Upvest docs, "Environments": separate credentials and keys for each. */
const environments = {
  sandbox: "https://sandbox.upvest.co",
  live: "https://api.upvest.co",
} as const;

/** What {@link createUpvestClient} needs to know. All times in ms. */
export interface UpvestClientOptions {
  /** Which of Upvest's environments; or give `baseUrl`. One of the two. */
  readonly environment?: keyof typeof environments;
  /** Another address: https, or http on loopback (the local sandbox). */
  readonly baseUrl?: string;
  /** The OAuth client id that Upvest gave you. */
  readonly clientId: string;
  /** The OAuth client secret that Upvest gave you. */
  readonly clientSecret: string;
  /**
   * The key whose public half Upvest registered for this client: PEM (PKCS#8, SEC1, encrypted with `passphrase`), JWK or
   * CryptoKey; or a {@link Signer} of your own, for a key that stays in a KMS or HSM. Ed25519 or P-521.
   */
  readonly signingKey: SigningKey | Signer;
  /**
   * Scopes to ask for in every token. Default: the narrowest that each operation allows; where Upvest has not granted
   * that to this client, the wider one.
   */
  readonly scopes?: readonly Scope[];
  /** ms, one attempt, body included. Default 30,000. */
  readonly timeout?: number;
  /** ms, the whole call, attempts and waiting. Default none. */
  readonly deadline?: number;
  /** `false`: one attempt. Default: 4 attempts, back-off from 500 ms to 8 s, `Retry-After` honoured up to 60 s. */
  readonly retry?: false | Partial<RetryOptions>;
  /**
   * Bytes that the body of an answer may have once unpacked; default 64 MiB. A larger one is not read to its end: a read
   * ends in an UpvestApiError with code `response_too_large`, a write in an UpvestUnknownOutcomeError with that as its
   * cause. Answers taken with `parseAs: "stream"` are not limited. `Infinity`: no limit.
   */
  readonly maxResponseSize?: number;
  /** Keeps tokens beyond this process. Default: memory. */
  readonly tokenStore?: TokenStore;
  /** Asked before every attempt. Default none. */
  readonly limiter?: Limiter;
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch;
  /** ms since the epoch. Default `Date.now`. */
  readonly clock?: () => number;
  /**
   * Default true: where a refusal's `date` shows that the local clock is off, requests are dated by the server's from
   * then on.
   */
  readonly clockSkewCorrection?: boolean;
  /** `console`, pino, or what takes `(fields, message)` as they do. Never told a secret. Default none. */
  readonly logger?: Logger;
}

/** The options, checked and completed. */
export interface ResolvedOptions {
  readonly baseUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly signer: Signer;
  readonly scopes: readonly Scope[] | undefined;
  readonly timeout: number;
  readonly deadline: number | undefined;
  readonly retry: RetryOptions;
  readonly maxResponseSize: number;
  readonly tokenStore: TokenStore | undefined;
  readonly limiter: Limiter | undefined;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: () => number;
  readonly clockSkewCorrection: boolean;
  readonly logger: Logger | undefined;
}

/** @throws UpvestConfigError naming the option, what it should be and what it is */
export function resolveOptions(options: UpvestClientOptions): ResolvedOptions {
  if (typeof options !== "object" || options === null) {
    throw new UpvestConfigError(
      `createUpvestClient takes its options as an object; it got ${shown(options)}`,
    );
  }
  for (const name of ["fetch", "clock"] as const) requireFunction(name, options[name]);
  requireMethods("limiter", options.limiter, "acquire");
  requireMethods("tokenStore", options.tokenStore, "get", "set");
  requireMethods("logger", options.logger, "debug", "warn", "error");
  const resolved = {
    baseUrl: baseUrlOf(options),
    clientId: text("clientId", options.clientId),
    clientSecret: secret(options.clientSecret),
    signer: signerOf(options.signingKey),
    scopes: scopesOf(options.scopes),
    timeout: milliseconds("timeout", options.timeout) ?? 30_000,
    deadline: milliseconds("deadline", options.deadline),
    retry: resolveRetry(options.retry, defaultRetry),
    maxResponseSize: bytes(options.maxResponseSize) ?? 64 * 1024 * 1024,
    tokenStore: options.tokenStore,
    limiter: options.limiter,
    fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
    clock: options.clock ?? Date.now,
    clockSkewCorrection: options.clockSkewCorrection ?? true,
    logger: options.logger,
  };
  const names = [...Object.keys(resolved).filter((name) => name !== "signer"), "environment", "signingKey"];
  requireMembers("the options object of createUpvestClient", options, new Set(names));
  return resolved;
}

/** Lays the caller's retry options over the ones that hold otherwise. */
export function resolveRetry(
  given: false | Partial<RetryOptions> | undefined,
  otherwise: RetryOptions,
): RetryOptions {
  if (given === false) return { ...otherwise, maxAttempts: 1 };
  if (given === undefined) return otherwise;
  if (typeof given !== "object") {
    throw new UpvestConfigError(`retry must be false or an object; it is ${shown(given)}`);
  }
  const retry = { ...otherwise, ...given };
  for (const [name, value] of Object.entries(retry)) {
    if (!Object.hasOwn(otherwise, name)) {
      throw new UpvestConfigError(`retry has no ${name}; it has ${Object.keys(otherwise).join(", ")}`);
    }
    const least = name === "maxAttempts" ? 1 : 0;
    if (
      typeof value !== "number" ||
      !(value >= least) ||
      (name === "maxAttempts" && !Number.isInteger(value))
    ) {
      throw new UpvestConfigError(
        `retry.${name} must be a number of at least ${least}; it is ${shown(value)}`,
      );
    }
  }
  return retry;
}

/** @returns the value, where it is a positive number or left out */
export function milliseconds(name: string, value: number | undefined): number | undefined {
  if (value === undefined || (typeof value === "number" && value > 0)) return value;
  throw new UpvestConfigError(`${name} must be a positive number of milliseconds; it is ${shown(value)}`);
}

function bytes(value: number | undefined): number | undefined {
  const good = value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && Number(value) > 0);
  if (value === undefined || good) return value;
  throw new UpvestConfigError(
    `maxResponseSize must be a whole number of bytes, 1 or more, or Infinity; it is ${shown(value)}`,
  );
}

function baseUrlOf({ environment, baseUrl }: UpvestClientOptions): string {
  if ((environment === undefined) === (baseUrl === undefined)) {
    throw new UpvestConfigError(
      'give either environment ("sandbox" or "live") or baseUrl, and not both: money must not go to the wrong place by a default',
    );
  }
  if (environment !== undefined) {
    if (Object.hasOwn(environments, environment)) return environments[environment];
    throw new UpvestConfigError(`environment must be "sandbox" or "live"; it is ${shown(environment)}`);
  }
  // What stands before an @ may be a password.
  const given = shown(baseUrl).replace(/^("(?:\w+:\/\/)?).*@/s, "$1***@");
  if (baseUrl === undefined || !URL.canParse(baseUrl)) {
    throw new UpvestConfigError(`baseUrl must be a URL; it is ${given}`);
  }
  const url = new URL(baseUrl);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new UpvestConfigError("baseUrl must have no user name, password, query or fragment");
  }
  const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && loopback)) {
    throw new UpvestConfigError(
      `baseUrl must be https (http only on loopback): ${given} would carry the access token in clear text`,
    );
  }
  return url.href.replace(/\/+$/, "");
}

function text(name: string, value: unknown): string {
  if (typeof value === "string" && /^[!-~]+$/.test(value)) return value;
  throw new UpvestConfigError(
    `${name} must be a non-empty string of printable ASCII without spaces; it is ${typeof value === "string" ? shown(value) : typeof value}`,
  );
}

function secret(value: unknown): string {
  const fault =
    typeof value !== "string"
      ? typeof value
      : value === ""
        ? "empty"
        : value.trim() !== value && "one with white space around it (the line break at the end of a file?)";
  if (fault === false) return value as string;
  throw new UpvestConfigError(`clientSecret must be a non-empty string; it is ${fault}`);
}

function requireFunction(name: string, value: unknown): void {
  if (value === undefined || typeof value === "function") return;
  throw new UpvestConfigError(`${name} must be a function, or be left out; it is ${shown(value)}`);
}

/** An object with these methods, as far as it is given. */
function requireMethods(name: string, value: object | undefined, ...methods: readonly string[]): void {
  if (value === undefined) return;
  const members = value as Readonly<Record<string, unknown>> | null;
  if (methods.every((method) => typeof members?.[method] === "function")) return;
  throw new UpvestConfigError(`${name} must have the methods ${methods.join(", ")}; it is ${shown(value)}`);
}

function signerOf(key: SigningKey | Signer): Signer {
  try {
    return createSigner(key);
  } catch (error) {
    // The signature pieces know no Upvest; their messages never hold key material.
    const message = error instanceof Error ? error.message : "unusable";
    throw new UpvestConfigError(message.startsWith("signingKey") ? message : `signingKey: ${message}`, {
      cause: error,
    });
  }
}

function scopesOf(scopes: readonly Scope[] | undefined): readonly Scope[] | undefined {
  if (scopes === undefined) return undefined;
  const good = Array.isArray(scopes) && scopes.length > 0 && scopes.every((scope) => /^[\w:]+$/.test(scope));
  if (good) return [...new Set(scopes)].sort();
  throw new UpvestConfigError(
    'scopes must be a non-empty list such as ["users:read", "orders:admin"], or be left out',
  );
}

import type { DeliveryAttempt } from "./delivery-records.js";
import { requireMembers } from "./members.js";
import type { Routes } from "./operations.js";
import type { SandboxRequest } from "./records.js";
import type { Algorithm } from "./verify.js";
import { holdsSubscriptions } from "./webhook-operations.js";

/** What {@link startSandbox} may be told. */
export interface SandboxOptions {
  /** Default 0: any free port. Always on 127.0.0.1. */
  readonly port?: number;
  /** An OpenAPI 3.0 or 3.1 document; default: the one that this package was generated from. */
  readonly description?: Readonly<Record<string, unknown>>;
  /** Of the signing key handed out; default "ed25519". */
  readonly algorithm?: Algorithm;
  /** Configured for the client: asking for another one is answered 401. Default: all that the description names. */
  readonly scopes?: readonly string[];
  /** Seconds; default 1800. */
  readonly tokenLifetime?: number;
  /** How many items the collection of a paged operation holds, by operationId; default 3 each. */
  readonly collections?: Readonly<Record<string, number>>;
  /**
   * What `GET /files/{folder}/{file_name}` leads to, by `folder/file_name`; other names are answered 404. Default: every
   * name has a short text.
   */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Requests in any one second; default 300. `Infinity`: no limit. Beyond it: 429, without `retry-after`. */
  readonly rateLimit?: number;
  /** Seconds; the longest `expires - created` of a signature that is accepted. Default 60. */
  readonly signatureWindow?: number;
  /** Seconds that `created` may lie in the future. Default 5. */
  readonly clockTolerance?: number;
  /**
   * Default false. True: signatures are read by the strictest reading of the docs, where every header that the server does
   * not leave out must be covered, and nothing may be covered that the docs do not list.
   */
  readonly strict?: boolean;
  /**
   * The time, in ms since 1970; default `Date.now`. Everything goes by it but what waits: an injected `delay`, the
   * delay of a subscription, the waits between attempts to deliver.
   */
  readonly clock?: () => number;
  /**
   * The waits of webhook deliveries are divided by this: 1000 makes seconds milliseconds, `Infinity` leaves none.
   * Default 1. `deliveryTimeout` stays as it is.
   */
  readonly deliverySpeed?: number;
  /** Milliseconds that an endpoint has for its whole answer to a delivery. Default 10,000; that of Upvest is not known. */
  readonly deliveryTimeout?: number;
  /** Told of each request once it has been answered, as `sandbox.requests` will show it. */
  readonly onRequest?: (request: SandboxRequest) => void;
  /** Told of each attempt to deliver once it is over, as `sandbox.deliveries` will show it. */
  readonly onDelivery?: (attempt: DeliveryAttempt) => void;
  /**
   * Default false. True: a page on a port of its own shows requests and deliveries as they come, and why a signature was
   * refused (`sandbox.inspector` is its address). With a port: there.
   */
  readonly inspector?: boolean | { readonly port: number };
}

export interface Settings {
  /** Its port; undefined: no inspector. */
  readonly inspector: number | undefined;
  readonly port: number;
  readonly algorithm: Algorithm;
  readonly scopes: ReadonlySet<string>;
  readonly tokenLifetime: number;
  readonly sizeOf: (operation: string) => number;
  readonly rateLimit: number;
  readonly signatureWindow: number;
  readonly clockTolerance: number;
  readonly strict: boolean;
  readonly clock: () => number;
  readonly deliverySpeed: number;
  readonly deliveryTimeout: number;
  readonly onRequest: ((request: SandboxRequest) => void) | undefined;
  readonly onDelivery: ((attempt: DeliveryAttempt) => void) | undefined;
}

const DEFAULT_SIZE = 3;

const known: Readonly<Record<keyof SandboxOptions, true>> = {
  port: true,
  description: true,
  algorithm: true,
  scopes: true,
  tokenLifetime: true,
  collections: true,
  files: true,
  rateLimit: true,
  signatureWindow: true,
  clockTolerance: true,
  strict: true,
  clock: true,
  deliverySpeed: true,
  deliveryTimeout: true,
  onRequest: true,
  onDelivery: true,
  inspector: true,
};

/** Fills in the defaults. Throws a `TypeError` that names the option that makes no sense. */
export function readOptions(options: SandboxOptions, routes: Routes): Settings {
  requireMembers("the options object of startSandbox", options, known);
  const { collections = {}, rateLimit = 300, algorithm = "ed25519", deliverySpeed = 1 } = options;
  if (algorithm !== "ed25519" && algorithm !== "ecdsa-p521") {
    throw new TypeError(`algorithm must be "ed25519" or "ecdsa-p521"; it is ${String(algorithm)}.`);
  }
  for (const [operation, size] of Object.entries(collections)) {
    const route = routes.byId(operation);
    if (route?.paging === undefined) {
      throw new TypeError(`collections: "${operation}" is not a paged operation of the description.`);
    }
    if (holdsSubscriptions(route)) {
      throw new TypeError(`collections: "${operation}" lists the subscriptions that were created.`);
    }
    whole(`collections.${operation}`, size, 0);
  }
  if (!(typeof deliverySpeed === "number" && deliverySpeed > 0)) {
    throw new TypeError(
      `deliverySpeed must be a number above 0, or Infinity; it is ${String(deliverySpeed)}.`,
    );
  }
  const scopes = options.scopes ?? routes.scopes;
  const unknown = scopes.filter((scope) => !routes.scopes.includes(scope));
  if (unknown.length > 0) throw new TypeError(`scopes: the description does not name ${unknown.join(", ")}.`);
  return {
    port: whole("port", options.port ?? 0, 0, 65_535),
    algorithm,
    scopes: new Set(scopes),
    tokenLifetime: whole("tokenLifetime", options.tokenLifetime ?? 1800, 1),
    sizeOf: (operation) => collections[operation] ?? DEFAULT_SIZE,
    rateLimit:
      rateLimit === Number.POSITIVE_INFINITY ? rateLimit : whole("rateLimit", rateLimit, 1, 1_000_000),
    signatureWindow: whole("signatureWindow", options.signatureWindow ?? 60, 1),
    clockTolerance: whole("clockTolerance", options.clockTolerance ?? 5, 0),
    strict: options.strict ?? false,
    clock: options.clock ?? Date.now,
    deliverySpeed,
    inspector: inspectorPort(options.inspector ?? false),
    deliveryTimeout: whole("deliveryTimeout", options.deliveryTimeout ?? 10_000, 1, 0x7f_ff_ff_ff),
    onRequest: options.onRequest,
    onDelivery: options.onDelivery,
  };
}

function inspectorPort(inspector: boolean | { readonly port: number }): number | undefined {
  if (typeof inspector === "boolean") return inspector ? 0 : undefined;
  return whole("inspector.port", inspector.port, 0, 65_535);
}

function whole(name: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  throw new TypeError(`${name} must be a whole number ${range}; it is ${String(value)}.`);
}

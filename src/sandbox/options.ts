import type { Routes } from "./operations.js";
import type { Algorithm } from "./verify.js";

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
  /** Requests in any one second; default 300. `Infinity`: no limit. Beyond it: 429, without `retry-after`. */
  readonly rateLimit?: number;
  /** Seconds; the longest `expires - created` of a signature that is accepted. Default 60. */
  readonly signatureWindow?: number;
  /** Seconds that `created` may lie in the future. Default 5. */
  readonly clockTolerance?: number;
  /** The time, in ms since 1970; default `Date.now`. Everything but an injected `delay` goes by it. */
  readonly clock?: () => number;
}

export interface Settings {
  readonly port: number;
  readonly algorithm: Algorithm;
  readonly scopes: ReadonlySet<string>;
  readonly tokenLifetime: number;
  readonly sizeOf: (operation: string) => number;
  readonly rateLimit: number;
  readonly signatureWindow: number;
  readonly clockTolerance: number;
  readonly clock: () => number;
}

const DEFAULT_SIZE = 3;

/** Fills in the defaults. Throws a `TypeError` that names the option that makes no sense. */
export function readOptions(options: SandboxOptions, routes: Routes): Settings {
  const { collections = {}, rateLimit = 300, algorithm = "ed25519" } = options;
  if (algorithm !== "ed25519" && algorithm !== "ecdsa-p521") {
    throw new TypeError(`algorithm must be "ed25519" or "ecdsa-p521"; it is ${String(algorithm)}.`);
  }
  for (const [operation, size] of Object.entries(collections)) {
    if (routes.byId(operation)?.paging === undefined) {
      throw new TypeError(`collections: "${operation}" is not a paged operation of the description.`);
    }
    whole(`collections.${operation}`, size, 0);
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
    clock: options.clock ?? Date.now,
  };
}

function whole(name: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  throw new TypeError(`${name} must be a whole number ${range}; it is ${String(value)}.`);
}

/**
 * Where the parts are put together. Read on in the order of a call: call-types.ts (what callers see), call.ts, and
 * pipeline/prepare.ts with path.ts and bindings.ts (a call becomes plain data), then the layers, outermost first:
 * middleware.ts, pipeline/idempotency.ts, retry.ts, authorize.ts (with token.ts), skew.ts, limiter.ts, sign.ts (with
 * signature/), transport.ts. What they tell those who watch: observe.ts.
 */
import type { PagedPath } from "../generated/operations.js";
import { queryOf } from "./bindings.js";
import { createCaller, members, operationAt, type AnyInit } from "./call.js";
import type { CallInit, CallResult, ClientMethod, DataOf, InitArguments, OperationOf } from "./call-types.js";
import { UpvestConfigError } from "./errors.js";
import { createMiddleware, type Middleware } from "./middleware.js";
import { createObserver } from "./observe.js";
import { resolveOptions, type UpvestClientOptions } from "./options.js";
import { paginate, type Pages } from "./pagination.js";
import { shownParameter } from "./path.js";
import { requireMembers } from "./plain-object.js";
import type { Page } from "./walk.js";
import { atMostOnce } from "./pipeline/at-most-once.js";
import { authorize } from "./pipeline/authorize.js";
import { idempotency } from "./pipeline/idempotency.js";
import { limit } from "./pipeline/limiter.js";
import { surroundings } from "./pipeline/prepare.js";
import type { Handler, Layer } from "./pipeline/request.js";
import { retry } from "./pipeline/retry.js";
import { sign } from "./pipeline/sign.js";
import { correctSkew, createServerClock } from "./pipeline/skew.js";
import { transport } from "./pipeline/transport.js";
import { createTokenSource } from "./token.js";
import { requestToken } from "./token-request.js";
import { VERSION } from "./version.js";

/** A client of the API. Paths, parameters, bodies and answers are typed from the description. */
export interface UpvestClient {
  /**
   * Reads. Gives `data`, or `error` (an UpvestApiError) where the API refused.
   *
   * @throws UpvestConnectionError, UpvestTimeoutError, UpvestConfigError; the signal's reason
   */
  readonly GET: ClientMethod<"get">;
  /**
   * Writes. Gives `data`, or `error` (an UpvestApiError) where the API refused: look at it, nothing is thrown then. Where the
   * operation takes an idempotency key, one is made unless `params.header` has it.
   *
   * @throws UpvestUnknownOutcomeError where the write may have taken effect; else as `GET`
   */
  readonly POST: ClientMethod<"post">;
  /** Writes, as `POST`. */
  readonly PUT: ClientMethod<"put">;
  /** Writes, as `POST`. */
  readonly PATCH: ClientMethod<"patch">;
  /** Writes, as `POST`. */
  readonly DELETE: ClientMethod<"delete">;
  /**
   * Walks a paged collection: `for await (const account of client.paginate("/accounts"))`. With `verify: true` also
   * through one that changes meanwhile, with `concurrency: 4` through a large one in less time.
   *
   * @throws UpvestConfigError for a path that is not paged, a misspelt member, a query that cannot be sent, an `offset` or `limit`
   *   that is no number of items, a `concurrency` that is not 1 to 100 or goes with `verify`
   */
  paginate<P extends PagedPath>(
    path: P,
    ...init: InitArguments<CallInit<OperationOf<P, "get">> & WalkInit>
  ): Pages<ItemOf<DataOf<OperationOf<P, "get">>>>;
  /** Adds middleware; it runs outside of signing and retry, so what it changes is signed. */
  use(...middleware: Middleware[]): void;
  /** Removes middleware that was added. */
  eject(...middleware: Middleware[]): void;
}

/** What a walk takes beyond what a call takes. */
export interface WalkInit {
  /**
   * Pages overlap by one item, so that a shift is seen and walked around: items that are there from start to end are
   * yielded exactly once, however many come and go before them. Costs the ids of all items in memory. Default false.
   * The promise is that of one walk: one that goes on at the `resumeOffset` of another begins with items that have come.
   */
  readonly verify?: boolean;
  /**
   * How many page requests may be out at once, 1 to 100; as many pages are held beyond the one that the caller works on.
   * Items come in order all the same. Default 1: the next page is fetched while the caller works on this one. Where the
   * collection changes during the walk, the walk falls back to fewer. Not together with `verify`.
   */
  readonly concurrency?: number;
}

type ItemOf<D> = D extends { readonly data: readonly (infer Item)[] } ? Item : never;

const walkMembers: ReadonlySet<string> = new Set([...members, "verify", "concurrency"]);

const compose = (layers: readonly Layer[], innermost: Handler): Handler =>
  layers.reduceRight((next, layer) => layer(next), innermost);

/**
 * Makes a client. Nothing is sent yet; the first call asks for the first token.
 *
 * @throws UpvestConfigError for an option that cannot work: a key of another kind, an address without TLS, ...
 */
export function createUpvestClient(options: UpvestClientOptions): UpvestClient {
  const resolved = resolveOptions(options);
  const { baseUrl, clientId, clientSecret, signer, clock, limiter, scopes, tokenStore } = resolved;
  const around = surroundings(baseUrl, `upvest-client/${VERSION}`);

  const observer = createObserver(resolved.logger);
  const again = retry({ clock, report: observer.retry });
  const serverClock = createServerClock(clock, resolved.clockSkewCorrection);
  const signed = [
    correctSkew(serverClock),
    // Behind the token: what is let through is sent at once, not saved up while a thousand cold callers wait for it.
    ...(limiter === undefined ? [] : [limit(limiter)]),
    sign({ signer, isRemote: signer === options.signingKey, clientId, clock: serverClock.now }),
    observer.attempts,
  ];
  const wire = transport(
    resolved.fetch,
    options.fetch === undefined ? atMostOnce(resolved.fetch) : undefined,
  );

  const tokens = createTokenSource({
    request: requestToken(compose([again, ...signed], wire), {
      clientId,
      clientSecret,
      operation: operationAt("POST", "/auth/token"),
      surroundings: around,
      limits: resolved,
      clock,
    }),
    clock,
    scopes,
    store: tokenStore,
    storeKey: `${baseUrl} ${clientId}`,
    report: observer.token,
  });

  const middleware = createMiddleware(around.headers);
  const handler = compose([middleware.layer, idempotency, again, authorize(tokens), ...signed], wire);
  const call = observer.calls(createCaller(handler, around, resolved));

  // `never`, because only the caller's types know what an item is.
  const walk = (path: string, init: AnyInit & WalkInit = {}): Pages<never> => {
    const { id, paged } = operationAt("GET", path);
    if (!paged) {
      throw new UpvestConfigError(`GET ${path} does not answer in pages. Call it with GET.`);
    }
    requireMembers(`${id}: the walk`, init, walkMembers);
    const { signal, params, verify, concurrency, ...rest } = init;
    const start = wholeItems("offset", params?.query?.["offset"] ?? 0, 0);
    wholeItems("limit", params?.query?.["limit"] ?? 1, 1);
    // Of what cannot be sent, the copies made for each page would hold nothing.
    queryOf(id, params?.query);
    return paginate(
      async (offset, linked) => {
        const query = { ...params?.query, offset };
        const init = { ...rest, signal: linked, params: { ...params, query } };
        const page = (await call("GET", path, init)) as CallResult<Page<never>>;
        observer.page(id, offset, page);
        return page;
      },
      { start, signal, verify, concurrency },
    );
  };

  // The one place where untyped calls meet the types of the description.
  const method = (name: "GET" | "POST" | "PUT" | "PATCH" | "DELETE") => (path: string, init?: AnyInit) =>
    call(name, path, init);
  return {
    GET: method("GET"),
    POST: method("POST"),
    PUT: method("PUT"),
    PATCH: method("PATCH"),
    DELETE: method("DELETE"),
    paginate: walk,
    use: middleware.use,
    eject: middleware.eject,
  } as UpvestClient;
}

function wholeItems(name: string, value: unknown, least: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least) return value;
  throw new UpvestConfigError(
    `${name} must be a whole number of items, ${least} or more; it is ${shownParameter(value)}`,
  );
}

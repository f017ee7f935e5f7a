/**
 * What a program of a user relies on, compiled against the packed package by every compiler that it promises to work with;
 * `npm run types` compiles it against the sources. A copy is frozen with each release (test/types/released) and must go on
 * compiling. What is checked is what was promised: the types of what goes in and comes out, and what is refused.
 */
import {
  createLimiter,
  createUpvestClient,
  fromEnv,
  unwrap,
  UpvestApiError,
  UpvestConfigError,
  UpvestConnectionError,
  UpvestError,
  UpvestTimeoutError,
  UpvestUnknownOutcomeError,
  type Account,
  type CallOptions,
  type Limiter,
  type OperationId,
  type Order,
  type Page,
  type Pages,
  type PlaceOrderRequest,
  type Problem,
  type ProblemCode,
  type Scope,
  type Signer,
  type StoredToken,
  type TokenStore,
  type UpvestClient,
  type UpvestClientOptions,
  type UpvestEvent,
} from "upvest-client";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function holds<T extends true>(): T;

declare const order: PlaceOrderRequest;

export const options: UpvestClientOptions = {
  environment: "sandbox",
  clientId: "id",
  clientSecret: "secret",
  signingKey: { keyId: "key", privateKey: "pem", passphrase: "words" },
  scopes: ["accounts:read", "orders:admin"],
  timeout: 10_000,
  deadline: 60_000,
  retry: { maxAttempts: 4, baseDelay: 250, maxDelay: 8000, maxRetryAfter: 60_000 },
  clock: () => 0,
};
const jwk: UpvestClientOptions["signingKey"] = {
  keyId: "key",
  privateKey: { kty: "OKP", crv: "Ed25519", x: "x", d: "d" },
};
const bytes: UpvestClientOptions["signingKey"] = { keyId: "key", privateKey: new Uint8Array(32) };
const signer: Signer = { keyId: "key", algorithm: "ed25519", sign: (base) => Promise.resolve(base) };
export const keys = [jwk, bytes, signer];

// @ts-expect-error: the secret is missing
export const incomplete: UpvestClientOptions = { clientId: "id", signingKey: signer };
// @ts-expect-error: no such environment
export const elsewhere: UpvestClientOptions["environment"] = "production";
// @ts-expect-error: no such scope
export const unheard: Scope = "moon:read";

export const store: TokenStore = {
  get: () => Promise.resolve<StoredToken | undefined>(undefined),
  set: () => Promise.resolve(),
};

export async function calls(client: UpvestClient): Promise<void> {
  const params = { path: { account_id: "x" } } as const;
  const result = await client.GET("/accounts/{account_id}", { params });
  if (result.error !== undefined) {
    holds<Equal<typeof result.error, UpvestApiError>>();
    holds<Equal<typeof result.data, undefined>>();
  } else {
    holds<Equal<typeof result.data, Account>>();
  }
  const placed = await unwrap(client.POST("/orders", { body: order }));
  holds<Equal<typeof placed, Order>>();
  await client.POST("/orders", {
    body: order,
    params: { header: { "idempotency-key": "k" } },
    timeout: 5000,
  });
  const text = await unwrap(client.GET("/accounts", { parseAs: "text", retry: false }));
  holds<Equal<typeof text, string>>();

  // @ts-expect-error: the path parameter is required
  void client.GET("/accounts/{account_id}");
  // @ts-expect-error: the body is required
  void client.POST("/orders");
  // @ts-expect-error: no such path
  void client.GET("/account");
  // @ts-expect-error: the path has no such method
  void client.DELETE("/accounts");
  // @ts-expect-error: the value is not among those of the description
  void client.GET("/accounts", { params: { query: { order: "UP" } } });
}

/** A wrapper of the caller's own hands options on, also under `exactOptionalPropertyTypes`. */
export async function handOn(client: UpvestClient, options?: CallOptions): Promise<Order> {
  const params = { path: { order_id: "o" } };
  await client.GET("/orders/{order_id}", { params, signal: options?.signal, timeout: options?.timeout });
  return await unwrap(client.GET("/orders/{order_id}", { ...options, params }));
}

export async function pages(client: UpvestClient): Promise<readonly Account[]> {
  const walk = client.paginate("/accounts");
  holds<Equal<typeof walk, Pages<Account>>>();
  for await (const account of walk) holds<Equal<typeof account, Account>>();
  for await (const page of walk.pages()) holds<Equal<typeof page, Page<Account>>>();
  // @ts-expect-error: not a collection
  client.paginate("/accounts/{account_id}");
  return await walk.toArray({ max: 10 });
}

export function explain(error: unknown): string {
  if (error instanceof UpvestApiError) {
    const { status, code, problem, requestId, operationId, idempotencyKey, attempts } = error;
    const facts: readonly [number, ProblemCode, Problem, string | undefined] = [
      status,
      code,
      problem,
      requestId,
    ];
    return [...facts, operationId, idempotencyKey, attempts].join(" ");
  }
  if (error instanceof UpvestUnknownOutcomeError || error instanceof UpvestTimeoutError) return error.message;
  if (error instanceof UpvestConnectionError || error instanceof UpvestConfigError) return error.message;
  return error instanceof UpvestError ? error.name : "not ours";
}

export function narrowed(event: UpvestEvent): Order | Account | undefined {
  if (event.type === "ORDER.FILLED") return event.object;
  return event.type === "ACCOUNT.CREATED" ? event.object : undefined;
}

export const money: readonly [PlaceOrderRequest["cash_amount"], Order["cash_amount"]] = ["10.00", "10.00"];
export const id: OperationId = "place_order";
export const limiter: Limiter = createLimiter({ requestsPerSecond: 10 });
export const client: UpvestClient = createUpvestClient({ ...fromEnv(), limiter, tokenStore: store });

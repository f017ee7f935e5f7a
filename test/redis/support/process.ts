/** One process of a fleet: does what its parent tells it, over the channel that `fork` makes. */
import { createClient } from "@redis/client";
import {
  createUpvestClient,
  type Limiter,
  type TokenStore,
  type UpvestClient,
  type UpvestClientOptions,
} from "../../../src/index.js";
import { redisLimiter, redisTokenStore } from "../../../src/redis/index.js";

export interface Orders {
  /** Becomes a process that has just started: no token, a new limiter. */
  readonly begin: {
    readonly options: UpvestClientOptions;
    readonly prefix: string;
    readonly encryptionKey: string;
    readonly requestsPerSecond: number;
  };
  /** Makes so many calls, one after the other. */
  readonly call: { readonly times: number };
  /** Asks the limiter so many times at once, without waiting for the answer. */
  readonly ask: { readonly times: number };
  /** Waits until all that was asked was granted. */
  readonly granted: object;
  /** Stops waiting. */
  readonly leave: object;
  /** What was granted so far, once Redis has answered all that was sent to it. */
  readonly count: object;
  /** Waits until Redis can be reached again. */
  readonly reach: object;
}

export type Order = { readonly [Name in keyof Orders]: { readonly name: Name } & Orders[Name] }[keyof Orders];

const redis = createClient({ url: process.argv[2] ?? "", socket: { reconnectStrategy: 20 } });
redis.on("error", () => undefined);

let client: UpvestClient;
let store: TokenStore;
let limiter: Limiter;
let leaving = new AbortController();
let asked: Promise<unknown> = Promise.resolve();
let granted = 0;

const isThere = (): Promise<boolean> =>
  store.get("is it there?").then(
    () => true,
    () => false,
  );

async function obey(order: Order): Promise<unknown> {
  switch (order.name) {
    case "begin": {
      const { options, prefix, encryptionKey, requestsPerSecond } = order;
      store = redisTokenStore(redis, { encryptionKey, prefix });
      limiter = redisLimiter(redis, { requestsPerSecond, prefix, maxQueue: 1_000 });
      client = createUpvestClient({ ...options, tokenStore: store, limiter });
      leaving = new AbortController();
      granted = 0;
      return undefined;
    }
    case "call": {
      const statuses: number[] = [];
      for (let time = 0; time < order.times; time += 1) {
        const headers = { "x-process": String(process.pid) };
        const { response } = await client.GET("/accounts", { headers });
        statuses.push(response.status);
      }
      return statuses;
    }
    case "ask": {
      const acquire = async (): Promise<void> => {
        await limiter.acquire({ operationId: "list_accounts", signal: leaving.signal });
        granted += 1;
      };
      asked = Promise.all(Array.from({ length: order.times }, acquire));
      asked.catch(() => undefined);
      return undefined;
    }
    case "granted":
      return asked.then(() => granted);
    case "leave":
      leaving.abort(new Error("left"));
      return asked.then(
        () => "granted",
        (error: Error) => error.message,
      );
    case "count":
      await redis.ping();
      // An answer that came with that one has yet to be passed on.
      await new Promise((resolve) => setImmediate(resolve));
      return granted;
    case "reach":
      while (!(await isThere())) await new Promise((resolve) => setTimeout(resolve, 20));
      return undefined;
    default:
      throw new Error("no such order");
  }
}

process.on("message", ({ id, order }: { id: number; order: Order }) => {
  obey(order)
    .catch((error: unknown) => ({ failed: error instanceof Error ? error.message : String(error) }))
    .then((answer) => process.send?.({ id, answer }))
    .catch(() => process.exit(1));
});
process.on("disconnect", () => process.exit(0));

void redis.connect().then(() => process.send?.({ id: 0 }));

import type { CallResult, Middleware, Pages, UpvestClient, WalkInit } from "upvest-client";
import type { AnyInit } from "../call.js";
import type { Operation } from "../pipeline/request.js";

/** A call whose path is known only now. */
export interface UntypedCall {
  readonly operation: Operation;
  readonly init: AnyInit;
  /** The body as it goes out; `init.body` then only says that there is one. */
  readonly bytes?: Uint8Array<ArrayBuffer> | undefined;
}

/** Makes calls that were typed by a person, so that no compiler has seen them. */
export const untyped =
  (client: UpvestClient) =>
  async ({ operation, init, bytes }: UntypedCall): Promise<CallResult<unknown>> => {
    const call = client[operation.method] as (path: string, init: AnyInit) => Promise<CallResult<unknown>>;
    if (bytes === undefined) return call(operation.path, init);
    const asGiven: Middleware = {
      onRequest: ({ request }) => new Request(request, { method: operation.method, body: bytes }),
    };
    client.use(asGiven);
    try {
      return await call(operation.path, init);
    } finally {
      client.eject(asGiven);
    }
  };

/** The same for a walk. */
export const untypedWalk = (
  client: UpvestClient,
  { operation, init }: UntypedCall,
  how: WalkInit,
): Pages<unknown> => {
  const walker: { readonly paginate: (path: never, init: never) => Pages<unknown> } = client;
  return walker.paginate(operation.path as never, { ...init, ...how } as never);
};

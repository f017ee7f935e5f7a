import type { CallResult, Pages, UpvestClient, WalkInit } from "upvest-client";
import type { AnyInit } from "../call.js";
import type { Operation } from "../pipeline/request.js";

/** A call whose path is known only now. */
export interface UntypedCall {
  readonly operation: Operation;
  readonly init: AnyInit;
}

/** Makes calls that were typed by a person, so that no compiler has seen them. */
export const untyped =
  (client: UpvestClient) =>
  ({ operation, init }: UntypedCall): Promise<CallResult<unknown>> => {
    const call = client[operation.method] as (path: string, init: AnyInit) => Promise<CallResult<unknown>>;
    return call(operation.path, init);
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

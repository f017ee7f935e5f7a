import type { CallResult } from "./call-types.js";

/**
 * The data of a call, for those who prefer exceptions: `await unwrap(client.GET("/accounts"))`.
 *
 * @throws UpvestApiError when the API refused; whatever the call itself rejects with
 */
export async function unwrap<D>(call: PromiseLike<CallResult<D>>): Promise<D> {
  const result = await call;
  if (result.error !== undefined) throw result.error;
  return result.data;
}

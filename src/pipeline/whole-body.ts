/** Registered, so that it holds across the ESM and the CJS copy of this package. */
const wholeBody = Symbol.for("upvest-client.wholeBody");

/**
 * Marks an answer whose body is in memory already. Making a stream of bytes only to read them again costs a quarter of the
 * whole exchange on a fast transport, so `collect` takes them as they are.
 */
export function markWhole<R extends Response>(response: R, bytes: Uint8Array<ArrayBuffer>): R {
  return Object.defineProperty(response, wholeBody, { value: bytes });
}

/** The bytes of an answer that was marked; undefined for every other. */
export function wholeBodyOf(response: Response): Uint8Array<ArrayBuffer> | undefined {
  if (!(wholeBody in response)) return undefined;
  return response[wholeBody] as Uint8Array<ArrayBuffer>;
}

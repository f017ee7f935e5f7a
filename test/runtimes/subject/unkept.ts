/**
 * As docs/runtimes.md advises for writes that must not be sent twice: no connection is kept, so that none can close under
 * a request that Deno would then send again.
 */
declare const Deno: { createHttpClient(options: { readonly poolMaxIdlePerHost: number }): object };

const client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
const original = globalThis.fetch;
globalThis.fetch = (input, init) => original(input, { ...init, client } as RequestInit);

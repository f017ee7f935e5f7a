import { passOn } from "./collect.js";

interface Deno {
  readonly createHttpClient?: (options: { readonly poolMaxIdlePerHost: number }) => { close(): void };
}

/**
 * The platform's `fetch` for requests that must not arrive twice. Deno's sends a request once more, unasked, when a connection
 * that it had kept closes without an answer (denoland/deno#36415); on a connection of its own it does not.
 */
export function atMostOnce(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  const { Deno } = globalThis as { readonly Deno?: Deno };
  if (Deno?.createHttpClient === undefined) return fetch;
  const { createHttpClient } = Deno;
  return async (input, init) => {
    const client = createHttpClient({ poolMaxIdlePerHost: 0 });
    const close = (): void => client.close();
    try {
      return passOn(await fetch(input, { ...init, client } as RequestInit), close);
    } catch (error) {
      close();
      throw error;
    }
  };
}

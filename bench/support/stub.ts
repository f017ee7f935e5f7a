import { texts } from "./fixtures.js";

const headers = {
  "content-type": "application/json",
  "upvest-request-id": "1b3d2a70-3c0e-4f2e-9f0c-6f8f4a7d2c11",
};

/** Counts what it is asked, and answers at once, with a new Response as fetch would. */
export interface Stub {
  readonly fetch: typeof globalThis.fetch;
  readonly tokenRequests: () => number;
}

/**
 * @param answer the JSON text for this address
 * @param seen told of every request that is not for a token
 */
export function stub(
  answer: (url: string) => string,
  seen?: (url: string, init: RequestInit | undefined) => void,
): Stub {
  let tokenRequests = 0;
  return {
    tokenRequests: () => tokenRequests,
    // Asynchronous as fetch is: its answer never comes in the same turn.
    fetch: async (input, init) => {
      const url = typeof input === "string" ? input : input instanceof URL ? input.href : input.url;
      if (url.endsWith("/auth/token")) {
        tokenRequests += 1;
        return new Response(texts.token, { headers });
      }
      seen?.(url, init);
      return new Response(answer(url), { headers });
    },
  };
}

/** An account for a GET, an order for a POST. */
export const accountOrOrder = (url: string): string =>
  url.endsWith("/orders") ? texts.placed : texts.account;

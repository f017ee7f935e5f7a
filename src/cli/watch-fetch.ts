/** One exchange with the API, as a command tells of it. */
export interface Exchange {
  readonly isToken: boolean;
  /** ms, until the head of the answer was there. */
  readonly duration: number;
  /** Undefined where no answer came. */
  readonly status: number | undefined;
  /** The answer's `date`, and the local time in the middle of the exchange (ms). */
  readonly date: string | undefined;
  readonly at: number;
}

/** `fetch`, and what went through it. */
export interface WatchedFetch {
  readonly fetch: typeof globalThis.fetch;
  readonly exchanges: readonly Exchange[];
  /** How many requests other than those for a token have been handed over: 0 says that nothing was done. */
  readonly sent: () => number;
}

/** @param before called once, before the first request other than one for a token goes out */
export function watchFetch(before?: () => void): WatchedFetch {
  const exchanges: Exchange[] = [];
  let sent = 0;
  return {
    exchanges,
    sent: () => sent,
    async fetch(input, init) {
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      const isToken = pathname.endsWith("/auth/token");
      if (!isToken) {
        if (sent === 0) before?.();
        sent += 1;
      }
      const from = performance.now();
      const began = Date.now();
      const note = (response: Response | undefined): void => {
        exchanges.push({
          isToken,
          duration: performance.now() - from,
          status: response?.status,
          date: response?.headers.get("date") ?? undefined,
          at: (began + Date.now()) / 2,
        });
      };
      try {
        const response = await globalThis.fetch(input, init);
        note(response);
        return response;
      } catch (error) {
        note(undefined);
        throw error;
      }
    },
  };
}

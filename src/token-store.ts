import { timeLimit, waitFor } from "./pipeline/time-limit.js";

/** An access token as a {@link TokenStore} keeps it. The token is a secret: a shared store should encrypt it. */
export interface StoredToken {
  readonly accessToken: string;
  /** Granted scopes, space-separated. */
  readonly scope: string;
  /** ms since the epoch */
  readonly issuedAt: number;
  /** ms since the epoch */
  readonly expiresAt: number;
}

/**
 * Where tokens outlive a process or are shared by several. A store that fails costs a token request, never a call; one
 * that hangs is waited for two seconds, its lock ten.
 */
export interface TokenStore {
  /** What was set under that key, while it is of use. */
  get(key: string): Promise<StoredToken | undefined>;
  /**
   * Keeps it under that key.
   *
   * @param ttl ms that the token is of use
   */
  set(key: string, token: StoredToken, ttl: number): Promise<void>;
  /**
   * Runs the task while nobody else who uses this store runs one under that key, and gives its token; or gives the token
   * that another one's task has put into the store meanwhile. Without a lock, processes that start together each make a
   * token request.
   */
  lock?(key: string, task: () => Promise<StoredToken>): Promise<StoredToken>;
}

/** RFC 6750 section 2.1, `b64token`: anything else could not travel in the `authorization` header. */
export const bearerToken = /^[A-Za-z0-9\-._~+/]+=*$/;

/** ms; a store that takes longer is left alone. */
const STORE_PATIENCE = 2_000;

/** ms; another process's token request may take a while, but not for ever. */
const LOCK_PATIENCE = 10_000;

/** From the store, where another process may have put one; else from the token endpoint, and into the store. */
export async function throughStore(
  store: TokenStore,
  key: string,
  options: {
    readonly clock: () => number;
    readonly request: () => Promise<StoredToken>;
    /** Worth taking from another process. */
    readonly fresh: (token: StoredToken) => boolean;
  },
): Promise<StoredToken> {
  const { clock, request, fresh } = options;
  const worthwhile = (token: StoredToken | null | undefined): StoredToken | undefined =>
    // A store may hold anything.
    bearerToken.test(token?.accessToken ?? "") && typeof token?.scope === "string" && fresh(token)
      ? token
      : undefined;
  const read = async (): Promise<StoredToken | undefined> =>
    worthwhile(await inTime(STORE_PATIENCE, () => store.get(key)));
  const keep = (token: StoredToken): Promise<void> =>
    inTime(STORE_PATIENCE, () => store.set(key, token, token.expiresAt - clock())).catch(() => undefined);

  let found: StoredToken | undefined;
  try {
    found = await read();
  } catch {
    // Its lock would fare no better, and nobody need wait until it has the token.
    const token = await request();
    void keep(token);
    return token;
  }
  if (found !== undefined) return found;

  let issued: Promise<StoredToken> | undefined;
  // One request, even where the lock runs its task twice, or only after its time is over.
  const issue = (): Promise<StoredToken> =>
    (issued ??= (async () => {
      const meanwhile = await read().catch(() => undefined);
      if (meanwhile !== undefined) return meanwhile;
      const token = await request();
      await keep(token);
      return token;
    })());
  if (store.lock === undefined) return issue();
  const token = await inTime(LOCK_PATIENCE, async () => store.lock?.(key, issue)).catch(() => undefined);
  // Where the lock failed, took too long or gave what is of no use: what our own task got, or is getting.
  return worthwhile(token) ?? issue();
}

/** What a store answers, within so many ms; what it throws at once is a rejection like any other. */
async function inTime<T>(patience: number, ask: () => Promise<T>): Promise<T> {
  const limit = timeLimit(undefined, patience, () => new Error("the token store took too long"));
  try {
    return await waitFor((async () => ask())(), limit.signal);
  } finally {
    limit.end();
  }
}

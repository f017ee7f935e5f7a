import type { TokenDiagnostics } from "./diagnostics.js";
import { UpvestApiError, UpvestConfigError, UpvestError } from "./errors.js";
import type { Operation } from "./pipeline/request.js";
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

/** Hands out access tokens (OAuth 2.0 client credentials, RFC 6749 section 4.4). */
export interface TokenSource {
  /** A token that admits the operation: from memory, from the store, or from the token endpoint. */
  get(operation: Operation, signal?: AbortSignal): Promise<StoredToken>;
  /** This token was refused: no call is given it again. */
  invalidate(token: StoredToken): void;
  /** It was issued to this process, just now or earlier; else another one has put it into the store. */
  isOwn(token: StoredToken): boolean;
}

export interface TokenSourceOptions {
  /** Asks the token endpoint; `scope` is space-separated. */
  readonly request: (scope: string) => Promise<StoredToken>;
  /** ms */
  readonly clock: () => number;
  /** Asked for in every token; undefined: the narrowest that each operation allows. */
  readonly scopes?: readonly string[] | undefined;
  readonly store?: TokenStore | undefined;
  /** Tells tokens of this client and environment apart from others in the same store. */
  readonly storeKey: string;
  readonly report?: (message: TokenDiagnostics) => void;
}

/** The tokens of one scope set. */
interface Cell {
  current?: StoredToken;
  /** The token request under way, which every caller shares. */
  flight?: Promise<StoredToken>;
  /** ms; when it began. */
  flightAt: number;
  /** Grows with each invalidation: a request that began before it cannot bring its token back. */
  generation: number;
  /** Refused by the API, so not to be taken from the store again. */
  refused?: string;
  /** ms; no early refresh before then, after one has failed. */
  quietUntil: number;
  /** The token endpoint has given this process one. */
  issued?: boolean;
}

const REFRESH_PAUSE = 5_000;

/** ms; a store that takes longer is left alone. */
const STORE_PATIENCE = 2_000;

/** ms; another process's token request may take a while, but not for ever. */
const LOCK_PATIENCE = 10_000;

/**
 * ms; a token request that is not over by then is waited for no longer. Runtimes that serve many requests (Cloudflare
 * Workers) drop what a request began when that request ends, and never settle it.
 */
const FLIGHT_PATIENCE = 30_000;

/** A refresh starts when this much of the lifetime is left, at most two minutes; nobody waits for it. */
const earlyBy = (token: StoredToken): number => Math.min(120_000, (token.expiresAt - token.issuedAt) / 4);

const toldOf = ({ scope, issuedAt, expiresAt }: StoredToken) => ({ scope, lifetime: expiresAt - issuedAt });

/** A token this near its end may end on the way: it is not sent any more. */
const marginOf = (token: StoredToken): number => Math.min(10_000, (token.expiresAt - token.issuedAt) / 20);

export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const { request, clock, scopes, store, storeKey, report } = options;
  const cells = new Map<string, Cell>();
  const own = new WeakSet<StoredToken>();
  const issue = async (scope: string): Promise<StoredToken> => {
    const event = cellOf(scope).issued === true ? "refreshed" : "issued";
    try {
      const token = await request(scope);
      own.add(token);
      cellOf(scope).issued = true;
      report?.({ event, ...toldOf(token) });
      return token;
    } catch (error) {
      report?.({ event: "failed", scope, error });
      throw error;
    }
  };
  /** Scopes that the token endpoint refuses this client, where another one was granted instead. */
  const notConfigured = new Set<string>();

  const cellOf = (scope: string): Cell => {
    let cell = cells.get(scope);
    if (cell === undefined) cells.set(scope, (cell = { generation: 0, quietUntil: 0, flightAt: 0 }));
    return cell;
  };

  const usable = (token: StoredToken | undefined): token is StoredToken =>
    token !== undefined && clock() < token.expiresAt - marginOf(token);

  function obtain(scope: string, cell: Cell): Promise<StoredToken> {
    if (store === undefined) return issue(scope);
    return throughStore(store, `${storeKey} ${scope}`, {
      clock,
      request: () => issue(scope),
      fresh: (token) =>
        usable(token) && clock() < token.expiresAt - earlyBy(token) && token.accessToken !== cell.refused,
    });
  }

  function fly(scope: string, cell: Cell): Promise<StoredToken> {
    const { generation } = cell;
    const flight = obtain(scope, cell)
      .then((token) => {
        if (cell.generation === generation) cell.current = token;
        return token;
      })
      .finally(() => {
        if (cell.flight === flight) delete cell.flight;
      });
    cell.flight = flight;
    cell.flightAt = clock();
    return flight;
  }

  /** The token request under way, unless it must be taken for lost. */
  const flightOf = (cell: Cell): Promise<StoredToken> | undefined =>
    clock() < cell.flightAt + FLIGHT_PATIENCE ? cell.flight : undefined;

  /** Waits for the token request under way, or makes one. */
  async function share(scope: string, cell: Cell, signal: AbortSignal | undefined): Promise<StoredToken> {
    const flight = flightOf(cell);
    if (flight === undefined) return waitFor(fly(scope, cell), signal);
    const limit = timeLimit(signal, cell.flightAt + FLIGHT_PATIENCE - clock());
    try {
      return await waitFor(flight, limit.signal);
    } catch (error) {
      // How it failed, or that the caller is gone, is for the caller; anything else is a request that was dropped.
      if (error instanceof UpvestError || signal?.aborted === true) throw error;
      if (cell.flight === flight) delete cell.flight;
      return share(scope, cell, signal);
    } finally {
      limit.end();
    }
  }

  function tokenFor(scope: string, signal: AbortSignal | undefined): Promise<StoredToken> {
    const cell = cellOf(scope);
    const { current } = cell;
    if (!usable(current)) return share(scope, cell, signal);
    const now = clock();
    if (
      now >= current.expiresAt - earlyBy(current) &&
      now >= cell.quietUntil &&
      flightOf(cell) === undefined
    ) {
      // Nobody waits for this one; if it fails, the token at hand is good for a while yet.
      fly(scope, cell).catch(() => {
        cell.quietUntil = clock() + REFRESH_PAUSE;
      });
    }
    return Promise.resolve(current);
  }

  /** Scope sets to try, in order. */
  function candidates(operation: Operation): readonly string[] {
    if (scopes === undefined) {
      const open = operation.scopes.filter((scope) => !notConfigured.has(scope));
      return open.length > 0 ? open : operation.scopes;
    }
    if (!operation.scopes.some((scope) => scopes.includes(scope))) {
      throw new UpvestConfigError(
        `${operation.id} needs the scope ${operation.scopes.join(" or ")}; the option scopes holds ${JSON.stringify(scopes.join(" "))}. Add it there, or leave scopes out.`,
      );
    }
    return [scopes.join(" ")];
  }

  async function firstGranted(operation: Operation, signal: AbortSignal | undefined): Promise<StoredToken> {
    const [first, ...rest] = candidates(operation);
    if (first === undefined) throw new UpvestConfigError(`${operation.id} takes no access token`);
    try {
      return await tokenFor(first, signal);
    } catch (error) {
      const second = rest[0];
      // 401 at the token endpoint is also how an unconfigured scope is refused (Upvest docs, "OAuth").
      if (second === undefined || !(error instanceof UpvestApiError) || error.status !== 401) throw error;
      const token = await tokenFor(second, signal);
      notConfigured.add(first);
      return token;
    }
  }

  return {
    async get(operation, signal) {
      const token = await firstGranted(operation, signal);
      const granted = token.scope.split(" ");
      if (!operation.scopes.some((scope) => granted.includes(scope))) {
        throw new UpvestConfigError(
          `${operation.id} needs the scope ${operation.scopes.join(" or ")}; the token endpoint granted ${JSON.stringify(token.scope)}. Ask Upvest to configure the scope for this client.`,
        );
      }
      return token;
    },
    isOwn: (token) => own.has(token),
    invalidate(token) {
      for (const cell of cells.values()) {
        if (cell.current?.accessToken !== token.accessToken) continue;
        report?.({ event: "refused", ...toldOf(token) });
        cell.generation += 1;
        cell.refused = token.accessToken;
        delete cell.current;
        delete cell.flight;
      }
    },
  };
}

/** From the store, where another process may have put one; else from the token endpoint, and into the store. */
async function throughStore(
  store: TokenStore,
  key: string,
  options: {
    readonly clock: () => number;
    readonly request: () => Promise<StoredToken>;
    /** Worth taking from another process. */
    readonly fresh: (token: StoredToken | undefined) => boolean;
  },
): Promise<StoredToken> {
  const { clock, request, fresh } = options;
  const worthwhile = (token: StoredToken | null | undefined): StoredToken | undefined =>
    fresh(token ?? undefined) ? (token ?? undefined) : undefined;
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

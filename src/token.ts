import { UpvestApiError, UpvestConfigError } from "./errors.js";
import type { Operation } from "./pipeline/request.js";
import { waitFor } from "./pipeline/time-limit.js";

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

/** Where tokens outlive a process or are shared by several. A failing store costs a token request, never a call. */
export interface TokenStore {
  get(key: string): Promise<StoredToken | undefined>;
  /** @param ttl ms that the token is of use */
  set(key: string, token: StoredToken, ttl: number): Promise<void>;
  /** Runs the task while nobody else who uses this store runs one under that key. */
  lock?(key: string, task: () => Promise<StoredToken>): Promise<StoredToken>;
}

/** Hands out access tokens (OAuth 2.0 client credentials, RFC 6749 section 4.4). */
export interface TokenSource {
  /** A token that admits the operation: from memory, from the store, or from the token endpoint. */
  get(operation: Operation, signal?: AbortSignal): Promise<StoredToken>;
  /** This token was refused: no call is given it again. */
  invalidate(token: StoredToken): void;
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
}

/** The tokens of one scope set. */
interface Cell {
  current?: StoredToken;
  /** The token request under way, which every caller shares. */
  flight?: Promise<StoredToken>;
  /** Grows with each invalidation: a request that began before it cannot bring its token back. */
  generation: number;
  /** Refused by the API, so not to be taken from the store again. */
  refused?: string;
  /** ms; no early refresh before then, after one has failed. */
  quietUntil: number;
}

const REFRESH_PAUSE = 5_000;

/** A refresh starts when this much of the lifetime is left, at most two minutes; nobody waits for it. */
const earlyBy = (token: StoredToken): number => Math.min(120_000, (token.expiresAt - token.issuedAt) / 4);

/** A token this near its end may end on the way: it is not sent any more. */
const marginOf = (token: StoredToken): number => Math.min(10_000, (token.expiresAt - token.issuedAt) / 20);

export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const { request, clock, scopes, store, storeKey } = options;
  const cells = new Map<string, Cell>();
  /** Scopes that the token endpoint refuses this client, where another one was granted instead. */
  const notConfigured = new Set<string>();

  const cellOf = (scope: string): Cell => {
    let cell = cells.get(scope);
    if (cell === undefined) cells.set(scope, (cell = { generation: 0, quietUntil: 0 }));
    return cell;
  };

  const usable = (token: StoredToken | undefined): token is StoredToken =>
    token !== undefined && clock() < token.expiresAt - marginOf(token);

  /** From the store, where another process may have put one; else from the token endpoint. */
  async function obtain(scope: string, cell: Cell): Promise<StoredToken> {
    if (store === undefined) return request(scope);
    const key = `${storeKey} ${scope}`;
    const shared = async (): Promise<StoredToken | undefined> => {
      const token = await store.get(key).catch(() => undefined);
      const early = token !== undefined && clock() >= token.expiresAt - earlyBy(token);
      return usable(token) && !early && token.accessToken !== cell.refused ? token : undefined;
    };
    const issue = async (): Promise<StoredToken> => {
      const token = (await shared()) ?? (await request(scope));
      await store.set(key, token, token.expiresAt - clock()).catch(() => undefined);
      return token;
    };
    return (await shared()) ?? (store.lock === undefined ? issue() : store.lock(key, issue));
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
    return flight;
  }

  function tokenFor(scope: string, signal: AbortSignal | undefined): Promise<StoredToken> {
    const cell = cellOf(scope);
    const { current } = cell;
    if (!usable(current)) return waitFor(cell.flight ?? fly(scope, cell), signal);
    const now = clock();
    if (now >= current.expiresAt - earlyBy(current) && now >= cell.quietUntil && cell.flight === undefined) {
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
    invalidate(token) {
      for (const cell of cells.values()) {
        if (cell.current?.accessToken !== token.accessToken) continue;
        cell.generation += 1;
        cell.refused = token.accessToken;
        delete cell.current;
        delete cell.flight;
      }
    },
  };
}

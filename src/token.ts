import type { TokenDiagnostics } from "./diagnostics.js";
import { UpvestApiError, UpvestConfigError, UpvestError } from "./errors.js";
import type { Operation } from "./pipeline/request.js";
import { timeLimit, waitFor } from "./pipeline/time-limit.js";
import { throughStore, type StoredToken, type TokenStore } from "./token-store.js";

/** Hands out access tokens (OAuth 2.0 client credentials, RFC 6749 section 4.4). */
export interface TokenSource {
  /**
   * A token that admits the operation: from memory, from the store, or from the token endpoint.
   *
   * @param own only one that was issued to this process: what others have put into the store was refused too often
   */
  get(operation: Operation, signal?: AbortSignal, own?: boolean): Promise<StoredToken>;
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
  /** The token request under way, which every caller shares; one that is no longer here leaves no token behind. */
  flight?: Promise<StoredToken>;
  /** ms; when it began. */
  flightAt: number;
  /** Refused by the API, so not to be taken from the store again. */
  refused?: string;
  /** ms; no early refresh before then, after one has failed. */
  quietUntil: number;
  /** The last one that the token endpoint has given this process. */
  own?: string;
  /** Until it gives the next, nothing is taken from the store. */
  alone: boolean;
}

const REFRESH_PAUSE = 5_000;

/**
 * ms; a token request that is not over by then is waited for no longer. Runtimes that serve many requests (Cloudflare
 * Workers) drop what a request began when that request ends, and never settle it.
 */
const FLIGHT_PATIENCE = 30_000;

/** ms; a scope that was refused is asked for again after that: the refusal may have had another reason. */
const REFUSAL_HOLDS = 3_600_000;

/** A refresh starts when this much of the lifetime is left, at most two minutes; nobody waits for it. */
const earlyBy = (token: StoredToken): number => Math.min(120_000, (token.expiresAt - token.issuedAt) / 4);

const toldOf = ({ scope, issuedAt, expiresAt }: StoredToken) => ({ scope, lifetime: expiresAt - issuedAt });

/** A token this near its end may end on the way: it is not sent any more. */
const marginOf = (token: StoredToken): number => Math.min(10_000, (token.expiresAt - token.issuedAt) / 20);

export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const { request, clock, scopes, store, storeKey, report } = options;
  const cells = new Map<string, Cell>();
  const issue = async (scope: string, cell: Cell): Promise<StoredToken> => {
    const event = cell.own === undefined ? "issued" : "refreshed";
    try {
      const token = await request(scope);
      cell.own = token.accessToken;
      cell.alone = false;
      report?.({ event, ...toldOf(token) });
      return token;
    } catch (error) {
      report?.({ event: "failed", scope, error });
      throw error;
    }
  };
  /** Scopes that the token endpoint has refused this client, where another one was granted instead; and until when, ms. */
  const notConfigured = new Map<string, number>();

  const cellOf = (scope: string): Cell => {
    const cell = cells.get(scope) ?? { flightAt: 0, quietUntil: 0, alone: false };
    cells.set(scope, cell);
    return cell;
  };

  const usable = (token: StoredToken | undefined): token is StoredToken =>
    token !== undefined && clock() < token.expiresAt - marginOf(token);

  function obtain(scope: string, cell: Cell): Promise<StoredToken> {
    if (store === undefined) return issue(scope, cell);
    return throughStore(store, `${storeKey} ${scope}`, {
      clock,
      request: () => issue(scope, cell),
      fresh: (token) =>
        !cell.alone &&
        usable(token) &&
        clock() < token.expiresAt - earlyBy(token) &&
        token.accessToken !== cell.refused,
    });
  }

  function fly(scope: string, cell: Cell): Promise<StoredToken> {
    const flight = obtain(scope, cell)
      .then((token) => {
        if (cell.flight === flight) cell.current = token;
        return token;
      })
      .finally(() => {
        if (cell.flight === flight) delete cell.flight;
      });
    cell.flight = flight;
    cell.flightAt = clock();
    return flight;
  }

  /** Where this is the token at hand, it goes; and so does what a request under way brings, which began before. */
  function drop(cell: Cell, token: StoredToken): boolean {
    if (cell.current?.accessToken !== token.accessToken) return false;
    delete cell.current;
    delete cell.flight;
    return true;
  }

  /** The token request under way, unless it must be taken for lost. */
  const flightOf = (cell: Cell): Promise<StoredToken> | undefined =>
    clock() < cell.flightAt + FLIGHT_PATIENCE ? cell.flight : undefined;

  /** Waits for the token request under way, or makes one. */
  async function share(
    scope: string,
    cell: Cell,
    signal: AbortSignal | undefined,
    isSecond = false,
  ): Promise<StoredToken> {
    const flight = flightOf(cell);
    if (flight === undefined) return waitFor(fly(scope, cell), signal);
    const limit = timeLimit(signal, cell.flightAt + FLIGHT_PATIENCE - clock());
    try {
      return await waitFor(flight, limit.signal);
    } catch (error) {
      // How it failed, or that the caller is gone, is for the caller; anything else may be a request that was dropped.
      if (error instanceof UpvestError || signal?.aborted === true) throw error;
      const late = limit.signal.aborted;
      // Where a key store is away, all who wait would else ask it in turn.
      if (isSecond && !late) throw error;
      if (cell.flight === flight) delete cell.flight;
      return share(scope, cell, signal, !late);
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

  async function ownTokenFor(scope: string, signal: AbortSignal | undefined): Promise<StoredToken> {
    const cell = cellOf(scope);
    for (;;) {
      const token = await tokenFor(scope, signal);
      if (token.accessToken === cell.own) return token;
      cell.alone = true;
      drop(cell, token);
    }
  }

  /** Scope sets to try, in order. */
  function candidates(operation: Operation): readonly string[] {
    if (scopes === undefined) {
      const open = operation.scopes.filter((scope) => clock() >= (notConfigured.get(scope) ?? 0));
      return open.length > 0 ? open : operation.scopes;
    }
    if (!operation.scopes.some((scope) => scopes.includes(scope))) {
      throw new UpvestConfigError(
        `${operation.id} needs the scope ${operation.scopes.join(" or ")}; the option scopes holds ${JSON.stringify(scopes.join(" "))}. Add it there, or leave scopes out.`,
      );
    }
    return [scopes.join(" ")];
  }

  async function firstGranted(
    operation: Operation,
    take: (scope: string) => Promise<StoredToken>,
  ): Promise<StoredToken> {
    const [first, ...rest] = candidates(operation);
    if (first === undefined) throw new UpvestConfigError(`${operation.id} takes no access token`);
    try {
      return await take(first);
    } catch (error) {
      const second = rest[0];
      // 401 at the token endpoint is also how an unconfigured scope is refused (Upvest docs, "OAuth").
      if (second === undefined || !(error instanceof UpvestApiError) || error.status !== 401) throw error;
      const token = await take(second).catch((wider: unknown) => {
        // Neither is granted: what is to be asked for is the narrower one.
        throw wider instanceof UpvestApiError && wider.status === 401 ? error : wider;
      });
      notConfigured.set(first, clock() + REFUSAL_HOLDS);
      return token;
    }
  }

  return {
    async get(operation, signal, own = false) {
      const take = own ? ownTokenFor : tokenFor;
      const token = await firstGranted(operation, (scope) => take(scope, signal));
      const granted = token.scope.split(" ");
      if (!operation.scopes.some((scope) => granted.includes(scope))) {
        throw new UpvestConfigError(
          `${operation.id} needs the scope ${operation.scopes.join(" or ")}; the token endpoint granted ${JSON.stringify(token.scope)}. Ask Upvest to configure it.`,
        );
      }
      return token;
    },
    isOwn: ({ accessToken }) => [...cells.values()].some(({ own }) => own === accessToken),
    invalidate(token) {
      for (const cell of cells.values()) {
        if (!drop(cell, token)) continue;
        report?.({ event: "refused", ...toldOf(token) });
        cell.refused = token.accessToken;
      }
    },
  };
}

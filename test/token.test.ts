import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { UpvestApiError, UpvestConfigError } from "../src/errors.js";
import type { Operation } from "../src/pipeline/request.js";
import { createTokenSource } from "../src/token.js";
import type { StoredToken, TokenStore } from "../src/token-store.js";

const operation = (...scopes: string[]): Operation => ({
  id: "list_users",
  method: "GET",
  path: "/users",
  scopes,
  idempotencyKey: false,
  paged: true,
  responseBody: ["application/json"],
});
const read = operation("users:read", "users:admin");

const refused = (status: number): UpvestApiError =>
  new UpvestApiError(
    { operationId: "issue_token", operation: "POST /auth/token", attempts: 1 },
    { status, problem: { type: "https://docs.upvest.co/errors/unauthorised", status } },
  );

/** A token endpoint whose answers are given by hand, and a clock that is set by hand. */
function endpoint(lifetime = 1_800_000) {
  const asked: { scope: string; grant: (scope?: string) => void; refuse: (error: Error) => void }[] = [];
  const state = { now: 1_000_000 };
  const request = (scope: string): Promise<StoredToken> =>
    new Promise((resolve, reject) => {
      const accessToken = `token-${asked.length + 1}`;
      const issuedAt = state.now;
      asked.push({
        scope,
        grant: (granted = scope) =>
          resolve({ accessToken, scope: granted, issuedAt, expiresAt: issuedAt + lifetime }),
        refuse: reject,
      });
    });
  return { asked, state, clock: () => state.now, request };
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

describe("a token source", () => {
  it("makes one request however many callers wait", async () => {
    const { asked, request, clock } = endpoint();
    const tokens = createTokenSource({ request, clock, storeKey: "k" });
    const waiting = Array.from({ length: 1_000 }, () => tokens.get(read));
    await settle();
    expect(asked).toHaveLength(1);
    asked[0]?.grant();
    const got = await Promise.all(waiting);
    expect(new Set(got.map((token) => token.accessToken))).toEqual(new Set(["token-1"]));
    await tokens.get(read);
    expect(asked).toHaveLength(1);
  });

  // Cloudflare Workers: what a request began is dropped when it ends. Older ones leave the promise open, newer ones
  // reject it with an error of their own.
  it("asks anew when the request that others wait for was dropped", async () => {
    const { asked, request, clock } = endpoint();
    const tokens = createTokenSource({ request, clock, storeKey: "k" });
    const waiting = Array.from({ length: 100 }, () => tokens.get(read));
    await settle();
    asked[0]?.refuse(new Error("This promise was created by a request that has since ended"));
    // The first caller made that request: what befell it is its own.
    await expect(waiting[0]).rejects.toThrow("has since ended");
    await settle();
    expect(asked).toHaveLength(2);
    asked[1]?.grant();
    const got = await Promise.all(waiting.slice(1));
    expect(new Set(got.map((token) => token.accessToken))).toEqual(new Set(["token-2"]));
  });

  it("asks twice, not once for each who waits, when the request fails by something else: a key store that is away", async () => {
    const { asked, request, clock } = endpoint();
    const tokens = createTokenSource({ request, clock, storeKey: "k" });
    const waiting = Array.from({ length: 100 }, () => tokens.get(read));
    const all = Promise.allSettled(waiting);
    await settle();
    asked[0]?.refuse(new Error("key store is away"));
    await settle();
    asked[1]?.refuse(new Error("key store is away"));
    for (const { status } of await all) expect(status).toBe("rejected");
    expect(asked).toHaveLength(2);
  });

  it("waits thirty seconds for a request of another caller, and then makes one", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { asked, request } = endpoint();
    const tokens = createTokenSource({ request, clock: Date.now, storeKey: "k" });
    void tokens.get(read);
    const waiting = [tokens.get(read), tokens.get(read)];
    await vi.advanceTimersByTimeAsync(29_999);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toHaveLength(2);
    asked[1]?.grant();
    await Promise.all(waiting);
  });

  it("makes one more early refresh when the one before never came to an end", async () => {
    const { asked, request, clock, state } = endpoint(1_000_000);
    const tokens = createTokenSource({ request, clock, storeKey: "k" });
    const first = tokens.get(read);
    asked[0]?.grant();
    await first;
    state.now += 1_000_000 - 120_000;
    await tokens.get(read);
    state.now += 29_999;
    await tokens.get(read);
    expect(asked).toHaveLength(2);
    state.now += 1;
    await tokens.get(read);
    expect(asked).toHaveLength(3);
  });

  it("refreshes early and in the background: nobody waits, and only one request is made", async () => {
    const { asked, request, clock, state } = endpoint(1_000_000);
    const tokens = createTokenSource({ request, clock, storeKey: "k" });
    const first = tokens.get(read);
    asked[0]?.grant();
    await first;
    state.now += 1_000_000 - 120_001;
    await tokens.get(read);
    expect(asked).toHaveLength(1);
    state.now += 1;
    expect(await Promise.all([tokens.get(read), tokens.get(read)])).toMatchObject([
      { accessToken: "token-1" },
      { accessToken: "token-1" },
    ]);
    expect(asked).toHaveLength(2);
    asked[1]?.grant();
    await settle();
    expect((await tokens.get(read)).accessToken).toBe("token-2");
  });

  it("goes by the lifetime that was answered, however short", async () => {
    const { asked, request, clock, state } = endpoint(2_000);
    const tokens = createTokenSource({ request, clock, storeKey: "k" });
    const first = tokens.get(read);
    asked[0]?.grant();
    await first;
    state.now += 1_499;
    await tokens.get(read);
    expect(asked).toHaveLength(1);
    state.now += 500;
    const late = tokens.get(read);
    await settle();
    asked[1]?.grant();
    expect((await late).accessToken).toBe("token-2");
  });

  it("keeps the token at hand while a background refresh fails, and does not ask at every call", async () => {
    const { asked, request, clock, state } = endpoint(1_000_000);
    const tokens = createTokenSource({ request, clock, storeKey: "k" });
    const first = tokens.get(read);
    asked[0]?.grant();
    await first;
    state.now += 900_000;
    await tokens.get(read);
    asked[1]?.refuse(new Error("down"));
    await settle();
    expect((await tokens.get(read)).accessToken).toBe("token-1");
    expect(asked).toHaveLength(2);
    state.now += 5_000;
    await tokens.get(read);
    expect(asked).toHaveLength(3);
  });

  it("never brings back a token by a request that began before an invalidation", async () => {
    const { asked, request, clock, state } = endpoint(1_000_000);
    const tokens = createTokenSource({ request, clock, storeKey: "k" });
    const first = tokens.get(read);
    asked[0]?.grant();
    const old = await first;
    state.now += 900_000;
    await tokens.get(read);
    tokens.invalidate(old);
    const next = tokens.get(read);
    await settle();
    expect(asked).toHaveLength(3);
    asked[2]?.grant();
    expect((await next).accessToken).toBe("token-3");
    asked[1]?.grant();
    await settle();
    expect((await tokens.get(read)).accessToken).toBe("token-3");
  });

  it("drops a token once, however many calls were refused with it", async () => {
    const { asked, request, clock } = endpoint();
    const tokens = createTokenSource({ request, clock, storeKey: "k" });
    const first = tokens.get(read);
    asked[0]?.grant();
    const old = await first;
    const again = Array.from({ length: 100 }, () => {
      tokens.invalidate(old);
      return tokens.get(read);
    });
    await settle();
    expect(asked).toHaveLength(2);
    asked[1]?.grant();
    await Promise.all(again);
    tokens.invalidate(old);
    await tokens.get(read);
    expect(asked).toHaveLength(2);
  });

  it("lets a caller leave the queue without ending the request of the others", async () => {
    const { asked, request, clock } = endpoint();
    const tokens = createTokenSource({ request, clock, storeKey: "k" });
    const leaving = new AbortController();
    const left = tokens.get(read, leaving.signal);
    const stays = tokens.get(read);
    await settle();
    leaving.abort(new Error("no longer needed"));
    await expect(left).rejects.toThrow("no longer needed");
    asked[0]?.grant();
    expect((await stays).accessToken).toBe("token-1");
  });
});

describe("scopes", () => {
  it("asks for the narrowest that the operation allows", async () => {
    const { asked, request, clock } = endpoint();
    const tokens = createTokenSource({ request, clock, storeKey: "k" });
    void tokens.get(read);
    void tokens.get(operation("users:admin"));
    await settle();
    expect(asked.map(({ scope }) => scope)).toEqual(["users:read", "users:admin"]);
  });

  it("tries the next alternative once where the token endpoint refuses the first, and remembers", async () => {
    const { asked, request, clock } = endpoint();
    const tokens = createTokenSource({ request, clock, storeKey: "k" });
    const first = tokens.get(read);
    await settle();
    asked[0]?.refuse(refused(401));
    await settle();
    expect(asked[1]?.scope).toBe("users:admin");
    asked[1]?.grant();
    expect((await first).scope).toBe("users:admin");
    await tokens.get(read);
    expect(asked).toHaveLength(2);
  });

  it("remembers nothing where both are refused: then it is the credentials", async () => {
    const { asked, request, clock } = endpoint();
    const tokens = createTokenSource({ request, clock, storeKey: "k" });
    for (const round of [0, 2]) {
      const call = tokens.get(read);
      await settle();
      asked[round]?.refuse(refused(401));
      await settle();
      asked[round + 1]?.refuse(refused(401));
      await expect(call).rejects.toMatchObject({ status: 401, operationId: "issue_token" });
    }
    expect(asked.map(({ scope }) => scope)).toEqual([
      "users:read",
      "users:admin",
      "users:read",
      "users:admin",
    ]);
  });

  it("asks for the narrowest again after an hour: the refusal may have had another reason", async () => {
    const { asked, request, clock, state } = endpoint();
    const tokens = createTokenSource({ request, clock, storeKey: "k" });
    const first = tokens.get(read);
    asked[0]?.refuse(refused(401));
    await settle();
    asked[1]?.grant();
    expect((await first).scope).toBe("users:admin");
    state.now += 3_600_000;
    void tokens.get(read);
    await settle();
    expect(asked.at(-1)?.scope).toBe("users:read");
  });

  it("does not take another failure for a refused scope", async () => {
    const { asked, request, clock } = endpoint();
    const call = createTokenSource({ request, clock, storeKey: "k" }).get(read);
    await settle();
    asked[0]?.refuse(refused(500));
    await expect(call).rejects.toMatchObject({ status: 500 });
    expect(asked).toHaveLength(1);
  });

  it("asks for the scopes that were given, in one token", async () => {
    const { asked, request, clock } = endpoint();
    const scopes = ["orders:admin", "users:read"];
    const tokens = createTokenSource({ request, clock, scopes, storeKey: "k" });
    const calls = [tokens.get(read), tokens.get(operation("orders:admin"))];
    await settle();
    asked[0]?.grant();
    await Promise.all(calls);
    expect(asked.map(({ scope }) => scope)).toEqual(["orders:admin users:read"]);
  });

  it("says before anything is sent that the given scopes do not admit the operation", async () => {
    const { asked, request, clock } = endpoint();
    const tokens = createTokenSource({ request, clock, scopes: ["orders:read"], storeKey: "k" });
    await expect(tokens.get(read)).rejects.toThrow(
      'list_users needs the scope users:read or users:admin; the option scopes holds "orders:read"',
    );
    expect(asked).toHaveLength(0);
  });

  it("names operation and scope where another one was granted", async () => {
    const { asked, request, clock } = endpoint();
    const call = createTokenSource({ request, clock, storeKey: "k" }).get(read);
    await settle();
    asked[0]?.grant("orders:read");
    await expect(call).rejects.toThrow(UpvestConfigError);
    await expect(call).rejects.toThrow(/list_users needs the scope users:read or users:admin.*"orders:read"/);
  });
});

describe("a token store", () => {
  const memoryStore = (): TokenStore & {
    readonly kept: Map<string, StoredToken>;
    readonly ttls: number[];
  } => {
    const kept = new Map<string, StoredToken>();
    const ttls: number[] = [];
    return {
      kept,
      ttls,
      get: async (key) => kept.get(key),
      set: async (key, token, ttl) => {
        kept.set(key, token);
        ttls.push(ttl);
      },
    };
  };

  it("serves the next process, under a key of its own for each client and scope set", async () => {
    const { asked, request, clock } = endpoint();
    const store = memoryStore();
    const first = createTokenSource({ request, clock, store, storeKey: "client-a" }).get(read);
    await settle();
    asked[0]?.grant();
    await first;
    expect([...store.kept.keys()]).toEqual(["client-a users:read"]);
    expect(store.ttls).toEqual([1_800_000]);
    const second = createTokenSource({ request, clock, store, storeKey: "client-a" });
    expect((await second.get(read)).accessToken).toBe("token-1");
    void createTokenSource({ request, clock, store, storeKey: "client-b" }).get(read);
    await settle();
    expect(asked).toHaveLength(2);
  });

  it("is not believed about a token that the API has refused", async () => {
    const { asked, request, clock } = endpoint();
    const tokens = createTokenSource({ request, clock, store: memoryStore(), storeKey: "k" });
    const first = tokens.get(read);
    await settle();
    asked[0]?.grant();
    tokens.invalidate(await first);
    const second = tokens.get(read);
    await settle();
    asked[1]?.grant();
    expect((await second).accessToken).toBe("token-2");
  });

  it("that fails costs a token request and no call", async () => {
    const { asked, request, clock } = endpoint();
    const down = (): Promise<never> => Promise.reject(new Error("store down"));
    const call = createTokenSource({ request, clock, store: { get: down, set: down }, storeKey: "k" }).get(
      read,
    );
    await settle();
    asked[0]?.grant();
    expect((await call).accessToken).toBe("token-1");
  });

  describe("whose lock", () => {
    const locking = (lock: NonNullable<TokenStore["lock"]>): ReturnType<typeof memoryStore> & TokenStore => ({
      ...memoryStore(),
      lock,
    });
    const never = (): Promise<never> => new Promise(() => undefined);
    const token = (accessToken: string): StoredToken => ({
      accessToken,
      scope: "users:read",
      issuedAt: 1_000_000,
      expiresAt: 2_800_000,
    });

    beforeEach(() => {
      vi.useFakeTimers();
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    it("is held for the request and for putting the token in", async () => {
      const { asked, request, clock } = endpoint();
      const during: string[] = [];
      const store = locking(async (key, task) => {
        during.push(`${key} begins`);
        const got = await task();
        during.push(`${store.kept.get(key)?.accessToken} is in`);
        return got;
      });
      const call = createTokenSource({ request, clock, store, storeKey: "k" }).get(read);
      await settle();
      asked[0]?.grant();
      expect((await call).accessToken).toBe("token-1");
      expect(during).toEqual(["k users:read begins", "token-1 is in"]);
    });

    it("gives what another process has put in, and nothing is asked for or put in again", async () => {
      const { asked, request, clock } = endpoint();
      const store = locking(async (key, task) => {
        store.kept.set(key, token("theirs"));
        return task();
      });
      const tokens = createTokenSource({ request, clock, store, storeKey: "k" });
      expect((await tokens.get(read)).accessToken).toBe("theirs");
      expect(asked).toHaveLength(0);
      expect(store.ttls).toEqual([]);
    });

    it.each<[string, NonNullable<TokenStore["lock"]>]>([
      ["rejects", () => Promise.reject(new Error("no lock"))],
      [
        "throws",
        () => {
          throw new Error("no lock");
        },
      ],
      ["gives a token that has ended", async () => ({ ...token("old"), expiresAt: 1_000_000 })],
      ["gives nothing", async () => JSON.parse("null") as StoredToken],
      [
        "fails after its task",
        async (_, task) => {
          await task();
          throw new Error("not released");
        },
      ],
      [
        "runs its task twice",
        async (_, task) => {
          void task();
          return task();
        },
      ],
    ])("%s: the process makes its own token request, one", async (_, lock) => {
      const { asked, request, clock } = endpoint();
      const call = createTokenSource({ request, clock, store: locking(lock), storeKey: "k" }).get(read);
      await settle();
      expect(asked).toHaveLength(1);
      asked[0]?.grant();
      expect((await call).accessToken).toBe("token-1");
      await settle();
      expect(asked).toHaveLength(1);
      expect(vi.getTimerCount()).toBe(0);
    });

    it("never comes: the process goes on alone after ten seconds, and a task begun later asks for nothing", async () => {
      const { asked, request, clock } = endpoint();
      const begin: (() => Promise<StoredToken>)[] = [];
      const store = locking((_, task) => {
        begin.push(task);
        return never();
      });
      const call = createTokenSource({ request, clock, store, storeKey: "k" }).get(read);
      await vi.advanceTimersByTimeAsync(9_999);
      expect(asked).toHaveLength(0);
      await vi.advanceTimersByTimeAsync(1);
      expect(asked).toHaveLength(1);
      const late = begin[0]?.();
      asked[0]?.grant();
      expect((await call).accessToken).toBe("token-1");
      expect((await late)?.accessToken).toBe("token-1");
      expect(asked).toHaveLength(1);
    });

    it("is still held by our own slow request: that one is waited for, however long", async () => {
      const { asked, request, clock } = endpoint();
      const store = locking((_, task) => task());
      const call = createTokenSource({ request, clock, store, storeKey: "k" }).get(read);
      await vi.advanceTimersByTimeAsync(25_000);
      expect(asked).toHaveLength(1);
      asked[0]?.grant();
      expect((await call).accessToken).toBe("token-1");
    });

    it("has a task that fails: the call is told so, and nothing is tried behind its back", async () => {
      const { asked, request, clock } = endpoint();
      const store = locking((_, task) => task());
      const call = createTokenSource({ request, clock, store, storeKey: "k" }).get(operation("users:read"));
      await settle();
      asked[0]?.refuse(refused(500));
      await expect(call).rejects.toMatchObject({ status: 500 });
      expect(asked).toHaveLength(1);
    });

    it("is not asked of a store that fails already", async () => {
      const { asked, request, clock } = endpoint();
      const lock = vi.fn(never);
      const down = (): Promise<never> => Promise.reject(new Error("store down"));
      const store: TokenStore = { get: down, set: down, lock };
      const call = createTokenSource({ request, clock, store, storeKey: "k" }).get(read);
      await settle();
      asked[0]?.grant();
      expect((await call).accessToken).toBe("token-1");
      expect(lock).not.toHaveBeenCalled();
    });
  });

  it("that hangs costs two seconds and a token request, and no more than that", async () => {
    vi.useFakeTimers();
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const { asked, request, clock } = endpoint();
    const hang = vi.fn((): Promise<never> => new Promise(() => undefined));
    const store: TokenStore = { get: hang, set: hang, lock: hang };
    const call = createTokenSource({ request, clock, store, storeKey: "k" }).get(read);
    await vi.advanceTimersByTimeAsync(1_999);
    expect(asked).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toHaveLength(1);
    asked[0]?.grant();
    // Not a moment for the store that does not take it.
    await settle();
    expect((await call).accessToken).toBe("token-1");
    expect(hang).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that hangs only when written to holds the token up for two seconds", async () => {
    vi.useFakeTimers();
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const { asked, request, clock } = endpoint();
    const store: TokenStore = { get: async () => undefined, set: () => new Promise(() => undefined) };
    const call = createTokenSource({ request, clock, store, storeKey: "k" }).get(read);
    await settle();
    asked[0]?.grant();
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await call).accessToken).toBe("token-1");
  });

  it("that answers what is no token has nothing", async () => {
    const { asked, request, clock } = endpoint();
    const half = { accessToken: "t", issuedAt: 1_000_000, expiresAt: 9_000_000 } as unknown as StoredToken;
    const store: TokenStore = { get: async () => half, set: async () => undefined };
    const call = createTokenSource({ request, clock, store, storeKey: "k" }).get(read);
    await settle();
    asked[0]?.grant();
    expect((await call).accessToken).toBe("token-1");
  });

  it.each(["ory_at_x\n", "\u0000\u009d garbled", ""])("that answers %j has nothing", async (accessToken) => {
    const { asked, request, clock } = endpoint();
    const kept = { accessToken, scope: "users:read", issuedAt: 1_000_000, expiresAt: 9_000_000 };
    const store: TokenStore = { get: async () => kept, set: async () => undefined };
    const call = createTokenSource({ request, clock, store, storeKey: "k" }).get(read);
    await settle();
    asked[0]?.grant();
    expect((await call).accessToken).toBe("token-1");
  });

  it("that answers null has nothing", async () => {
    const { asked, request, clock } = endpoint();
    const lock = vi.fn((_: string, task: () => Promise<StoredToken>) => task());
    const store: TokenStore = {
      get: async () => JSON.parse("null") as undefined,
      set: async () => undefined,
      lock,
    };
    const call = createTokenSource({ request, clock, store, storeKey: "k" }).get(read);
    await settle();
    asked[0]?.grant();
    expect((await call).accessToken).toBe("token-1");
    expect(lock).toHaveBeenCalledTimes(1);
  });
});

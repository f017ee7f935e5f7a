import type { UpvestClient } from "../client.js";
import { UpvestConfigError, UpvestError } from "../base-errors.js";
import { readPublicJwk } from "../signature/jwk.js";
import type { JsonWebKey } from "../signature/key-types.js";
import { unwrap } from "../unwrap.js";
import { demand, hasFunctions, isObject } from "./given.js";

/** A public key in JWK form (RFC 7517), with the id that `keyid` names it by. */
export interface VerificationKey extends JsonWebKey {
  readonly kid?: string;
}

/** Where verification keys come from. */
export interface KeySource {
  /**
   * The key of this id, `undefined` when there is none. A rejection means that nobody can tell now: the delivery is
   * answered with 503 and comes again.
   */
  get(keyId: string): Promise<JsonWebKey | undefined>;
}

/** Keys that never change. @throws UpvestConfigError for a list that cannot verify anything. */
export function staticKeys(keys: readonly VerificationKey[]): KeySource {
  if (keys.length === 0) throw new UpvestConfigError("keys is empty: no delivery could be verified");
  const byId = new Map<string | undefined, VerificationKey>();
  for (const key of keys) {
    const { kid, d, kty, x = "", y = "" } = (key as VerificationKey | null | undefined) ?? {};
    if (typeof kid !== "string" || kid === "")
      throw new UpvestConfigError("Each verification key needs its kid, which signatures name it by");
    if (byId.has(kid)) throw new UpvestConfigError(`Two verification keys have the kid ${kid}`);
    if (d !== undefined)
      throw new UpvestConfigError(`The verification key ${kid} is private: give its public half, without d`);
    const unfit = (found: string): Error =>
      new UpvestConfigError(
        `The verification key ${kid} is ${found}; accepted are P-521 and Ed25519 keys. Mend it or take it out`,
      );
    // Whether a point is on its curve is seen at the first delivery that names it.
    readPublicJwk(key, unfit);
    // Some writers drop leading zeros (of 88 characters), but hardly ever are there many.
    if (kty === "EC" && Math.min(x.length, y.length) < 80)
      throw unfit("a P-521 JWK whose x or y is cut short");
    byId.set(kid, key);
  }
  return { get: (keyId) => Promise.resolve(byId.get(keyId)) };
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
// A delivery waits meanwhile, and its sender does not wait for ever.
const deadline = 5_000;

/**
 * The keys that Upvest publishes at `GET /auth/verify_keys`, read through the client (scope `webhooks:read` or
 * `webhooks:admin`).
 *
 * They are kept by `kid` for an hour, so that a key that was withdrawn does not stay trusted. An unknown `kid` has the
 * set fetched again at once, but not more than once a minute: forged deliveries cannot make the client hammer the API.
 * A fetch that is under way is shared, and given up after 5 s. While the endpoint fails the last good set stays in use; when
 * there is none yet, it is asked again after 1, 2, 4 ... 60 s, and `get` rejects with the failure until then.
 *
 * @param options `clock`: ms, for tests.
 * @throws UpvestConfigError for a client that is none
 */
export function verificationKeys(
  client: Pick<UpvestClient, "GET">,
  { clock = Date.now }: { readonly clock?: () => number } = {},
): KeySource {
  demand(hasFunctions(client, "GET"), "client", "what createUpvestClient gives", client);
  let keys: ReadonlyMap<string, JsonWebKey> | undefined;
  let fetchedAt = -Infinity;
  let triedAt = -Infinity;
  let failure: { readonly error: unknown; readonly nth: number } | undefined;
  let underWay: Promise<void> | undefined;

  /** Whether so many ms have passed. A clock that was set back cannot tell: then they have. */
  const over = (since: number, ms: number): boolean => clock() < since || clock() - since >= ms;

  const fetchKeys = async (): Promise<void> => {
    triedAt = clock();
    try {
      keys = readKeySet(await unwrap(client.GET("/auth/verify_keys", { deadline })));
      fetchedAt = clock();
      failure = undefined;
    } catch (error) {
      failure = { error, nth: (failure?.nth ?? 0) + 1 };
      triedAt = clock();
    }
  };
  const refresh = (): Promise<void> => {
    // Twice its deadline: a runtime that drops what a request began (a worker) has dropped its timer as well.
    if (underWay !== undefined && !over(triedAt, 2 * deadline)) return underWay;
    const mine = fetchKeys().finally(() => {
      if (underWay === mine) underWay = undefined;
    });
    underWay = mine;
    return mine;
  };

  return {
    async get(keyId) {
      const wanted = !keys?.has(keyId) || over(fetchedAt, hour);
      // Without any set nothing can be verified at all: then a minute would be long.
      const pause = keys ? minute : Math.min(minute, second * 2 ** ((failure?.nth ?? 0) - 1));
      if (wanted && (underWay || over(triedAt, pause))) await refresh();
      const key = keys?.get(keyId);
      if (!key && failure) throw failure.error;
      return key;
    },
  };
}

function readKeySet(data: unknown): ReadonlyMap<string, JsonWebKey> {
  const list: unknown = isObject(data) && "keys" in data ? data.keys : undefined;
  const keys = new Map<string, JsonWebKey>();
  // A key of a kind we do not know stays in the set: it is refused when a delivery names it.
  if (Array.isArray(list)) for (const key of list) if (isKey(key)) keys.set(key.kid, key);
  if (keys.size === 0) throw new UpvestError("GET /auth/verify_keys answered without a key that has a kid");
  return keys;
}

const isKey = (key: unknown): key is JsonWebKey & { readonly kid: string } =>
  isObject(key) && "kid" in key && typeof key.kid === "string" && "kty" in key;

import {
  UpvestApiError,
  UpvestConfigError,
  UpvestConnectionError,
  UpvestTimeoutError,
  UpvestUnknownOutcomeError,
  type CallResult,
  type UpvestClient,
} from "upvest-client";
import { dice, uuid } from "./dice.js";
import { kinds } from "./plan.js";

/** What a caller is told of a write, and what it says of the effect: `done`, `not done`, or nothing. */
export const meanings = {
  success: "done",
  refused: "not done",
  "no connection": "not done",
  timeout: "not done",
  "not sent": "not done",
  unknown: "either",
  aborted: "either",
} as const;

export type Outcome = keyof typeof meanings;

export interface Write {
  readonly call: string;
  readonly outcome: Outcome;
  /** The idempotency key, where the operation takes one and the outcome tells it. */
  readonly key: string | undefined;
  /** Of the answer, or of the answer to a repetition, where it has a body: the server's name for the effect. */
  readonly id: string | undefined;
  /** How many more times it was called to learn what became of it. */
  readonly repeated: number;
  /** What the last of those calls was told; undefined where there was none. */
  readonly settled: Outcome | undefined;
  /** What was told, for a person who looks into a failure. */
  readonly told: string;
}

/** How a write is made; `key` is given where it is repeated. */
export type Make = (call: Call) => Promise<CallResult<unknown>>;

export interface Call {
  readonly name: string;
  readonly key: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly deadline?: number;
}

const user = "2dedfeb0-58cd-44f2-ae08-0e41fe0413d9";
const account = "debf2026-f2da-4ff0-bb84-92e45babb1e3";
const instrument = { instrument_id: "US0378331005", instrument_id_type: "ISIN" } as const;

const optionsOf = ({ headers, signal, deadline }: Call) => ({
  headers,
  signal,
  ...(deadline !== undefined && { deadline }),
});

/** An operation that takes a key. */
export const placeOrder =
  (client: UpvestClient): Make =>
  (call) =>
    client.POST("/orders", {
      ...optionsOf(call),
      ...(call.key !== undefined && { params: { header: { "idempotency-key": call.key } } }),
      body: { user_id: user, account_id: account, side: "BUY", ...instrument },
    });

/** Operations that take none: a POST and a PATCH in turn. */
export const withoutKey =
  (client: UpvestClient): Make =>
  (call) =>
    dice(call.name).chance(0.5)
      ? client.POST("/reports", {
          ...optionsOf(call),
          body: {
            type: "ORDER_EX_ANTE_COST",
            order: {
              user_id: user,
              account_id: account,
              side: "BUY",
              currency: "EUR",
              order_type: "MARKET",
              cash_amount: "10",
              ...instrument,
            },
          },
        })
      : client.PATCH("/accounts/{account_id}", {
          ...optionsOf(call),
          params: { path: { account_id: account } },
          body: { name: call.name },
        });

/** A DELETE: without a key, but idempotent by definition. */
export const remove =
  (client: UpvestClient): Make =>
  (call) =>
    client.DELETE("/accounts/{account_id}", {
      ...optionsOf(call),
      params: { path: { account_id: call.name } },
    });

/** More than the plan has faults for. */
const MOST_REPETITIONS = 20;

export interface Manner {
  readonly seed: number;
  /** Callers set limits of their own, leave, bring keys, and send what the server refuses. */
  readonly lively: boolean;
  /** Signal of the whole storm. */
  readonly signal: AbortSignal;
}

/** Makes the write of that number, and learns as much about its outcome as a caller can. */
export async function perform(
  make: Make,
  kind: string,
  index: number,
  { seed, lively, signal }: Manner,
): Promise<Write> {
  const name = `${kinds.write}-${kind}-${index}`;
  const { chance, below } = dice(seed, "caller", name);
  const headers: Record<string, string> = { "x-chaos-call": name };
  const refused = lively && chance(0.03);
  if (refused) headers["x-chaos-refuse"] = chance(0.5) ? "422" : "500";
  const leaving = new AbortController();
  const leaves = lively && chance(0.02);
  const timer = leaves ? setTimeout(() => leaving.abort(new Error("the caller left")), below(40)) : undefined;
  const call: Call = {
    name,
    headers,
    key: kind === "keyed" && chance(0.5) ? uuid(dice(seed, "key", name)) : undefined,
    signal: leaves ? leaving.signal : signal,
    ...(lively && chance(0.03) && { deadline: 20 + below(300) }),
  };
  const first = await tell(make, call);
  clearTimeout(timer);
  const key = first.key ?? call.key;
  if (meanings[first.outcome] !== "either" || key === undefined) {
    return { call: name, ...first, key, repeated: 0, settled: undefined };
  }
  // As the error advises: with the key, until it is known.
  for (let repeated = 1; ; repeated += 1) {
    const again = await tell(make, { name, headers, key, signal });
    const known = again.outcome === "success" || (refused && again.outcome === "refused");
    if (known || repeated === MOST_REPETITIONS) {
      return { ...first, call: name, key, id: again.id, repeated, settled: again.outcome };
    }
  }
}

async function tell(make: Make, call: Call): Promise<Pick<Write, "outcome" | "key" | "id" | "told">> {
  try {
    const { data, error, idempotencyKey } = await make(call);
    if (error !== undefined)
      return { outcome: "refused", key: error.idempotencyKey, id: undefined, told: error.message };
    return { outcome: "success", key: idempotencyKey, id: idOf(data), told: "success" };
  } catch (error) {
    return { outcome: outcomeOf(error, call.signal), key: keyOf(error), id: undefined, told: String(error) };
  }
}

function outcomeOf(error: unknown, signal: AbortSignal): Outcome {
  if (signal.aborted && error === signal.reason) return "aborted";
  if (error instanceof UpvestUnknownOutcomeError) return "unknown";
  if (error instanceof UpvestApiError) return "refused";
  if (error instanceof UpvestConnectionError) return "no connection";
  if (error instanceof UpvestTimeoutError) return "timeout";
  if (error instanceof UpvestConfigError) return "not sent";
  // Nothing else may come out of a call.
  throw error;
}

const keyOf = (error: unknown): string | undefined =>
  error instanceof UpvestUnknownOutcomeError ? error.idempotencyKey : undefined;

const idOf = (data: unknown): string | undefined =>
  typeof data === "object" && data !== null && "id" in data ? String(data.id) : undefined;

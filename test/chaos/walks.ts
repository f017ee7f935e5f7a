import {
  UpvestApiError,
  UpvestConnectionError,
  UpvestError,
  UpvestTimeoutError,
  UpvestUnknownOutcomeError,
  type UpvestClient,
} from "upvest-client";
import { dice } from "./dice.js";
import { kinds } from "./plan.js";

/** One walk from the first page on; where it failed, `ids` is what had come until then. */
export interface Walk {
  readonly name: string;
  readonly ids: readonly string[];
  /** Absent where it came to its end. */
  readonly failure?: "refused" | "no connection" | "timeout" | "cannot be verified";
  readonly told: string;
}

/** Walks until one walk comes to its end; each begins anew, through a collection of its own. */
export async function walkToTheEnd(
  client: UpvestClient,
  index: number,
  seed: number,
  signal: AbortSignal,
): Promise<readonly Walk[]> {
  const walks: Walk[] = [];
  for (let go = 0; go < 50; go += 1) {
    const walk = await once(client, `${kinds.walk}-${index}.${go}`, seed, signal);
    walks.push(walk);
    if (walk.failure === undefined) break;
  }
  return walks;
}

async function once(client: UpvestClient, name: string, seed: number, signal: AbortSignal): Promise<Walk> {
  const ids: string[] = [];
  try {
    const orders = client.paginate("/accounts/{account_id}/orders", {
      params: { path: { account_id: name }, query: { limit: 2 + dice(seed, "limit", name).below(14) } },
      headers: { "x-chaos-call": name },
      signal,
      verify: true,
    });
    for await (const { id } of orders) ids.push(id);
    return { name, ids, told: "to its end" };
  } catch (error) {
    return { name, ids, failure: failureOf(error), told: String(error) };
  }
}

function failureOf(error: unknown): NonNullable<Walk["failure"]> {
  // A walk changes nothing, so nothing about it is unknown.
  if (error instanceof UpvestUnknownOutcomeError) throw error;
  if (error instanceof UpvestApiError) return "refused";
  if (error instanceof UpvestConnectionError) return "no connection";
  if (error instanceof UpvestTimeoutError) return "timeout";
  if (error instanceof UpvestError && error.resumeOffset !== undefined) return "cannot be verified";
  throw error;
}

export interface WalkVerdict {
  /** Items that stayed and did not come. */
  readonly lost: number;
  /** Items that came more than once. */
  readonly twice: number;
  /** They came in the order in which they stand. */
  readonly inOrder: boolean;
}

/**
 * @param stayed items that were there from start to end, in order. Of a walk that failed they must be there up to some
 *   point, and no further.
 */
export function judgeWalk({ ids, failure }: Walk, stayed: readonly string[]): WalkVerdict {
  const staying = new Set(stayed);
  const came = ids.filter((id) => staying.has(id));
  const due = failure === undefined ? stayed : stayed.slice(0, new Set(came).size);
  const all = new Set(ids);
  return {
    lost: due.filter((id) => !all.has(id)).length,
    twice: ids.length - all.size,
    inOrder: came.every((id, index) => id === due[index]),
  };
}

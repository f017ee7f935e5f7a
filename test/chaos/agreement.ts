import { startSandbox } from "upvest-client/sandbox";
import type { UpvestClient } from "upvest-client";
import { clientAt } from "./client.js";
import { crowd } from "./crowd.js";
import { kinds } from "./plan.js";
import { injections } from "./report.js";
import type { Servers } from "./servers.js";
import { judge, type Verdict } from "./verdict.js";
import { perform, placeOrder, type Write } from "./writes.js";

/** ms, one attempt: so long that only a stall takes longer, also in the sandbox and on a machine that is busy. */
const timeout = 10_000;

export interface Agreement {
  readonly byLedger: readonly Verdict[];
  readonly bySandbox: readonly Verdict[];
  readonly injected: ReadonlyMap<string, number>;
  /** Requests whose signature the sandbox refused. */
  readonly unverified: number;
}

/**
 * Makes the same writes through the same faults, once to the ledger and once to the sandbox, which verifies what the
 * ledger takes on trust. Only faults that strike one call are among them: else it would be chance whom they strike.
 */
export async function throughBoth(servers: Servers, count: number, seed: number): Promise<Agreement> {
  const manner = { seed, lively: false, signal: new AbortController().signal };
  const writes = (client: UpvestClient): Promise<readonly Write[]> =>
    crowd(count, 16, (index) => perform(placeOrder(client), "keyed", index, manner));

  const toLedger = async (): Promise<readonly Verdict[]> => {
    const port = await servers.open({ seed, aimedOnly: true });
    const made = await writes(clientAt(port, { timeout }));
    const verdicts = judge(made, await servers.seen(port), true);
    await servers.close(port);
    return verdicts;
  };

  const toSandbox = async (): Promise<Omit<Agreement, "byLedger">> => {
    const sandbox = await startSandbox({ rateLimit: Number.POSITIVE_INFINITY });
    try {
      const upstream = Number(new URL(sandbox.url).port);
      const port = await servers.open({ seed, aimedOnly: true, upstream });
      const made = await writes(clientAt(port, { ...sandbox.credentials, timeout }));
      const { meetings } = await servers.seen(port);
      await servers.close(port);
      const entries = sandbox.requests.flatMap(({ operationId, idempotency, headers }) =>
        operationId === "place_order" && idempotency === "new"
          ? [
              {
                call: headers["x-chaos-call"] ?? "",
                key: headers["idempotency-key"],
                id: undefined,
                effects: 1,
              },
            ]
          : [],
      );
      if (entries.length !== sandbox.effects("place_order")) {
        throw new Error("the sandbox counts other effects than it recorded");
      }
      return {
        bySandbox: judge(made, { entries, meetings }, true),
        injected: injections(meetings, kinds.write),
        unverified: sandbox.requests.filter(({ signature }) => signature?.verified === false).length,
      };
    } finally {
      await sandbox.close();
    }
  };

  const [byLedger, others] = await Promise.all([toLedger(), toSandbox()]);
  return { byLedger, ...others };
}

/** Server and edge, in a process of their own: started by storm.ts, ends with it. */
import { openEdge, type Edge } from "./edge.js";
import { startLedger, type Entry, type Ledger } from "./ledger.js";
import type { Meeting } from "./edge.js";
import { aimed, plan } from "./plan.js";

export interface Place {
  readonly seed: number;
  /** Only faults that strike nobody but the call they are meant for, and none at the token endpoint. */
  readonly aimedOnly: boolean;
  /** Port of another server to stand before; without it, of a ledger made here. */
  readonly upstream?: number;
}

export interface Seen {
  readonly meetings: readonly Meeting[];
  /** Empty where the server is another one. */
  readonly entries: readonly Entry[];
}

/** What can be asked of this process. */
export interface Commands {
  /** @returns the port of the edge, which names the place from then on */
  open(place: Place): Promise<number>;
  /** What was seen, once nothing is under way any more. */
  seen(port: number): Promise<Seen>;
  /** By walk: the items that were there from its start to its end. */
  stayed(port: number, walks: readonly string[]): Promise<readonly (readonly string[])[]>;
  close(port: number): Promise<void>;
}

export interface Ask {
  readonly id: number;
  readonly command: keyof Commands;
  readonly args: readonly unknown[];
}

export interface Told {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

const places = new Map<number, { readonly edge: Edge; readonly ledger: Ledger | undefined }>();

const at = (port: number): { readonly edge: Edge; readonly ledger: Ledger | undefined } => {
  const place = places.get(port);
  if (place === undefined) throw new Error(`nothing is open on port ${port}`);
  return place;
};

const commands: Commands = {
  async open({ seed, aimedOnly, upstream }) {
    const tokenUses = aimedOnly ? Number.MAX_SAFE_INTEGER : 400;
    const ledger = upstream === undefined ? await startLedger({ seed, tokenUses }) : undefined;
    const everything = plan(seed, aimedOnly ? aimed : undefined);
    const edge = await openEdge({
      seed,
      plan: aimedOnly ? (call, nth) => (call === "token" ? undefined : everything(call, nth)) : everything,
      upstream: ledger?.port ?? upstream ?? 0,
      reuse: ledger !== undefined,
    });
    places.set(edge.port, { edge, ledger });
    return edge.port;
  },
  async seen(port) {
    const { edge, ledger } = at(port);
    await edge.settled();
    return { meetings: edge.meetings, entries: ledger?.entries() ?? [] };
  },
  async stayed(port, walks) {
    const { ledger } = at(port);
    return walks.map((walk) => ledger?.stayed(walk) ?? []);
  },
  async close(port) {
    const { edge, ledger } = at(port);
    places.delete(port);
    await edge.close();
    await ledger?.close();
  },
};

process.on("message", async ({ id, command, args }: Ask) => {
  const told = await (Reflect.apply(commands[command], commands, args) as Promise<unknown>).then(
    (result): Told => ({ id, result }),
    (error: unknown): Told => ({
      id,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }),
  );
  process.send?.(told);
});
process.on("disconnect", () => process.exit());

import { randomUUID } from "node:crypto";
import type { Entry } from "./entry.js";
import type { Secrets } from "./secrets.js";

/** One change of an entry: its newest state, as JSON in which no secret is left. */
export interface Change {
  /** Grows by one with each change. */
  readonly sequence: number;
  readonly id: string;
  readonly json: string;
}

/**
 * The entries that the page shows, the newest few hundred calls and as many deliveries: anybody can send those, and must
 * not push out the call that is looked for. Everything that leaves it has passed the secrets' `hide`:
 * there is no other way out.
 */
export interface Journal {
  /** Tells one journal from another, so that a page notices when the process was started anew. */
  readonly run: string;
  readonly put: (entry: Entry) => void;
  /** The newest change of each entry that changed after `sequence`, oldest first. */
  readonly since: (sequence: number) => readonly Change[];
  /** Calls back at each change, until the returned function is called. */
  readonly subscribe: (listener: (change: Change) => void) => () => void;
}

/** Of each kind, as many as the page keeps (page/store.ts). */
const MAX_ENTRIES = 500;

/** Characters of JSON that are kept of each kind. */
const MAX_SIZE = 8 * 1024 * 1024;

/** The changes of one kind of entry, by id; what changed last is at the end. */
interface Shelf {
  readonly changes: Map<string, Change>;
  size: number;
}

export function createJournal(secrets: Pick<Secrets, "hide">, maxEntries = MAX_ENTRIES): Journal {
  const shelves: Readonly<Record<Entry["kind"], Shelf>> = {
    call: { changes: new Map(), size: 0 },
    delivery: { changes: new Map(), size: 0 },
  };
  const listeners = new Set<(change: Change) => void>();
  let sequence = 0;

  const drop = (shelf: Shelf, id: string): void => {
    shelf.size -= shelf.changes.get(id)?.json.length ?? 0;
    shelf.changes.delete(id);
  };

  return {
    run: randomUUID().slice(0, 8),
    put: (entry) => {
      const json = JSON.stringify(entry, (_, value: unknown) =>
        typeof value === "string" ? secrets.hide(value) : value,
      );
      const change = { sequence: ++sequence, id: entry.id, json };
      const shelf = shelves[entry.kind];
      // Taken out first: what changed last is the newest.
      drop(shelf, entry.id);
      shelf.changes.set(entry.id, change);
      shelf.size += json.length;
      for (const id of shelf.changes.keys()) {
        if ((shelf.changes.size <= maxEntries && shelf.size <= MAX_SIZE) || id === entry.id) break;
        drop(shelf, id);
      }
      for (const listener of listeners) listener(change);
    },
    since: (after) =>
      [...shelves.call.changes.values(), ...shelves.delivery.changes.values()]
        .filter((change) => change.sequence > after)
        .toSorted((a, b) => a.sequence - b.sequence),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

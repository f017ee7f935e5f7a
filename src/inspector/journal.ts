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
 * The entries that the page shows, the newest few hundred. Everything that leaves it has passed the secrets' `hide`:
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

export const MAX_ENTRIES = 500;

/** Characters of JSON that are kept in all. */
const MAX_SIZE = 16 * 1024 * 1024;

export function createJournal(secrets: Pick<Secrets, "hide">, maxEntries = MAX_ENTRIES): Journal {
  const changes = new Map<string, Change>();
  const listeners = new Set<(change: Change) => void>();
  let sequence = 0;
  let size = 0;

  const drop = (id: string): void => {
    size -= changes.get(id)?.json.length ?? 0;
    changes.delete(id);
  };

  return {
    run: randomUUID().slice(0, 8),
    put: (entry) => {
      const json = JSON.stringify(entry, (_, value: unknown) =>
        typeof value === "string" ? secrets.hide(value) : value,
      );
      const change = { sequence: ++sequence, id: entry.id, json };
      // Taken out first: what changed last is the newest.
      drop(entry.id);
      changes.set(entry.id, change);
      size += json.length;
      for (const id of changes.keys()) {
        if ((changes.size <= maxEntries && size <= MAX_SIZE) || id === entry.id) break;
        drop(id);
      }
      for (const listener of listeners) listener(change);
    },
    since: (after) => [...changes.values()].filter((change) => change.sequence > after),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

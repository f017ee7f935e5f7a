import { isTry, type Entry, type Status } from "../entry.js";

/** An entry with the text that a search looks in. */
export interface Kept {
  readonly entry: Entry;
  readonly haystack: string;
}

export interface Filter {
  /** Lower case. */
  readonly text: string;
  readonly kind: string;
  readonly status: string;
  readonly operation: string;
}

/** Of each kind, as many as the server keeps (src/inspector/journal.ts). */
const MAX_KEPT = 500;

const kept = new Map<string, Kept>();

/** Takes an entry in, or its newer state. @returns the entries that were pushed out */
export function keep(json: string): { readonly entry: Entry; readonly gone: readonly string[] } {
  const entry = JSON.parse(json) as Entry;
  kept.set(entry.id, { entry, haystack: json.toLowerCase() });
  const ids = [...kept].flatMap(([id, other]) => (other.entry.kind === entry.kind ? [id] : []));
  const gone = ids.slice(0, Math.max(0, ids.length - MAX_KEPT));
  for (const id of gone) kept.delete(id);
  return { entry, gone };
}

export const get = (id: string): Entry | undefined => kept.get(id)?.entry;

export const forgetAll = (): void => kept.clear();

/** Oldest first. */
export const all = (): readonly Kept[] => [...kept.values()];

export function classOf(status: Status): "good" | "refused" | "failed" | "pending" {
  if (status === "pending") return status;
  if (typeof status === "string" || status >= 500) return "failed";
  return status >= 400 ? "refused" : "good";
}

export const isRefused = ({ attempts }: Entry): boolean =>
  attempts.some(({ signature }) => signature?.verdict === "refused");

/** Attempts at the call itself, those at the token endpoint left out. */
export const triesOf = ({ attempts }: Entry): number => attempts.filter(isTry).length;

export function passes({ entry, haystack }: Kept, filter: Filter): boolean {
  const { status } = filter;
  return (
    haystack.includes(filter.text) &&
    (filter.kind === "" || entry.kind === filter.kind) &&
    (filter.operation === "" || entry.operation === filter.operation) &&
    (status === "" ||
      classOf(entry.status) === status ||
      (status === "signature" && isRefused(entry)) ||
      (status === "retried" && triesOf(entry) > 1))
  );
}

import { UpvestError } from "./errors.js";
import { fetcher, resumable, type FetchPage, type Page, type WalkOptions } from "./walk.js";

/** After so many steps back without an item gained, the collection changes faster than it can be read. */
const MOST_STEPS_BACK = 100;

/**
 * Walks by offset through a collection that changes meanwhile. An offset counts from the start, so an item that comes or
 * goes before it shifts every page after it. Here each page begins with the last item of the page before: where that one
 * is not found, the walk steps back until it meets an item that it has yielded, and goes on behind it; a walk with an
 * offset looks from 0 on, where it has met none on its way back. That relies on one thing: the order of the items that
 * stay does not change.
 *
 * Items that are there from start to end are yielded exactly once, in order; items that come or go meanwhile at most once.
 *
 * @throws UpvestError (with `resumeOffset`) where items have no id, the page holds one item only, nothing of what a walk
 *   with an offset has yielded is left, or the collection changes faster than it can be read: then nothing can be promised,
 *   and it says so
 */
export async function* verifiedWalk<Item>(
  fetchPage: FetchPage<Item>,
  { start, signal }: WalkOptions,
): AsyncGenerator<Page<Item>, void, undefined> {
  const pages = fetcher(fetchPage, signal);
  /** Ids of the items that were yielded. */
  const seen = new Set<string>();
  let offset = start;
  /** Nothing before it is missing. */
  let resumeOffset = start;
  try {
    let stepsBack = 0;
    let forwards = false;
    let next = pages.at(offset);
    for (;;) {
      const page = await next;
      const { data, meta } = page;
      const ids = data.map((item) => idOf(item, offset));
      const anchor = ids.findLastIndex((id) => seen.has(id));
      const first = seen.size === 0;
      // All that is before an offset other than 0 was there before, or has moved to there: only what is known tells.
      const joined = anchor >= 0 || first || (offset === 0 && start === 0);
      // A page may hold an item twice: what it yields is seen at once.
      const isNew = (id = ""): boolean => seen.size < seen.add(id).size;
      const fresh = joined ? data.filter((_, index) => index > anchor && isNew(ids[index])) : [];

      const end = offset + data.length;
      const isLast = end >= meta.total_count;
      const done = joined && isLast;
      const at = offset;
      if (joined) {
        forwards = false;
        if (anchor >= 0 && fresh.length > 0) stepsBack = 0;
        if (!done && data.length < 2) {
          const what = `a page of ${data.length} items out of ${meta.total_count}`;
          throw lost(`${what} leaves nothing to join the next one by: raise limit`, at);
        }
        // Overlapped by one, so that a shift is seen.
        offset = Math.max(0, end - 1);
      } else if (forwards || at === 0) {
        if (isLast || data.length === 0)
          throw lost("nothing that it has yielded is left to go on behind", at);
        forwards = true;
        offset = end;
      } else {
        stepsBack += 1;
        if (stepsBack > MOST_STEPS_BACK) throw lost("the collection changes faster than it can be read", at);
        offset = Math.max(0, at - Math.max(data.length, 1) * 2 ** Math.min(stepsBack - 1, 20));
      }
      resumeOffset = joined ? offset : 0;
      if (!done) next = pages.at(offset);
      if (fresh.length > 0 || (first && done)) yield { meta, data: fresh };
      if (done) return;
    }
  } catch (error) {
    throw resumable(error, resumeOffset, signal);
  } finally {
    pages.leave();
  }
}

function idOf(item: unknown, offset: number): string {
  const id: unknown = typeof item === "object" && item !== null && "id" in item ? item.id : undefined;
  if (typeof id === "string") return id;
  throw lost("its items have no id to know them by", offset);
}

const lost = (why: string, offset: number): UpvestError =>
  new UpvestError(`This walk cannot be verified: ${why} (at offset ${offset})`);

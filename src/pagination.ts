import type { CallResult } from "./call-types.js";
import { UpvestConfigError, UpvestError } from "./errors.js";
import { timeLimit } from "./pipeline/time-limit.js";

/** What the API says of a page; counts are of items. */
export interface PageMeta {
  readonly offset: number;
  readonly limit: number;
  readonly count: number;
  readonly total_count: number;
  readonly sort?: string;
  readonly order?: string;
}

/** One page, as it was answered. */
export interface Page<Item> {
  readonly meta: PageMeta;
  readonly data: readonly Item[];
}

/**
 * A collection, walked page by page. Iterating yields items; each iteration starts a walk of its own. While the caller
 * works on one page the next is fetched; leaving the loop cancels it. An error thrown on the way carries
 * `resumeOffset`: walk again from there to go on.
 */
export interface Pages<Item> extends AsyncIterable<Item> {
  /** The pages themselves, with their `meta`. */
  pages(): AsyncIterableIterator<Page<Item>>;
  /** The items, at most `max` of them. */
  toArray(options: { readonly max: number }): Promise<Item[]>;
}

/** Fetches the page that starts at `offset`. */
export type FetchPage<Item> = (offset: number, signal: AbortSignal) => Promise<CallResult<Page<Item>>>;

/**
 * @param fetchPage one call, its own retries included
 * @param start the offset to begin at
 * @param signal the caller's; ends the walk
 */
export function paginate<Item>(fetchPage: FetchPage<Item>, start: number, signal?: AbortSignal): Pages<Item> {
  const pages = (): AsyncGenerator<Page<Item>, void, undefined> => walk(fetchPage, start, signal);
  return {
    pages,
    async *[Symbol.asyncIterator]() {
      for await (const page of pages()) yield* page.data;
    },
    async toArray({ max }) {
      if (!Number.isInteger(max) || max < 0) {
        throw new UpvestConfigError(
          `toArray: max must be a whole number of items, 0 or more; it is ${String(max)}`,
        );
      }
      const items: Item[] = [];
      if (max === 0) return items;
      for await (const page of pages()) {
        items.push(...page.data.slice(0, max - items.length));
        if (items.length >= max) break;
      }
      return items;
    },
  };
}

async function* walk<Item>(
  fetchPage: FetchPage<Item>,
  start: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Page<Item>, void, undefined> {
  const left = new AbortController();
  const fetchAt = (offset: number): Promise<Page<Item>> => {
    const page = fetchOne(fetchPage, offset, signal, left.signal);
    // It may fail while the caller still works on the page before: the failure is told when its turn comes.
    page.catch(() => undefined);
    return page;
  };
  try {
    let offset = start;
    let next: Promise<Page<Item>> | undefined = fetchAt(offset);
    while (next !== undefined) {
      const page: Page<Item> = await next;
      // What came counts, not what was asked for: a server may cap the limit.
      offset += page.data.length;
      next = page.data.length > 0 && offset < page.meta.total_count ? fetchAt(offset) : undefined;
      if (page.data.length > 0 || page.meta.offset === start) yield page;
    }
  } finally {
    left.abort(new UpvestError("The page walk was left"));
  }
}

async function fetchOne<Item>(
  fetchPage: FetchPage<Item>,
  offset: number,
  caller: AbortSignal | undefined,
  left: AbortSignal,
): Promise<Page<Item>> {
  // Linked for one page only, so that a walk that is dropped half-way leaves no listener on the caller's signal.
  const link = timeLimit(caller, undefined);
  const stop = (): void => link.abort(left.reason);
  left.addEventListener("abort", stop, { once: true });
  try {
    const result = await fetchPage(offset, link.signal);
    if (result.error !== undefined) throw result.error;
    return checked(result.data, offset);
  } catch (error) {
    if (error instanceof UpvestError) error.resumeOffset = offset;
    throw error;
  } finally {
    left.removeEventListener("abort", stop);
    link.end();
  }
}

/** A page that is not where it was asked for would repeat items or skip some: better no walk than a wrong one. */
function checked<Item>(page: Page<Item>, offset: number): Page<Item> {
  const { meta, data } = page;
  if (!Array.isArray(data) || typeof meta !== "object" || !Number.isInteger(meta.total_count)) {
    throw new UpvestError("The answer is not a page: meta.total_count or data is missing");
  }
  if (meta.offset !== offset) {
    throw new UpvestError(`The page asked for at offset ${offset} begins at offset ${meta.offset}`);
  }
  return page;
}

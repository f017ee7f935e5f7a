import type { CallResult } from "./call-types.js";
import { UpvestError } from "./errors.js";
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

/** Fetches the page that starts at `offset`. */
export type FetchPage<Item> = (offset: number, signal: AbortSignal) => Promise<CallResult<Page<Item>>>;

/** Where a walk begins and what may end it. */
export interface WalkOptions {
  readonly start: number;
  /** The caller's; ends the walk. */
  readonly signal?: AbortSignal | undefined;
}

/** Fetches pages for one walk; `leave` cancels the one that is still on its way. */
export interface Fetcher<Item> {
  readonly at: (offset: number) => Promise<Page<Item>>;
  readonly leave: () => void;
}

export function fetcher<Item>(fetchPage: FetchPage<Item>, signal: AbortSignal | undefined): Fetcher<Item> {
  const left = new AbortController();
  return {
    at(offset) {
      const page = fetchOne(fetchPage, offset, signal, left.signal);
      // It may fail while the caller still works on the page before: the failure is told when its turn comes.
      page.catch(() => undefined);
      return page;
    },
    leave: () => left.abort(new UpvestError("The page walk was left")),
  };
}

/** Walks by offset, one page ahead of the caller. */
export async function* walk<Item>(
  fetchPage: FetchPage<Item>,
  { start, signal }: WalkOptions,
): AsyncGenerator<Page<Item>, void, undefined> {
  const pages = fetcher(fetchPage, signal);
  try {
    let offset = start;
    let next: Promise<Page<Item>> | undefined = pages.at(offset);
    while (next !== undefined) {
      const page: Page<Item> = await next;
      // What came counts, not what was asked for: a server may cap the limit.
      offset += page.data.length;
      next = page.data.length > 0 && offset < page.meta.total_count ? pages.at(offset) : undefined;
      if (page.data.length > 0 || page.meta.offset === start) yield page;
    }
  } finally {
    pages.leave();
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
function checked<Item>(page: Page<Item> | null | undefined, offset: number): Page<Item> {
  // Any JSON may have been answered: `null`, `{"meta":null}`.
  const meta: PageMeta | null | undefined = page?.meta;
  if (!Array.isArray(page?.data) || !Number.isInteger(meta?.total_count)) {
    throw new UpvestError("The answer is not a page: meta.total_count or data is missing");
  }
  if (meta?.offset !== offset) {
    throw new UpvestError(`The page asked for at offset ${offset} begins at offset ${meta?.offset}`);
  }
  return page;
}

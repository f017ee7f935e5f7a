import type { CallResult } from "./call-types.js";
import { UpvestError } from "./errors.js";
import { follow } from "./pipeline/abort.js";
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

/** A page that is on its way, or in and waiting for its turn. */
interface Ahead<Item> {
  readonly offset: number;
  readonly page: Promise<Page<Item>>;
  /** How many pages were in when it was asked for. */
  readonly after: number;
}

/**
 * Walks by offset, up to `concurrency` pages ahead of the caller: the first page tells where the others begin. A page that
 * does not fit to the one before was asked for too early: it is asked for again, and fewer are asked for at once from then on.
 */
export async function* walk<Item>(
  fetchPage: FetchPage<Item>,
  { start, signal, concurrency = 1 }: WalkOptions & { readonly concurrency?: number | undefined },
): AsyncGenerator<Page<Item>, void, undefined> {
  let pages = fetcher(fetchPage, signal);
  let ahead: Ahead<Item>[] = [];
  let width = concurrency;
  let size = 0;
  let offset = start;
  let pagesIn = 0;
  let lastTotal = 0;
  const ask = (at: number): Ahead<Item> => ({ offset: at, page: pages.at(at), after: pagesIn });
  const askAgain = (): Ahead<Item> => {
    pages.leave();
    pages = fetcher(fetchPage, signal);
    ahead = [];
    // However often it happens, it ends with one page at a time, and not many more than `concurrency` were asked for in vain.
    width = Math.ceil(width / 2);
    return ask(offset);
  };
  try {
    let next: Ahead<Item> | undefined = ask(offset);
    while (next !== undefined) {
      const page: Page<Item> = await next.page;
      const total = page.meta.total_count;
      // Pages that are out together may be answered in any order: this one may show an older state than the one before it,
      // and an item that came in between would be lost.
      if (next.after < pagesIn && total !== lastTotal) {
        next = askAgain();
        continue;
      }
      // An end that is none. Where the collection has shrunk, this very page knows.
      if (page.data.length === 0 && offset < total) {
        throw new UpvestError(
          `The page at offset ${offset} is empty, though meta.total_count says ${total}: items would be missing`,
        );
      }
      pagesIn += 1;
      lastTotal = total;
      // What came counts, not what was asked for: a server may cap the limit.
      offset += page.data.length;
      const [following] = ahead;
      if (following !== undefined && following.offset !== offset) ahead = [askAgain()];
      else {
        if (following === undefined) size = page.data.length;
        let at = (ahead.at(-1)?.offset ?? offset - size) + size;
        for (; ahead.length < width && at < total; at += size) ahead.push(ask(at));
      }
      if (page.data.length > 0 || page.meta.offset === start) yield page;
      next = ahead.shift();
    }
  } catch (error) {
    throw resumable(error, offset, signal);
  } finally {
    pages.leave();
  }
}

/**
 * What a walk throws: the error with the walk's own `resumeOffset`. On a copy, for other calls and walks may have been ended
 * by the very same one: all that wait for a token share its request, and how that failed. The caller's own abort comes back
 * as it was given.
 */
export function resumable(error: unknown, offset: number, caller: AbortSignal | undefined): unknown {
  if (!(error instanceof UpvestError) || error === caller?.reason) return error;
  // Constructed as an Error, so that runtimes and loggers take it for one; its class has other arguments.
  const copy = Reflect.construct(Error, [], error.constructor) as UpvestError;
  Object.defineProperties(copy, {
    ...Object.getOwnPropertyDescriptors(error),
    // Some engines have it as an accessor that answers for one object only.
    stack: { value: error.stack, configurable: true, writable: true },
  });
  copy.resumeOffset = offset;
  return copy;
}

async function fetchOne<Item>(
  fetchPage: FetchPage<Item>,
  offset: number,
  caller: AbortSignal | undefined,
  left: AbortSignal,
): Promise<Page<Item>> {
  // Linked for one page only, so that a walk that is dropped half-way leaves no listener on the caller's signal.
  const link = timeLimit(caller, undefined);
  const stay = follow(left, () => link.abort(left.reason));
  try {
    const result = await fetchPage(offset, link.signal);
    if (result.error !== undefined) throw result.error;
    return checked(result.data, offset);
  } finally {
    stay();
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

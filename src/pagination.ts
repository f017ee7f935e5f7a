import { shown, UpvestConfigError } from "./errors.js";
import { verifiedWalk } from "./verified-walk.js";
import { resumable, walk, type FetchPage, type Page, type WalkOptions } from "./walk.js";

/**
 * A collection, walked page by page. Iterating yields items; each iteration starts a walk of its own. While the caller
 * works on one page the next is fetched, or the next few; leaving the loop cancels them. An error thrown on the way carries
 * `resumeOffset`: walk again from there to go on.
 */
export interface Pages<Item> extends AsyncIterable<Item> {
  /** The pages themselves, with their `meta`. */
  pages(): AsyncIterableIterator<Page<Item>>;
  /** The items, at most `max` of them. Where it fails, those that had come are lost: `resumeOffset` is where it began. */
  toArray(options: { readonly max: number }): Promise<Item[]>;
}

export interface PaginateOptions extends WalkOptions {
  /** Finds its way through a collection that changes during the walk. */
  readonly verify?: boolean | undefined;
  /** How many pages may be on their way at once, and held beyond the one that the caller works on. Default 1. */
  readonly concurrency?: number | undefined;
}

/** Upvest admits some hundred requests a second; a larger number is a mistake, such as `limit` in the wrong place. */
const MOST_AT_ONCE = 100;

/**
 * @param fetchPage one call, its own retries included
 * @throws UpvestConfigError for a `concurrency` that cannot be, or one that goes with `verify`
 */
export function paginate<Item>(
  fetchPage: FetchPage<Item>,
  { verify = false, ...options }: PaginateOptions,
): Pages<Item> {
  requireConcurrency(options.concurrency, verify);
  const pages = (): AsyncGenerator<Page<Item>, void, undefined> =>
    (verify ? verifiedWalk : walk)(fetchPage, options);
  return {
    pages,
    async *[Symbol.asyncIterator]() {
      for await (const page of pages()) yield* page.data;
    },
    async toArray({ max }) {
      if (!Number.isInteger(max) || max < 0) {
        throw new UpvestConfigError(
          `toArray: max must be a whole number of items, 0 or more; it is ${shown(max)}`,
        );
      }
      const items: Item[] = [];
      if (max === 0) return items;
      try {
        for await (const page of pages()) {
          items.push(...page.data.slice(0, max - items.length));
          if (items.length >= max) break;
        }
      } catch (error) {
        // What had come is lost with it.
        throw resumable(error, options.start, options.signal);
      }
      return items;
    },
  };
}

function requireConcurrency(concurrency: number | undefined, verify: boolean): void {
  if (concurrency === undefined) return;
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MOST_AT_ONCE) {
    throw new UpvestConfigError(
      `concurrency must be a whole number of pages from 1 to ${MOST_AT_ONCE}; it is ${shown(concurrency)}`,
    );
  }
  if (verify && concurrency > 1) {
    throw new UpvestConfigError(
      "concurrency and verify exclude each other: a verified walk must know one page to ask for the next. Leave one of them out.",
    );
  }
}

import { byTime, type Addressed } from "./delivery-events.js";

const OPEN = '{"payload":[';
const CLOSE = "]}";

/** The body of a delivery: a batch of events (Upvest docs, Webhooks handler). */
export function bodyOf(events: readonly Addressed[]): Buffer {
  return Buffer.from(`${OPEN}${events.map(({ text }) => text).join(",")}${CLOSE}`);
}

/**
 * Orders events by `created_at` and divides them into deliveries whose bodies have at most `maxPackageSize` bytes.
 * An event that is larger alone is sent alone (Upvest docs, Webhooks handler).
 */
export function pack<Item extends { readonly event: Addressed }>(
  items: readonly Item[],
  maxPackageSize: number,
): readonly (readonly Item[])[] {
  const packages: Item[][] = [];
  let size = 0;
  for (const item of items.toSorted((a, b) => byTime(a.event, b.event))) {
    const length = Buffer.byteLength(item.event.text);
    // One byte for the comma between two events.
    size += 1 + length;
    if (packages.length === 0 || size > maxPackageSize) {
      packages.push([]);
      size = OPEN.length + length + CLOSE.length;
    }
    packages.at(-1)?.push(item);
  }
  return packages;
}

/**
 * Seconds to wait after the nth failed attempt in a row: 1, 2, 3, 5, 8, 13 and so on, each the sum of the two before
 * it, up to 600. The Upvest docs (Webhooks handler) show the first five and the last; the rest is read into them.
 */
export function retryWait(failures: number): number {
  let [wait, next] = [1, 2];
  for (let step = 1; step < failures && wait < MAX_WAIT; step += 1) [wait, next] = [next, wait + next];
  return Math.min(wait, MAX_WAIT);
}

const MAX_WAIT = 600;

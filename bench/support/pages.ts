/** Pages of accounts as JSON text, made cheaply: the items of a page are the same, its `meta` is true. */
import { account } from "./fixtures.js";

const item = JSON.stringify(account);

/** @param limit as asked for @param total items in the collection */
export function pageText(offset: number, limit: number, total: number): string {
  const count = Math.max(0, Math.min(limit, total - offset));
  return `{"meta":{"offset":${offset},"limit":${limit},"count":${count},"total_count":${total}},"data":[${itemsText(count)}]}`;
}

const texts = new Map<number, string>();

function itemsText(count: number): string {
  let text = texts.get(count);
  if (text === undefined) texts.set(count, (text = Array.from({ length: count }, () => item).join(",")));
  return text;
}

/** The page that an address asks for; `limit` is 100 where it does not say, as in the API. */
export function pageAt(url: string, total: number): string {
  const query = new URLSearchParams(url.slice(url.indexOf("?") + 1));
  return pageText(Number(query.get("offset") ?? 0), Number(query.get("limit") ?? 100), total);
}

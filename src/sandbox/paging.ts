import { createHash } from "node:crypto";
import { isRecord, list, record, text, type Json } from "./json.js";

/** What the description says of the query of an operation that answers in pages. */
export interface Paging {
  readonly limit: number;
  /** The default of `sort`; absent where the operation has no such parameter. */
  readonly sort: string | undefined;
  /** The default of `order`; absent where the operation has no such parameter. */
  readonly order: string | undefined;
}

/** Upvest docs, Pagination: where no `limit` is given, a page holds up to 100 items. */
const DEFAULT_LIMIT = 100;

/** Recognises a paged operation: `offset` and `limit` in the query, `meta` and `data` in the answer. */
export function readPaging(
  parameters: readonly Json[],
  answer: Json,
  resolve: (node: unknown) => Json,
): Paging | undefined {
  const query = new Map(
    parameters.filter((parameter) => parameter["in"] === "query").map((each) => [each["name"], each]),
  );
  /** Several parts of `allOf` may make up a page. */
  const has = (schema: Json, name: string): boolean =>
    isRecord(record(schema["properties"])[name]) ||
    list(schema["allOf"]).some((part) => has(resolve(part), name));
  if (!query.has("offset") || !query.has("limit") || !has(answer, "meta") || !has(answer, "data"))
    return undefined;
  const byDefault = (name: string): unknown => resolve(query.get(name)?.["schema"])["default"];
  const limit = byDefault("limit");
  const order = query.has("order") ? (text(byDefault("order")) ?? "ASC") : undefined;
  return { limit: typeof limit === "number" ? limit : DEFAULT_LIMIT, sort: text(byDefault("sort")), order };
}

/**
 * One page of a made-up collection of `total` items.
 * Item `n` is the same at every call: one of the description's example items, in turn, with an identifier made from the
 * operation and `n`; what is listed below an account says that it is that account's.
 * Without an example item the collection is empty.
 * Items that have no identifier of their own (a position is known by its account) equal the examples.
 */
export function makePage(input: {
  readonly operation: string;
  readonly paging: Paging;
  readonly example: unknown;
  readonly query: URLSearchParams;
  readonly total: number;
  /** The member that tells the items apart, see {@link identifier}. */
  readonly member: string | undefined;
  /** Of the parameters in the path. */
  readonly values?: Readonly<Record<string, string>>;
}): Json {
  const { paging, query } = input;
  const example = record(input.example);
  const page = readPage(paging, query, text(record(example["meta"])["sort"]));
  const { offset, limit, order } = page;
  const items = list(example["data"]);
  const total = items.length === 0 ? 0 : input.total;

  const data: Json[] = [];
  for (let place = offset; place < Math.min(offset + limit, total); place += 1) {
    const index = order === "DESC" ? total - 1 - place : place;
    const item = belonging(record(items[index % items.length]), input.values ?? {});
    data.push(
      input.member === undefined ? item : { ...item, [input.member]: itemId(input.operation, index) },
    );
  }
  return { ...example, meta: metaOf(page, data.length, total), data };
}

/** One page of things that there are. Those that are equal in what they are sorted by stay in their order. */
export function pageOf(input: {
  readonly paging: Paging;
  readonly query: URLSearchParams;
  readonly items: readonly Json[];
}): Json {
  const page = readPage(input.paging, input.query);
  const { offset, limit, sort = "id", order } = page;
  const direction = order === "DESC" ? -1 : 1;
  const sorted = input.items.toSorted((a, b) => direction * compare(String(a[sort]), String(b[sort])));
  const data = sorted.slice(offset, offset + limit);
  return { meta: metaOf(page, data.length, sorted.length), data };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

interface Page {
  readonly offset: number;
  readonly limit: number;
  readonly sort: string | undefined;
  readonly order: string | undefined;
}

function readPage(paging: Paging, query: URLSearchParams, sort?: string): Page {
  return {
    offset: Number(query.get("offset") ?? 0),
    limit: Number(query.get("limit") ?? paging.limit),
    sort: query.get("sort") ?? paging.sort ?? sort,
    order: query.get("order") ?? paging.order,
  };
}

function metaOf({ offset, limit, sort, order }: Page, count: number, total: number): Json {
  const sorting = { ...(sort === undefined ? {} : { sort }), ...(order === undefined ? {} : { order }) };
  return { offset, limit, count, total_count: total, ...sorting };
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The member of an item that tells it from the others: `id`, else the first `..._id` that holds a UUID
 * and is not already fixed by the path.
 */
export function identifier(example: unknown, pathParameters: readonly string[]): string | undefined {
  const item = record(list(record(example)["data"])[0]);
  if (typeof item["id"] === "string") return "id";
  return Object.keys(item).find(
    (name) => name.endsWith("_id") && !pathParameters.includes(name) && UUID.test(text(item[name]) ?? ""),
  );
}

/** The item with the identifiers that the path names. `isin:...` and the like are left out: an item holds them in another form. */
const belonging = (item: Json, values: Readonly<Record<string, string>>): Json => ({
  ...item,
  ...Object.fromEntries(
    Object.entries(values).filter(([name, value]) => UUID.test(value) && UUID.test(text(item[name]) ?? "")),
  ),
});

/** A UUID that is always the same for the same operation and place in the collection. */
export function itemId(operation: string, index: number): string {
  const hex = createHash("sha256").update(`${operation}:${index}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

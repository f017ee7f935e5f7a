import { UpvestConfigError } from "../base-errors.js";
import { refuse } from "./errors.js";

/** Fetch `Headers`, Node's `req.headers`, or pairs of name and value. Names in any case. */
export type DeliveryHeaders =
  | Iterable<readonly [name: string, value: string]>
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** The bytes of the body as they came over the wire, before any decompression or parsing. */
export type RawBody = Uint8Array | ArrayBuffer | string;

/** One webhook request, as it was received. */
export interface Delivery {
  readonly method: string;
  /** The path with its query, as in the request line: `/hooks/upvest?tenant=7`. An absolute URL does as well. */
  readonly path: string;
  readonly headers: DeliveryHeaders;
  /** A string stands for its UTF-8 bytes; bytes are safer. */
  readonly body: RawBody;
}

/** A delivery in the form that is checked. */
export interface Message {
  /** Upper case, as it is signed. */
  readonly method: string;
  readonly path: string;
  /** With its `?`; empty when there is none. A bare `?` counts as none, as with every official signer. */
  readonly query: string;
  /** Lower-case names; values trimmed, those of a repeated header joined by `, ` (RFC 9421 section 2.1). */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

/**
 * A delivery in the form that is checked.
 *
 * @param headers of {@link readHeaders}
 * @param body what the delivery holds for its body, by now no function
 * @throws UpvestConfigError for what is no raw body, such as the object that a JSON parser made of it.
 */
export function readMessage(
  { method, path: target }: Pick<Delivery, "method" | "path">,
  headers: Message["headers"],
  body: unknown,
  limit: number,
): Message {
  // RFC 9112 section 3.2.2: a server accepts the absolute form as well. Only the path and the query are signed.
  const [, path = "", query = ""] = /^(?:[a-z][a-z0-9+.-]*:\/\/[^/?#]*)?([^?]*)(\?.+)?/is.exec(target) ?? [];
  const bytes = rawBytes(body, headers);
  if (bytes.length > limit) refuseTooLarge(limit);
  return {
    method: method.toUpperCase(),
    path: path || "/",
    query,
    headers,
    body: bytes,
  };
}

export const refuseTooLarge = (limit: number): never =>
  refuse("body_too_large", `its body is larger than maxBodySize, ${limit} bytes`);

function rawBytes(body: unknown, headers: ReadonlyMap<string, string>): Uint8Array {
  if (typeof body === "string") return new TextEncoder().encode(body);
  // Not `instanceof`: test runners and other realms have classes of their own by these names.
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  if (Object.prototype.toString.call(body) === "[object ArrayBuffer]")
    return new Uint8Array(body as ArrayBuffer);
  // A framework gives nothing for a request that had no body. One that had was read by somebody.
  const announced = Number(headers.get("content-length") ?? 0) > 0 || headers.has("transfer-encoding");
  if ((body === null || body === undefined) && !announced) return new Uint8Array();
  throw parsedError(
    `is ${body === null || body === undefined ? "missing" : `of type ${typeof body}, so it was parsed already`}`,
  );
}

/** What to do when a framework got at the body first. */
export const parsedError = (found: string): UpvestConfigError =>
  new UpvestConfigError(
    `The body of the delivery ${found}. The signature covers the bytes as they were sent: keep body parsers away from ` +
      'this route (Express: put express.raw({ type: () => true, inflate: false, limit: "5mb" }) there, before express.json()).',
  );

/** The headers in the form that is checked. */
export function readHeaders(given: DeliveryHeaders): Message["headers"] {
  const headers = new Map<string, string>();
  for (const [name, values] of isIterable(given) ? given : Object.entries(given)) {
    const key = name.toLowerCase();
    for (const value of typeof values === "string" ? [values] : (values ?? [])) {
      const before = headers.get(key);
      // White space of any other kind stays, and fails the signature.
      const trimmed = value === value.trim() ? value : value.replace(/^[ \t]+|[ \t]+$/g, "");
      headers.set(key, before === undefined ? trimmed : `${before}, ${trimmed}`);
    }
  }
  return headers;
}

const isIterable = (given: DeliveryHeaders): given is Iterable<readonly [string, string]> =>
  Symbol.iterator in given;

import { backoff } from "../pipeline/backoff.js";
import { sleep } from "../pipeline/time-limit.js";
import { UpvestDownloadError } from "./errors.js";
import { askForLink, type Link } from "./link.js";
import type { Order } from "./options.js";
import { fromStorage } from "./storage.js";

const mayPass = (error: unknown): boolean =>
  error instanceof UpvestDownloadError && (error.reason === "storage" || error.reason === "connection");

/**
 * The bytes of a file from `from` to its end, however often the connection is lost on the way: a link works once, so each
 * time a new one is asked for, and the storage for what is missing. One that knows no ranges sends all; what was had is
 * passed over, if it is of the same version.
 *
 * @param link the first one
 * @throws UpvestDownloadError, with `changed` where the file becomes another one on the way; UpvestApiError when the API
 *   refuses another link; the signal's reason where it aborts
 */
export async function* bytesOf(
  order: Order,
  link: Link,
  from: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { name, retry, signal } = order;
  const { total, checksum } = link;
  let position = from;
  let etag: string | undefined;
  let next: Link | undefined = link;
  let failures = 0;
  while (position < total) {
    const began = position;
    try {
      const { url, ...now }: Link = next ?? (await askForLink(order));
      next = undefined;
      if (now.total !== total || now.checksum !== checksum) {
        throw new UpvestDownloadError("changed", `${name} became another file while it was downloaded`);
      }
      const piece = await fromStorage(order, url, { from: position, etag });
      try {
        // RFC 9110 section 13.1.5: another version comes as a whole, and without an etag none can be told from another.
        // Where there is a checksum, that will tell.
        const isSame = etag === undefined ? checksum !== undefined : piece.etag === etag;
        if (position > 0 && !isSame) {
          throw new UpvestDownloadError(
            "changed",
            `${name}: after ${position} bytes the connection was lost, and what the storage sent then is another version or may be one`,
          );
        }
        ({ etag } = piece);
        let passOver = position - piece.from;
        for await (const bytes of piece.body) {
          const fresh = bytes.subarray(Math.min(passOver, bytes.length));
          passOver -= bytes.length - fresh.length;
          position += fresh.length;
          if (position > total) {
            throw new UpvestDownloadError("size", `${name}: more came than its ${total} bytes`);
          }
          if (fresh.length > 0) yield fresh;
        }
      } finally {
        piece.end();
      }
      if (position < total) {
        const short = position === piece.whole;
        throw new UpvestDownloadError(
          short ? "size" : "connection",
          short
            ? `${name}: the storage has ${position} bytes of it, and its metadata say ${total}`
            : `${name}: the answer ended after ${position} of ${total} bytes`,
        );
      }
    } catch (error) {
      if (!mayPass(error)) throw error;
      failures = position > began ? 1 : failures + 1;
      if (failures >= retry.maxAttempts) throw error;
      await sleep(backoff(failures, retry, Math.random()), signal);
    }
  }
}

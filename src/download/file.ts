import type { UpvestClient } from "../client.js";
import { bytesOf } from "./bytes.js";
import { checkTarget, fileSystem, openPart, type Fs, type Part } from "./disk.js";
import { UpvestDownloadError } from "./errors.js";
import { createHash } from "./hash.js";
import { askForLink, type FileMetadata, type Link } from "./link.js";
import { verify } from "./open.js";
import { orderOf, type DownloadOptions, type FileName, type Order } from "./options.js";

/** A file that was downloaded. */
export interface DownloadedFile {
  readonly path: string;
  readonly metadata: FileMetadata;
  /** Bytes of the whole. */
  readonly bytes: number;
  /** Those of them that an earlier download had left. */
  readonly resumed: number;
  /** SHA-256, in hex, of what was written; the metadata's own, where it has one. */
  readonly checksum: string;
}

/** A file that changes while it is downloaded is begun anew so often. */
const MOST_STARTS = 3;

/**
 * Downloads a file of `GET /files/{folder}/{file_name}`. It grows in a file of its own beside `to`
 * (`NAME.CHECKSUM.part`), is checked against size and checksum of the metadata, written out to the disk, and only then
 * given its name, in one step, in place of whatever had it. Mode 600. Where it fails, what has come stays in the part
 * file, and the next download of the same contents goes on from there. One at a time for each `to`.
 *
 * @param to the path of the new file; its directory must exist
 * @throws UpvestDownloadError with its `reason`; UpvestApiError when the API refuses; the signal's reason
 */
export const downloadFile = async (
  client: UpvestClient,
  file: FileName,
  to: string,
  options: DownloadOptions = {},
): Promise<DownloadedFile> => downloadThrough(fileSystem(), orderOf(client, file, options), to);

/** As `downloadFile`, through a given file system. */
export async function downloadThrough(fs: Fs, order: Order, to: string): Promise<DownloadedFile> {
  await checkTarget(fs, to);
  for (let start = 1; ; start += 1) {
    const link = await askForLink(order);
    const part = await openPart(fs, to, partOf(to, link), link.checksum === undefined ? 0 : link.total);
    try {
      const checksum = await fill(part, order, link);
      await part.finish();
      const { metadata, total } = link;
      return { path: to, metadata, bytes: total, resumed: part.size, checksum };
    } catch (error) {
      const reason = error instanceof UpvestDownloadError ? error.reason : undefined;
      const spoilt = reason === "changed" || reason === "checksum" || reason === "size";
      await (spoilt ? part.remove() : part.leave());
      // What was left over may have been damaged: that is no verdict on the file.
      const again = reason === "changed" || (spoilt && part.size > 0);
      if (!again || start === MOST_STARTS) throw error;
    }
  }
}

/** Other contents, another name: what is left over is never continued with bytes of something else. */
const partOf = (to: string, { checksum }: Link): string =>
  checksum === undefined ? `${to}.part` : `${to}.${checksum.slice(0, 12)}.part`;

async function fill(part: Part, order: Order, link: Link): Promise<string> {
  const { total } = link;
  const hash = createHash();
  for await (const bytes of part.read()) await hash.update(bytes);
  let bytes = part.size;
  if (bytes > 0) order.onProgress({ bytes, total });
  for await (const piece of bytesOf(order, link, bytes)) {
    await hash.update(piece);
    await part.add(piece);
    bytes += piece.length;
    order.onProgress({ bytes, total });
  }
  const checksum = await hash.end();
  verify(link, checksum, order.name);
  return checksum;
}

import type { UpvestClient } from "../client.js";
import { bytesOf } from "./bytes.js";
import { absolute, checkTarget, fileSystem, openPart, type Fs, type Part } from "./disk.js";
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
 * (`NAME.CHECKSUM.ID.part`), is checked against size and checksum of the metadata, written out to the disk, and only then
 * given its name, in one step, in place of whatever had it. Mode 600. Where it fails, what has come stays in
 * `NAME.CHECKSUM.part`, and the next download of the same contents goes on from there. One at a time for each `to` in a
 * process: another is refused. Several processes may do the same; each of them writes a whole file.
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

/** Targets of downloads that are under way in this process. */
const underWay = new Set<string>();

/** As `downloadFile`, through a given file system. */
export async function downloadThrough(fs: Fs, order: Order, to: string): Promise<DownloadedFile> {
  await checkTarget(fs, to);
  const target = absolute(to);
  if (underWay.has(target)) {
    throw new UpvestDownloadError(
      "disk",
      `cannot write ${to}: another download to it is under way in this process`,
    );
  }
  underWay.add(target);
  try {
    return await begin(fs, order, to);
  } finally {
    underWay.delete(target);
  }
}

async function begin(fs: Fs, order: Order, to: string): Promise<DownloadedFile> {
  let trusted = true;
  for (let start = 1; ; start += 1) {
    const link = await askForLink(order);
    const part = await openPart(fs, to, keptAs(to, link), trusted ? link.total : 0);
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
      trusted &&= reason === "changed";
    }
  }
}

/** Other contents, another name: what is left over is never continued with bytes of something else. */
const keptAs = (to: string, { checksum }: Link): string | undefined =>
  checksum === undefined ? undefined : `${to}.${checksum.slice(0, 12)}.part`;

async function fill(part: Part, order: Order, link: Link): Promise<string> {
  const { total } = link;
  const hash = createHash();
  for await (const bytes of part.read()) await hash.update(bytes);
  let bytes = part.size;
  if (bytes > 0) await order.onProgress({ bytes, total });
  for await (const piece of bytesOf(order, link, bytes)) {
    await hash.update(piece);
    await part.add(piece);
    bytes += piece.length;
    await order.onProgress({ bytes, total });
  }
  const checksum = await hash.end();
  verify(link, checksum, order.name);
  return checksum;
}

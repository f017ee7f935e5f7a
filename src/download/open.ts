import type { UpvestClient } from "../client.js";
import { timeLimit } from "../pipeline/time-limit.js";
import { bytesOf } from "./bytes.js";
import { UpvestDownloadError } from "./errors.js";
import { createHash } from "./hash.js";
import { askForLink, type FileMetadata, type Link } from "./link.js";
import { orderOf, type DownloadOptions, type FileName } from "./options.js";

/** A file on its way. */
export interface OpenedFile {
  readonly metadata: FileMetadata;
  /**
   * Its bytes. Lost connections are taken up again. It ends well only if size and checksum are those of the metadata, and
   * else with an error, an UpvestDownloadError as a rule: take what was read for nothing until then.
   */
  readonly body: ReadableStream<Uint8Array>;
}

/**
 * Opens a file of `GET /files/{folder}/{file_name}` as a web stream, which needs no file system.
 *
 * @throws UpvestApiError when the API refuses; UpvestDownloadError where no download can come of its answer
 */
export async function openFile(
  client: UpvestClient,
  file: FileName,
  options: DownloadOptions = {},
): Promise<OpenedFile> {
  const order = orderOf(client, file, options);
  const link = await askForLink(order);
  const hash = createHash();
  let stop: ((reason: unknown) => void) | undefined;
  /** Nothing of it exists before somebody reads, nor after the end: a body that nobody wants follows no signal. */
  async function* following(): AsyncGenerator<Uint8Array, void, undefined> {
    const limit = timeLimit(order.signal, undefined);
    stop = limit.abort;
    try {
      yield* bytesOf({ ...order, signal: limit.signal }, link, 0);
    } finally {
      limit.end();
    }
  }
  const source = following();
  let bytes = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await source.next();
          if (done === true) {
            verify(link, await hash.end(), order.name);
            controller.close();
            return;
          }
          await hash.update(value);
          bytes += value.length;
          controller.enqueue(value);
          await order.onProgress({ bytes, total: link.total });
        } catch (error) {
          await source.return();
          throw error;
        }
      },
      async cancel(reason) {
        // Else it would wait until the storage sends something.
        stop?.(reason);
        await source.return();
      },
    },
    // Nothing is fetched before somebody reads.
    { highWaterMark: 0 },
  );
  return { metadata: link.metadata, body };
}

/** @throws UpvestDownloadError where the metadata has another checksum */
export function verify({ checksum }: Link, came: string, name: string): void {
  if (checksum === undefined || checksum === came) return;
  throw new UpvestDownloadError(
    "checksum",
    `${name} came with the checksum ${came}, and its metadata says ${checksum}: it was changed or damaged on the way`,
  );
}

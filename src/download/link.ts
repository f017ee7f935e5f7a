import type { FilesMetadata } from "../../generated/models.js";
import { UpvestDownloadError } from "./errors.js";
import type { Order } from "./options.js";

/** What the API tells of a file, but for the link to it: that is a secret. */
export type FileMetadata = Omit<FilesMetadata, "signed_url">;

/** Where a file is to be had once, for some minutes. */
export interface Link {
  readonly metadata: FileMetadata;
  /** A secret. */
  readonly url: URL;
  /** Bytes. */
  readonly total: number;
  /** SHA-256 in lower-case hex; undefined where the metadata has none. */
  readonly checksum: string | undefined;
}

/**
 * Asks the API for the metadata of a file, and with it for a link.
 *
 * @throws UpvestApiError when the API refuses; UpvestDownloadError where no download can come of its answer
 */
export async function askForLink({ client, file, name, signal }: Order): Promise<Link> {
  const { data, error } = await client.GET("/files/{folder}/{file_name}", {
    params: { path: file },
    ...(signal && { signal }),
  });
  if (error !== undefined) throw error;
  const { signed_url: signedUrl, ...metadata }: Partial<FilesMetadata> = data ?? {};
  const { content_length: total, checksum } = metadata;
  const unusable = (what: string): Error =>
    new UpvestDownloadError("metadata", `The metadata of ${name} is of no use: ${what}`);
  if (typeof signedUrl !== "string" || !URL.canParse(signedUrl))
    throw unusable("its signed_url is not a URL");
  if (total === undefined || !Number.isSafeInteger(total) || total < 0) {
    throw unusable(`its content_length should be a number of bytes and is ${JSON.stringify(total)}`);
  }
  // 64 hex digits: the length of SHA-256. Upvest's docs show such a value and do not name the hash.
  if (checksum !== undefined && !/^[0-9a-f]{64}$/i.test(checksum)) {
    throw unusable("its checksum is not a SHA-256 in hex");
  }
  const url = new URL(signedUrl);
  return { metadata: metadata as FileMetadata, url, total, checksum: checksum?.toLowerCase() };
}

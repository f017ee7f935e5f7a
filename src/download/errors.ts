import { mark, UpvestError } from "../base-errors.js";

/**
 * - `metadata`: what the API tells of the file is of no use (no link, no size)
 * - `address`: the link, or a redirect of the storage, leads where it must not be followed
 * - `storage`: the storage refused, every time it was asked
 * - `connection`: the storage could not be reached, fell silent, or cut its answer short, every time it was asked
 * - `changed`: the file became another one half-way, or may have (the storage names no versions and there is no checksum)
 * - `size`, `checksum`: what came is not what the metadata says
 * - `answer`: a report was answered that is no PDF
 * - `disk`: it could not be written
 */
export type DownloadFailure =
  | "metadata"
  | "address"
  | "storage"
  | "connection"
  | "changed"
  | "size"
  | "checksum"
  | "answer"
  | "disk";

/** A download did not end well. There is no file under the name it was to get. Never holds the signed URL. */
export class UpvestDownloadError extends UpvestError {
  readonly reason: DownloadFailure;
  /** HTTP status of the storage, where it refused. */
  declare readonly status?: number;
  /** The system's word for it (`ENOSPC`, `ECONNRESET`), where it gave one. */
  declare readonly code?: string;

  constructor(
    reason: DownloadFailure,
    message: string,
    facts: { readonly status?: number | undefined; readonly code?: string | undefined } = {},
  ) {
    super(message);
    this.reason = reason;
    if (facts.status !== undefined) this.status = facts.status;
    if (facts.code !== undefined) this.code = facts.code;
  }
}
mark(UpvestDownloadError, "UpvestDownloadError");

/** The code of the innermost cause that has one. Messages are left alone: a runtime may put the URL into them. */
export function codeOf(error: unknown): string | undefined {
  let code: string | undefined;
  for (let current = error; current instanceof Error; current = current.cause) {
    if ("code" in current && typeof current.code === "string") code = current.code;
  }
  return code;
}

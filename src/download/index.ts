/**
 * Files and reports: as a stream, or on the disk. Read on in the order of a download: file.ts or open.ts, link.ts (the
 * API), bytes.ts (what is missing, however often the connection is lost), storage.ts (one request), disk.ts.
 */
export { UpvestDownloadError, type DownloadFailure } from "./errors.js";
export { downloadFile, type DownloadedFile } from "./file.js";
export type { FileMetadata } from "./link.js";
export { openFile, type OpenedFile } from "./open.js";
export type { DownloadOptions, FileName } from "./options.js";
export { downloadReport, type DownloadedReport } from "./report.js";

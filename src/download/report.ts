import type { UpvestClient } from "../client.js";
import { checkTarget, fileSystem, openPart } from "./disk.js";
import { UpvestDownloadError } from "./errors.js";

/** A report that was downloaded. */
export interface DownloadedReport {
  readonly path: string;
  readonly bytes: number;
}

/**
 * Downloads a report as PDF: `GET /reports/{report_id}` with `accept: application/pdf`. Written beside `to` and given its
 * name when it is whole and on the disk, in place of whatever had it. Mode 600.
 *
 * @param to the path of the new file; its directory must exist
 * @throws UpvestDownloadError (`answer`) for an answer that is no PDF, (`disk`); UpvestApiError when the API refuses
 */
export async function downloadReport(
  client: UpvestClient,
  reportId: string,
  to: string,
  options: { readonly signal?: AbortSignal; readonly timeout?: number } = {},
): Promise<DownloadedReport> {
  const fs = fileSystem();
  await checkTarget(fs, to);
  const { data, error, response } = await client.GET("/reports/{report_id}", {
    params: { path: { report_id: reportId }, header: { accept: "application/pdf" } },
    parseAs: "arrayBuffer",
    ...options,
  });
  if (error !== undefined) throw error;
  const bytes = new Uint8Array(data);
  const type = response.headers.get("content-type");
  // ISO 32000-2, section 7.5.2: a PDF begins so.
  const magic = String.fromCharCode(...bytes.subarray(0, 5));
  if (type?.split(";")[0] !== "application/pdf" || magic !== "%PDF-") {
    throw new UpvestDownloadError(
      "answer",
      `the report ${reportId} should have come as application/pdf and came as ${type ?? "nothing that is named"}`,
    );
  }
  const part = await openPart(fs, to, undefined, 0);
  try {
    await part.add(bytes);
    await part.finish();
  } catch (failure) {
    await part.remove();
    throw failure;
  }
  return { path: to, bytes: bytes.length };
}

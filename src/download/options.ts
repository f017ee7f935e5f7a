import { UpvestConfigError } from "../base-errors.js";
import { requireMembers } from "../plain-object.js";
import type { UpvestClient } from "../client.js";
import { milliseconds, resolveRetry } from "../options.js";
import type { RetryOptions } from "../pipeline/request.js";

/** A file is known by its folder and its name, as in `GET /files/{folder}/{file_name}`. */
export interface FileName {
  readonly folder: string;
  readonly file_name: string;
}

/** How a file is downloaded. */
export interface DownloadOptions {
  /** Ends the download with the signal's reason. */
  readonly signal?: AbortSignal;
  /** ms that the storage may take to send the next bytes. Default 30,000. */
  readonly timeout?: number;
  /** How often in a row the storage may fail without sending a byte, and the waits between (ms). Default 4 times, 0.5 to 8 s. */
  readonly retry?: Partial<Pick<RetryOptions, "maxAttempts" | "baseDelay" | "maxDelay">>;
  /** Told after each piece; what it throws, or rejects with, ends the download. `bytes` have come, those of an earlier attempt included, of `total`. */
  readonly onProgress?: (progress: { readonly bytes: number; readonly total: number }) => void;
  /** For the storage only; the API is asked through the client. Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch;
}

/** One download: whom to ask for what, and how patiently. */
export interface Order {
  readonly client: UpvestClient;
  readonly file: FileName;
  /** For messages. */
  readonly name: string;
  readonly signal: AbortSignal | undefined;
  readonly timeout: number;
  readonly retry: RetryOptions;
  /** Waited for: an async function fits the type, and its rejection would end the process. */
  readonly onProgress: (...told: Parameters<NonNullable<DownloadOptions["onProgress"]>>) => unknown;
  readonly fetch: typeof globalThis.fetch;
}

const known = new Set(["signal", "timeout", "retry", "onProgress", "fetch"]);

/** @throws UpvestConfigError naming the option that cannot work */
export function orderOf(client: UpvestClient, file: FileName, options: DownloadOptions): Order {
  const { folder, file_name } = file ?? {};
  if (typeof folder !== "string" || typeof file_name !== "string") {
    throw new UpvestConfigError("file must be { folder, file_name }, both of them strings");
  }
  requireMembers("the options object of the download", options, known);
  return {
    client,
    file: { folder, file_name },
    name: `${folder}/${file_name}`,
    signal: options.signal,
    timeout: milliseconds("timeout", options.timeout) ?? 30_000,
    retry: resolveRetry(options.retry, {
      maxAttempts: 4,
      baseDelay: 500,
      maxDelay: 8_000,
      maxRetryAfter: 60_000,
    }),
    onProgress: options.onProgress ?? (() => undefined),
    fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
  };
}

import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createUpvestClient, type UpvestClient } from "upvest-client";
import type { DownloadOptions } from "upvest-client/download";
import { json, startApi, type TestApi } from "../support/api.js";

export const name = { folder: "booking_references", file_name: "list.txt" };

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Bytes of which none looks like its neighbour. */
export const someBytes = (length: number, seed = 1): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8) * 7 + seed) % 251));

/** A request that reached the storage. */
export interface Asked {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Storage {
  readonly url: string;
  readonly asked: Asked[];
}

/** How the storage answers its nth request (from 0). */
export type Answering = (asked: Asked, response: ServerResponse, nth: number) => void;

export async function startStorage(answer: Answering): Promise<Storage> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const one = { url: request.url ?? "", headers: request.headers };
    asked.push(one);
    answer(one, response, asked.length - 1);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** Sends the whole, or what a range asks for where `ranges` says so; `cut` after so many bytes of it. */
export function sendBytes(
  { headers }: Asked,
  response: ServerResponse,
  bytes: Uint8Array,
  { cut, ranges = true, etag = '"v1"' }: { cut?: number; ranges?: boolean; etag?: string } = {},
): void {
  const [, first] = /^bytes=(\d+)-$/.exec(headers.range ?? "") ?? [];
  const fits = headers["if-range"] === undefined || headers["if-range"] === etag;
  const from = ranges && fits && first !== undefined ? Number(first) : 0;
  const body = bytes.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, {
    etag,
    "content-length": body.length,
    ...(from > 0 && { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
  });
  if (cut === undefined) response.end(body);
  else response.write(body.subarray(0, cut), () => response.destroy());
}

export interface Setting {
  readonly api: TestApi;
  readonly client: UpvestClient;
  readonly storage: Storage;
  /** A directory that is gone after the test. */
  readonly directory: string;
  /** In that directory. */
  readonly to: string;
  readonly options: DownloadOptions;
}

/** An API whose metadata lead to a storage that answers as told. A link is another one each time. */
export async function setUp(answer: Answering, metadata: (nth: number) => object): Promise<Setting> {
  const storage = await startStorage(answer);
  const api = await startApi((_, nth) =>
    json({
      id: "d588e071-6e02-4ae6-a2b6-a5f08499633b",
      created_at: "2024-03-04T08:24:18Z",
      updated_at: "2024-03-04T08:24:18Z",
      file_name: name.file_name,
      signed_url: `${storage.url}/bucket/list.txt?signature=canary-link-${nth + 1}`,
      ...metadata(nth),
    }),
  );
  const directory = await mkdtemp(join(tmpdir(), "upvest-download-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return {
    api,
    client: createUpvestClient(api.options),
    storage,
    directory,
    to: join(directory, "list.txt"),
    options: { retry: { baseDelay: 0 } },
  };
}

export const metadataOf = (bytes: Uint8Array) => ({
  content_length: bytes.length,
  checksum: sha256(bytes),
});

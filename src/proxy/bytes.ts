import type { ServerResponse } from "node:http";

/** All of a body; undefined where it has more than `most` bytes. */
export async function readBytes(
  body: AsyncIterable<unknown>,
  most: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) continue;
    size += chunk.length;
    if (size > most) return undefined;
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** Bytes of an answer that are kept for the page. */
const MAX_KEPT = 16 * 1024;

/** Hands a body on as it comes, no faster than it is taken; keeps its beginning. */
export async function pass(
  body: AsyncIterable<Uint8Array>,
  response: ServerResponse,
): Promise<{ readonly beginning: Uint8Array; readonly size: number }> {
  const kept: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    if (size < MAX_KEPT) kept.push(chunk.subarray(0, MAX_KEPT - size));
    size += chunk.byteLength;
    if (response.destroyed) break;
    if (!response.write(chunk)) {
      await new Promise<void>((resolve) => {
        const go = (): void => {
          response.off("drain", go).off("close", go);
          resolve();
        };
        response.on("drain", go).on("close", go);
      });
    }
  }
  response.end();
  return { beginning: Buffer.concat(kept), size };
}

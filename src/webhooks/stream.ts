import { UpvestConfigError } from "../base-errors.js";
import { parsedError, refuseTooLarge } from "./message.js";

/** The bytes of a Request's body, read only as far as the limit allows. */
export async function readRequestBody(
  { bodyUsed, body, headers }: Request,
  limit: number,
): Promise<Uint8Array> {
  if (bodyUsed) throw parsedError("was read before");
  if (!body) return new Uint8Array();
  const reader = body.getReader();
  try {
    return await collect(() => reader.read(), headers.get("content-length"), limit);
  } catch (error) {
    // Nobody is left to hear of a failure to stop.
    reader.cancel().catch(() => undefined);
    throw error;
  }
}

/**
 * Joins chunks until there are no more. Past the limit it refuses; by the announced length, before it reads any.
 *
 * Chunks are copied as they come and not kept: of a body in chunks of one byte each that would take 200 times its size.
 *
 * @param next One chunk after the other, as a stream's iterator gives them.
 */
export async function collect(
  next: () => Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>,
  announced: unknown,
  limit: number,
): Promise<Uint8Array> {
  if (Number(announced) > limit) refuseTooLarge(limit);
  let bytes = new Uint8Array();
  let size = 0;
  for (let part; !(part = await next()).done;) {
    const { value } = part;
    if (!isBytes(value)) {
      throw new UpvestConfigError(
        "The request gives its body as text (setEncoding was called), which loses bytes that are no UTF-8. Remove the call.",
      );
    }
    const end = size + value.byteLength;
    if (end > limit) refuseTooLarge(limit);
    if (end > bytes.byteLength) {
      const larger = new Uint8Array(Math.min(limit, Math.max(end, 2 * bytes.byteLength)));
      larger.set(bytes);
      bytes = larger;
    }
    bytes.set(value, size);
    size = end;
  }
  return bytes.subarray(0, size);
}

export const isBytes = (value: unknown): value is Uint8Array => ArrayBuffer.isView(value);

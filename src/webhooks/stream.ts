import { UpvestConfigError } from "../base-errors.js";
import { parsedAdvice, refuseTooLarge } from "./message.js";

/** The bytes of a Request's body, read only as far as the limit allows. */
export async function readRequestBody(request: Request, limit: number): Promise<Uint8Array> {
  if (request.bodyUsed)
    throw new UpvestConfigError(`The body of this Request was read before. ${parsedAdvice}`);
  const { body } = request;
  if (body === null) return new Uint8Array();
  requireLength(request.headers.get("content-length"), limit);
  const reader = body.getReader();
  return collect(
    async () => {
      const { done, value } = await reader.read();
      return done ? undefined : value;
    },
    limit,
    () => reader.cancel(),
  );
}

/** Refuses a body by its announced length, before a byte of it is read. */
export function requireLength(announced: string | null | undefined, limit: number): void {
  if (announced !== null && announced !== undefined && Number(announced) > limit) refuseTooLarge(limit);
}

/** Joins chunks until there are no more; past the limit it stops reading and refuses. */
export async function collect(
  next: () => Promise<Uint8Array | undefined>,
  limit: number,
  stop: () => Promise<unknown> = async () => undefined,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let chunk = await next(); chunk; chunk = await next()) {
    size += chunk.length;
    if (size > limit) {
      // Nobody is left to hear of a failure to stop.
      void stop().catch(() => undefined);
      refuseTooLarge(limit);
    }
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

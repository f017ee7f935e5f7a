/**
 * Chunks of a body as one; the only chunk itself, where there is but one.
 *
 * @param size of all chunks, bytes
 */
export function joined<Bytes extends Uint8Array>(
  chunks: readonly Bytes[],
  size: number,
): Bytes | Uint8Array<ArrayBuffer> {
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1) return first;
  const bytes = new Uint8Array(size);
  let end = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, end);
    end += chunk.byteLength;
  }
  return bytes;
}

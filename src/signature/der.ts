/** One ASN.1 element in DER: its tag byte and its content. */
export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
}

export const tags = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  context0: 0xa0,
  context1: 0xa1,
} as const;

/**
 * The elements that lie end to end in these bytes, or `undefined` when the bytes are not strict DER: a length that is
 * indefinite, longer than it need be or past the end. Lengths above 64 KiB do not occur in keys or signatures.
 */
export function derElements(bytes: Uint8Array): readonly DerElement[] | undefined {
  const elements: DerElement[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at] ?? 0;
    const first = bytes[at + 1];
    if (first === undefined || first > 0x82 || first === 0x80) return undefined;
    const extra = first < 0x80 ? 0 : first - 0x80;
    const start = at + 2 + extra;
    let length = extra === 0 ? first : 0;
    for (const byte of bytes.subarray(at + 2, start)) length = length * 256 + byte;
    if (extra > 0 && length < (extra === 1 ? 0x80 : 0x100)) return undefined;
    if (start + length > bytes.length) return undefined;
    elements.push({ tag, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return elements;
}

/** The elements inside the one SEQUENCE that these bytes are, or `undefined`. */
export function derSequence(bytes: Uint8Array): readonly DerElement[] | undefined {
  const outer = derElements(bytes);
  const [element] = outer ?? [];
  return outer?.length === 1 && element?.tag === tags.sequence ? derElements(element.content) : undefined;
}

/** One element with this tag around the given contents. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = contents.reduce((sum, content) => sum + content.length, 0);
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  const bytes = new Uint8Array(1 + size.length + length);
  bytes[0] = tag;
  bytes.set(size, 1);
  let at = 1 + size.length;
  for (const content of contents) {
    bytes.set(content, at);
    at += content.length;
  }
  return bytes;
}

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export const fromHex = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** The bytes with zeros in front up to `length`; leading zeros beyond it are dropped. `undefined` when they do not fit. */
export function padStart(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> | undefined {
  const excess = Math.max(0, bytes.length - length);
  if (bytes.subarray(0, excess).some((byte) => byte !== 0)) return undefined;
  const padded = new Uint8Array(length);
  padded.set(bytes.subarray(excess), length - (bytes.length - excess));
  return padded;
}

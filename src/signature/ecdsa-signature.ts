import { der, tags } from "./der.js";

// 521 bits fill 66 bytes, with seven bits of the first one always zero.
const half = 66;

/**
 * A raw P-521 signature (r and s, 66 bytes each, as WebCrypto gives it) as ASN.1 DER, which Upvest wants
 * (Upvest docs, "HTTP signature signing algorithms").
 */
export function ecdsaToDer(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  if (raw.length !== 2 * half) {
    throw new TypeError(`a raw P-521 signature has ${2 * half} bytes, got ${raw.length}`);
  }
  return der(tags.sequence, integer(raw.subarray(0, half)), integer(raw.subarray(half)));
}

/**
 * A P-521 signature, DER or raw, as raw r and s; `undefined` when it is neither. Only strict DER counts, so that one
 * signature has one encoding. The two forms cannot be confused: DER starts with 0x30, raw with 0x00 or 0x01.
 */
export function ecdsaToRaw(signature: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  if (signature.length === 2 * half && (signature[0] ?? 0) <= 1) return new Uint8Array(signature);
  const [outer, first = 0, second = 0] = signature;
  // Lengths from 128 on take a second byte, and only those.
  const long = first === 0x81 && second >= 0x80;
  const start = long ? 3 : 2;
  const length = long ? second : first;
  if (outer !== tags.sequence || (!long && length >= 0x80) || start + length !== signature.length)
    return undefined;
  const raw = new Uint8Array(2 * half);
  let at = start;
  for (const end of [half, 2 * half]) {
    const size = signature[at + 1] ?? 0;
    const digits = signature.subarray(at + 2, at + 2 + size);
    // Integers have a sign: none here is negative, and a zero in front is there only if the next bit would be one.
    const [high = 0x80, next = 0x80] = digits;
    const minimal = high < 0x80 && (high > 0 || size === 1 || next >= 0x80);
    if (signature[at] !== tags.integer || size > half || digits.length !== size || !minimal) return undefined;
    raw.set(digits, end - size);
    at += 2 + size;
  }
  return at === signature.length ? raw : undefined;
}

function integer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = bytes.subarray(first === -1 ? bytes.length - 1 : first);
  // DER integers have a sign: a leading one bit needs a zero byte in front to stay positive.
  return (digits[0] ?? 0) >= 0x80 ? der(tags.integer, new Uint8Array(1), digits) : der(tags.integer, digits);
}

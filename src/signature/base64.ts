const standard = /^[A-Za-z0-9+/]*={0,2}$/;
const urlSafe = /^[A-Za-z0-9_-]*$/;

/** Base64 with the alphabet `+/` and padding (RFC 4648 section 4), the form Upvest asks for everywhere. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = "";
  // Many at a time, as far as an engine takes arguments.
  for (let at = 0; at < bytes.length; at += 4096) {
    binary += Reflect.apply(String.fromCharCode, undefined, bytes.subarray(at, at + 4096));
  }
  return btoa(binary);
}

/** The bytes of padded base64, or `undefined` when the text is anything else, white space included. */
export const decodeBase64 = (text: string): Uint8Array<ArrayBuffer> | undefined =>
  text.length % 4 === 0 && standard.test(text) ? bytesOf(text) : undefined;

/** The bytes of base64url without padding (RFC 7515 section 2), or `undefined` when the text is anything else. */
export const decodeBase64Url = (text: string): Uint8Array<ArrayBuffer> | undefined =>
  urlSafe.test(text) && text.length % 4 !== 1
    ? bytesOf(text.replaceAll("-", "+").replaceAll("_", "/"))
    : undefined;

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

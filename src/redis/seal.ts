import { UpvestConfigError } from "../base-errors.js";
import { decodeBase64, encodeBase64 } from "../signature/base64.js";

/** Closes texts so that only holders of the key can read them, and only in the place they were closed for. */
export interface Seal {
  close(text: string, place: string): Promise<string>;
  /** @returns undefined where it was closed with another key, for another place, or was changed */
  open(sealed: string, place: string): Promise<string | undefined>;
}

const VERSION = "v1:";

/** Of the initialisation vector, bytes (NIST SP 800-38D section 8.2.2: 96 bits at random). */
const IV_LENGTH = 12;

const algorithm = (iv: Uint8Array<ArrayBuffer>, place: string): AesGcmParams => ({
  name: "AES-GCM",
  iv,
  additionalData: new TextEncoder().encode(place),
});

/**
 * AES-256-GCM by WebCrypto. Each text has a fresh initialisation vector in front; the place is bound in as additional
 * data, so that an entry copied to another key of the store does not open there.
 *
 * @throws UpvestConfigError for a key that is not 32 bytes; its message never holds any of them
 */
export function createSeal(encryptionKey: Uint8Array | string): Seal {
  const key = crypto.subtle.importKey("raw", keyBytes(encryptionKey), "AES-GCM", false, [
    "encrypt",
    "decrypt",
  ]);
  // Told where it is used.
  key.catch(() => undefined);

  return {
    async close(text, place) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_LENGTH));
      const closed = await crypto.subtle.encrypt(
        algorithm(iv, place),
        await key,
        new TextEncoder().encode(text),
      );
      const whole = new Uint8Array(IV_LENGTH + closed.byteLength);
      whole.set(iv);
      whole.set(new Uint8Array(closed), IV_LENGTH);
      return VERSION + encodeBase64(whole);
    },
    async open(sealed, place) {
      const whole = sealed.startsWith(VERSION) ? decodeBase64(sealed.slice(VERSION.length)) : undefined;
      if (whole === undefined || whole.length < IV_LENGTH) return undefined;
      const imported = await key;
      try {
        const iv = whole.slice(0, IV_LENGTH);
        const opened = await crypto.subtle.decrypt(algorithm(iv, place), imported, whole.subarray(IV_LENGTH));
        return new TextDecoder().decode(opened);
      } catch {
        return undefined;
      }
    },
  };
}

function keyBytes(key: unknown): Uint8Array<ArrayBuffer> {
  const bytes =
    typeof key === "string"
      ? decodeBase64(key)
      : key instanceof Uint8Array
        ? Uint8Array.from(key)
        : undefined;
  if (bytes?.length === 32) return bytes;
  const what =
    bytes !== undefined
      ? `${bytes.length} bytes`
      : typeof key === "string"
        ? "a string that is not base64"
        : typeof key;
  throw new UpvestConfigError(
    `encryptionKey must be 32 random bytes, as Uint8Array or as base64 (openssl rand -base64 32); it is ${what}`,
  );
}

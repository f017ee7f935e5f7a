import { decodeBase64 } from "./base64.js";

/** One block between a `BEGIN` and its `END` line. */
export interface PemBlock {
  /** `PRIVATE KEY`, `EC PRIVATE KEY`... */
  readonly label: string;
  /** Content, or `undefined` when the text is no base64. Of an encrypted block: what is to be decrypted. */
  readonly der: Uint8Array<ArrayBuffer> | undefined;
  /** Set where the block is encrypted the old way (RFC 1421 headers `Proc-Type` and `DEK-Info`): the block itself. */
  readonly legacyEncrypted: string | undefined;
}

/**
 * The PEM blocks in a text, in order. Text around them is allowed (RFC 7468 section 2), and so is what happens to a
 * key in an environment variable: CRLF, `\n` written as two characters, and lines joined by spaces.
 */
export function pemBlocks(text: string): readonly PemBlock[] {
  const lines = text.replaceAll(/\\r\\n|\\n|\r\n?/g, "\n");
  return Array.from(
    lines.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g),
    ([block, label = "", inner = ""]) => {
      const headers = inner.match(/^\s*(?:[A-Za-z-]+:[^\n]*\n[ \t]*)+\n/)?.[0] ?? "";
      return {
        label,
        der: decodeBase64(inner.slice(headers.length).replaceAll(/\s+/g, "")),
        legacyEncrypted: /Proc-Type:\s*4,\s*ENCRYPTED/.test(headers)
          ? block.replaceAll(/^[ \t]+|[ \t]+$/gm, "")
          : undefined,
      };
    },
  );
}

import { bodyHeaders, type DeliveryVersion, type Draft, type Sealed } from "./delivery-signature.js";
import { makeDeliveryKey } from "./verification-keys.js";

/** The names of {@link Tampering}. */
export const TAMPERINGS = [
  "body",
  "digest",
  "signature",
  "unsigned",
  "uncovered",
  "key",
  "expired",
  "replay",
] as const;

/**
 * What is wrong with a delivery that no receiver may accept. The body stays JSON in all of them.
 *
 * - `body`: the body was changed after signing; it does not fit its digest
 * - `digest`: body and digest were changed after signing; they fit each other, but not the signature
 * - `signature`: the signature was changed
 * - `unsigned`: there is no signature
 * - `uncovered`: signed well, but the digest is not covered
 * - `key`: signed well, with a key and a `keyid` that are not published
 * - `expired`: signed well, an hour ago
 * - `replay`: sent twice, byte for byte; the first one is good, the second one is what counts. A receiver refuses it, or
 *   answers with 200 (the first answer may have been lost), but has nothing handled again
 */
export type Tampering = (typeof TAMPERINGS)[number];

const HOUR = 60 * 60;

/** Does what goes wrong before a delivery is signed. */
export function bend(draft: Draft, tamper: Tampering | undefined): Draft {
  switch (tamper) {
    case "uncovered":
      return { ...draft, components: draft.components.filter((name) => !name.endsWith("digest")) };
    case "key":
      return { ...draft, key: makeDeliveryKey() };
    case "expired":
      return { ...draft, created: draft.created - HOUR };
    default:
      return draft;
  }
}

/** Does what goes wrong after a delivery was signed. */
export function spoil(sealed: Sealed, version: DeliveryVersion, tamper: Tampering | undefined): Sealed {
  switch (tamper) {
    case "body":
      return { ...sealed, body: changed(sealed.body) };
    case "digest": {
      const body = changed(sealed.body);
      return { ...sealed, body, headers: { ...sealed.headers, ...bodyHeaders(body, version) } };
    }
    case "signature": {
      const signature = changedSignature(sealed.headers["signature"] ?? "");
      return { ...sealed, headers: { ...sealed.headers, signature } };
    }
    case "unsigned": {
      const { signature: _signature, "signature-input": _input, ...headers } = sealed.headers;
      return { ...sealed, headers };
    }
    default:
      return sealed;
  }
}

/** Another digit in place of the first one: still JSON, and as long as before. */
function changed(body: Buffer): Buffer {
  return Buffer.from(
    body.toString("utf8").replace(/[0-9]/, (digit) => String(digit === "9" ? 8 : Number(digit) + 1)),
  );
}

/** Another last byte: still well-formed base64 and DER. */
function changedSignature(signature: string): string {
  const bytes = Buffer.from(signature.slice("sig1=:".length, -1), "base64");
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  return `sig1=:${bytes.toString("base64")}:`;
}

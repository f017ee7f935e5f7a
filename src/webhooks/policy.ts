import { digestValue } from "../signature/digest.js";
import { v15, v6 } from "../signature/profile.js";
import type { Profile } from "../signature/profile.js";
import { refuse } from "./errors.js";
import type { ReceivedSignature } from "./fields.js";
import type { Message } from "./message.js";

/**
 * The signature version of a delivery. Upvest signs deliveries with v6 (Upvest docs, "Choosing HTTP signature
 * versions"); should one announce 15, it is read so. The header is covered by no signature, and need not be: the two
 * versions give different bases, so a changed header fails the signature.
 */
export function profileOf({ headers }: Message): Profile {
  const version = headers.get("upvest-signature-version") ?? "6";
  if (version === "6") return v6;
  if (version === "15") return v15;
  return refuse("unsupported_version", "its upvest-signature-version is neither 6 nor 15");
}

/** Refuses a signature that does not tie down what is acted on: a signature over nothing is easy to get hold of. */
export function requireCover(
  { label, components, created }: ReceivedSignature,
  message: Message,
  profile: Profile,
): void {
  const wanted = ["@method", "@path"];
  if (message.query !== "") wanted.push("@query");
  if (message.body.length > 0) wanted.push(profile.digestField);
  const missing = wanted.filter((name) => !components.includes(name));
  if (missing.length > 0)
    refuse("insufficient_cover", `the signature ${label} does not cover ${missing.join(", ")}`);
  if (created === undefined)
    refuse("insufficient_cover", `the signature ${label} does not say when it was created`);
}

/** Refuses a signature that is too old, from the future or expired. Times in seconds. */
export function requireFresh(
  { created = 0, expires }: ReceivedSignature,
  now: number,
  tolerance: number,
): void {
  const age = now - created;
  if (age > tolerance) {
    refuse(
      "stale",
      `it was signed ${seconds(age)} s ago and ${tolerance} s are accepted; compare the clocks`,
    );
  }
  if (-age > tolerance) {
    refuse(
      "future",
      `it was signed ${seconds(-age)} s in the future and ${tolerance} s are accepted; compare the clocks`,
    );
  }
  if (expires !== undefined && now > expires) {
    refuse("expired", `its signature expired ${seconds(now - expires)} s ago; compare the clocks`);
  }
}

const seconds = (time: number): string => String(Math.ceil(time));

const digestForms = {
  // RFC 3230 section 4.1.1: the name of the algorithm is read in any case.
  digest: /^sha-256=[A-Za-z0-9+/]{43}=$/i,
  "content-digest": /^sha-512=:[A-Za-z0-9+/]{86}==:$/,
} as const;

/** Refuses a delivery whose digest header is not that of the raw bytes of its body. */
export async function requireDigest({ headers, body }: Message, profile: Profile): Promise<void> {
  const received = headers.get(profile.digestField);
  if (received === undefined) {
    if (body.length > 0) refuse("absent_component", `it has a body but no ${profile.digestField} header`);
    return;
  }
  if (!digestForms[profile.digestField].test(received)) {
    refuse(
      "malformed_digest",
      `its ${profile.digestField} header is not one ${profile.digestAlgorithm} digest`,
    );
  }
  const expected = await digestValue(body, profile);
  if (!sameText(received.slice("sha-256=".length), expected.slice("sha-256=".length))) {
    refuse(
      "digest_mismatch",
      `the ${profile.digestAlgorithm} of the ${body.length} bytes of its body is not the one in ${profile.digestField}; ` +
        "if a framework or a proxy parsed, decompressed or rewrote the body, give the bytes as they came",
    );
  }
}

/** Compares in a time that does not depend on where the two differ. */
function sameText(left: string, right: string): boolean {
  let difference = left.length ^ right.length;
  for (let at = 0; at < left.length; at += 1) difference |= left.charCodeAt(at) ^ right.charCodeAt(at);
  return difference === 0;
}

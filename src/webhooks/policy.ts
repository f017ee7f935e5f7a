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
export function profileOf(headers: Message["headers"]): Profile {
  const version = headers.get("upvest-signature-version") ?? "6";
  if (version === "6") return v6;
  if (version === "15") return v15;
  return refuse("unsupported_version", "its upvest-signature-version is neither 6 nor 15");
}

/** Refuses a signature that does not tie down what is acted on: a signature over nothing is easy to get hold of. */
export function requireCover(
  { label, components }: ReceivedSignature,
  { query, body }: Message,
  { digestField }: Profile,
): void {
  const missing = ["@method", "@path"];
  if (query !== "") missing.push("@query");
  if (body.length > 0) missing.push(digestField);
  const open = missing.filter((name) => !components.includes(name));
  if (open.length > 0)
    refuse("insufficient_cover", `the signature ${label} does not cover ${open.join(", ")}`);
}

/** Refuses a signature that has no time, is too old, from the future or expired. Times in seconds. */
export function requireFresh({ label, times }: ReceivedSignature, now: number, tolerance: number): void {
  const created =
    times.get("created") ??
    refuse("insufficient_cover", `the signature ${label} does not cover the time (created)`);
  const age = now - created;
  if (Math.abs(age) > tolerance) {
    const past = age > 0;
    refuse(
      past ? "stale" : "future",
      `signed ${seconds(Math.abs(age))} ${past ? "ago" : "ahead"}, ${tolerance} s are accepted; compare the clocks`,
    );
  }
  const late = now - (times.get("expires") ?? Infinity);
  if (late > 0) refuse("expired", `its signature expired ${seconds(late)} ago; compare the clocks`);
}

const seconds = (time: number): string => `${Math.ceil(time)} s`;

/** Refuses a delivery whose digest header is not that of the raw bytes of its body. */
export async function requireDigest({ headers, body }: Message, profile: Profile): Promise<void> {
  const { digestField, digestAlgorithm } = profile;
  const received = headers.get(digestField);
  if (received === undefined) {
    if (body.length > 0) refuse("absent_component", `it has a body but no ${digestField} header`);
    return;
  }
  // RFC 3230 section 4.1.1: the name of the algorithm is read in any case.
  const form = digestField === "digest" ? /^sha-256=[A-Za-z0-9+/]{43}=$/i : /^sha-512=:[A-Za-z0-9+/]{86}==:$/;
  if (!form.test(received))
    refuse("malformed_digest", `its ${digestField} header is not one ${digestAlgorithm} digest`);
  const expected = await digestValue(body, profile);
  const prefix = "sha-256=".length;
  // Neither of the two is a secret, so the comparison may take as long as it takes.
  if (received.slice(prefix) !== expected.slice(prefix)) {
    refuse(
      "digest_mismatch",
      `the ${digestAlgorithm} of its body, ${body.length} bytes, is not the one in ${digestField}; ` +
        "give the bytes as they came: not parsed, decompressed or rewritten",
    );
  }
}

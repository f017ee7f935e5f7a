import { Refused } from "./signature-fields.js";

/** Prefixes of headers that Upvest's server leaves out of signatures, by the list in its official signers. */
const IGNORED = /^(?:cf-|cdn-|cookie|x-|priority|upvest-signature|sec-)/;

/** Sent by every HTTP client on its own and covered by no official signer; and the signature itself. */
const TRANSPORT = new Set([
  "accept-encoding",
  "connection",
  "expect",
  "host",
  "signature",
  "signature-input",
  "te",
  "transfer-encoding",
  "user-agent",
]);

/**
 * The list of the docs (Upvest docs, "v15 signature components"), with what the official signers cover beyond it: the
 * API version, the date, and the language that some HTTP clients add.
 */
const DOCUMENTED = new Set([
  "@method",
  "@path",
  "@query",
  "accept",
  "accept-language",
  "authorization",
  "content-digest",
  "content-length",
  "content-type",
  "date",
  "idempotency-key",
  "upvest-api-version",
  "upvest-client-id",
]);

/**
 * The strictest reading of the docs: every header that the server does not leave out is covered, and nothing is covered
 * that is not listed. Which reading the API follows is unknown; who passes this one passes the others.
 */
export function checkStrict(components: readonly string[], headers: ReadonlyMap<string, string>): void {
  const unlisted = components.filter((name) => !DOCUMENTED.has(name));
  if (unlisted.length > 0) {
    throw new Refused(
      `strict: ${unlisted.join(", ")} is covered and not in the list of components of the docs`,
    );
  }
  const uncovered = [...headers.keys()].filter(
    (name) => !IGNORED.test(name) && !TRANSPORT.has(name) && !components.includes(name),
  );
  if (uncovered.length > 0) throw new Refused(`strict: sent and not covered: ${uncovered.join(", ")}`);
}

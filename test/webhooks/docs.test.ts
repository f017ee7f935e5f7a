import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { WebhookVerificationError, type WebhookRefusal } from "../../src/webhooks/index.js";

// Every reason: one that is missing here does not compile.
const statuses = {
  method_not_allowed: 405,
  body_too_large: 413,
  unsupported_encoding: 415,
  no_signature: 401,
  malformed_signature: 400,
  unsupported_version: 401,
  unknown_label: 401,
  duplicate_label: 401,
  unknown_component: 401,
  duplicate_component: 401,
  absent_component: 401,
  insufficient_cover: 401,
  malformed_digest: 400,
  digest_mismatch: 401,
  stale: 401,
  future: 401,
  expired: 401,
  unknown_key: 401,
  wrong_algorithm: 401,
  bad_signature: 401,
  replayed_nonce: 401,
  keys_unavailable: 503,
  malformed_body: 400,
} satisfies Readonly<Record<WebhookRefusal, number>>;

it.each(Object.entries(statuses) as [WebhookRefusal, number][])(
  "%s is answered with %i",
  (reason, status) => {
    expect(new WebhookVerificationError(reason, "").status).toBe(status);
  },
);

it("docs/webhooks.md says what to do about every reason, with the status that is answered", () => {
  const docs = readFileSync(new URL("../../docs/webhooks.md", import.meta.url), "utf8");
  const rows = [...docs.matchAll(/^\| `(\w+)` \| (\d{3}) \| [^|]+ \| [^|]+ \|$/gm)].map(
    ([, reason = "", status]) => [reason, Number(status)] as const,
  );
  expect(Object.fromEntries(rows)).toEqual(statuses);
});

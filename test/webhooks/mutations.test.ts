import fc from "fast-check";
import { expect, it } from "vitest";
import { createWebhookReceiver, WebhookVerificationError } from "../../src/webhooks/index.js";
import { readSignatures } from "../../src/webhooks/fields.js";
import { mutated, mutatedText, received, runs } from "./mutations.js";
import {
  clock,
  deliver,
  ed25519,
  p521,
  publicKeys,
  verdict,
  type SenderKey,
  type TestDelivery,
} from "./support.js";

const keys = { ed25519, p521 } satisfies Record<string, SenderKey>;

/** The signatures of one header pair, written so that equal ones are equal; undefined when they are refused. */
function readAs(input: string | undefined, signature: string | undefined): string | undefined {
  try {
    return JSON.stringify(
      readSignatures(input, signature).map((read) => [
        read.label,
        read.params,
        Buffer.from(read.signature).toString("hex"),
      ]),
    );
  } catch (error) {
    if (error instanceof WebhookVerificationError) return undefined;
    throw error;
  }
}

it.each(["ed25519", "p521"] as const)(
  "no delivery signed with %s is accepted after it was tampered with",
  async (name) => {
    const key = keys[name];
    const originals: readonly TestDelivery[] = [
      deliver({ key }),
      deliver({ key, version: 15 }),
      deliver({ key, path: "/hooks/upvest", encoding: "ieee-p1363" }),
    ];
    const refused = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...originals).chain((one) => fc.tuple(fc.constant(one), mutated(one))),
        async ([one, changed]) => {
          fc.pre(received(one) !== received(changed) && !isNoChange(one, changed));
          const reason = await verdict(createWebhookReceiver({ keys: publicKeys, clock }), changed);
          refused.set(reason, (refused.get(reason) ?? 0) + 1);
          return reason !== "accepted";
        },
      ),
      { numRuns: runs(10_000) },
    );
    // The tampering is worth something only if it gets past the first checks.
    expect([...refused.keys()]).toEqual(
      expect.arrayContaining(["bad_signature", "digest_mismatch", "malformed_signature"]),
    );
    for (const original of originals) {
      expect(await verdict(createWebhookReceiver({ keys: publicKeys, clock }), original)).toBe("accepted");
    }
  },
  // 10,000 checks of P-521 take a while where several things run.
  120_000,
);

/** Announcing the version that is assumed anyway changes nothing. */
const isNoChange = (one: TestDelivery, changed: TestDelivery): boolean =>
  changed.headers["upvest-signature-version"] === "6" &&
  !("upvest-signature-version" in one.headers) &&
  received({ ...changed, headers: one.headers }) === received(one);

it("no changed pair of headers is read as the pair that was signed", () => {
  const { headers } = deliver({ key: p521 });
  const [input = "", signature = ""] = [headers["signature-input"], headers["signature"]];
  const original = readAs(input, signature);
  expect(original).toBeDefined();
  const trimmed = (value: string): string => value.replace(/^[ \t]+|[ \t]+$/g, "");
  let read = 0;
  fc.assert(
    fc.property(
      fc.oneof(
        mutatedText(input).map((changed) => [changed, signature] as const),
        mutatedText(signature).map((changed) => [input, changed] as const),
        mutatedText(signature).chain((twice) =>
          mutatedText(twice).map((changed) => [input, changed] as const),
        ),
      ),
      ([changedInput, changedSignature]) => {
        fc.pre(trimmed(changedInput) !== input || trimmed(changedSignature) !== signature);
        const result = readAs(changedInput, changedSignature);
        if (result !== undefined) read += 1;
        return result !== original;
      },
    ),
    { numRuns: runs(200_000) },
  );
  expect(read).toBeGreaterThan(0);
});

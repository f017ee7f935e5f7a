import { createWebhookReceiver, verificationKeys, WebhookVerificationError } from "upvest-client/webhooks";
import type { RecordedDelivery } from "../../plan.js";
import { expectSame } from "../expect.js";
import type { Check } from "../subject.js";
import { sandboxClient } from "./token.js";

/** The reason of the refusal, or the types of the events. */
export async function verdictOf(verified: Promise<readonly { readonly type: string }[]>): Promise<string> {
  try {
    return (await verified).map(({ type }) => type).join(" ");
  } catch (error) {
    if (error instanceof WebhookVerificationError) return error.reason;
    throw error;
  }
}

/** What becomes of each delivery that the sandbox makes, by its name. */
export const verdicts: Readonly<Record<string, string>> = {
  "version 6": "ORDER.FILLED",
  "version 15": "ORDER.FILLED",
  body: "digest_mismatch",
  digest: "bad_signature",
  signature: "bad_signature",
  unsigned: "no_signature",
  uncovered: "insufficient_cover",
  key: "unknown_key",
  expired: "stale",
};

/** Deliveries that the sandbox signed, and tampered with, verified with the keys that it publishes. */
export const webhooks: Check = async (subject) => {
  const keys = verificationKeys(sandboxClient(subject));
  const receiver = createWebhookReceiver({ keys });
  const deliveries = (await subject.ask("/deliveries")) as readonly RecordedDelivery[];
  expectSame(deliveries.length, Object.keys(verdicts).length, "the number of deliveries");
  for (const { name, body, ...head } of deliveries) {
    const bytes = Uint8Array.from(atob(body), (char) => char.charCodeAt(0));
    const first = await verdictOf(receiver.verify({ ...head, body: bytes }));
    expectSame(first, verdicts[name], `the verdict on the delivery "${name}"`);
    if (name.startsWith("version")) {
      const again = await verdictOf(receiver.verify({ ...head, body: bytes }));
      expectSame(again, "replayed_nonce", `the verdict on the delivery "${name}" when it comes again`);
    }
  }
};

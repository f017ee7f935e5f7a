import { createWebhookReceiver } from "upvest-client/webhooks";
import { algorithms } from "../../plan.js";
import { expectSame } from "../expect.js";
import type { Check } from "../subject.js";
import { verdictOf } from "./webhooks.js";

/**
 * The signed requests of test/vectors, taken for deliveries. Their body is JSON but no event: one that gets as far as
 * `malformed_body` has passed everything that comes before.
 */
export const vectors: Check = async ({ plan }) => {
  const { keys, requests } = plan.vectors;
  for (const vector of requests.vectors.filter(({ name }) => name.includes("POST"))) {
    for (const algorithm of algorithms) {
      const { keyid, created } = vector.parameters;
      const values = Object.fromEntries(vector.components);
      const delivery = {
        method: values["@method"] ?? "",
        path: `${values["@path"]}${values["@query"]}`,
        headers: {
          ...Object.fromEntries(vector.components.filter(([name]) => !name.startsWith("@"))),
          ...(vector.profile === 15 && { "upvest-signature-version": "15" }),
          "signature-input": `sig1=${vector.params}`,
          signature: `sig1=:${vector[algorithm]}:`,
        },
        body: '{"key": "value"}',
      };
      const receiver = createWebhookReceiver({
        keys: [{ ...keys[algorithm].publicJwk, kid: keyid }],
        clock: () => created * 1000,
      });
      const name = `the verdict on ${vector.name} (${algorithm})`;
      expectSame(await verdictOf(receiver.verify(delivery)), "malformed_body", name);
      const elsewhere = { ...delivery, path: "/endpoint?a=c" };
      expectSame(await verdictOf(receiver.verify(elsewhere)), "bad_signature", `${name}, on another path`);
      const changed = { ...delivery, body: '{"key":"value"}' };
      expectSame(await verdictOf(receiver.verify(changed)), "digest_mismatch", `${name}, with another body`);
    }
  }
};

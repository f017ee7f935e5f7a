import { createWebhookReceiver, verificationKeys, type WebhookEvent } from "upvest-client/webhooks";
import { expectSame } from "../expect.js";
import type { Check } from "../subject.js";
import { sandboxClient } from "./token.js";

/** Deliveries from the sandbox to a server of the runtime's own kind: the good ones are handled, a bad one is refused. */
export const server: Check = async (subject) => {
  const receiver = createWebhookReceiver({ keys: verificationKeys(sandboxClient(subject)) });
  const events: WebhookEvent[] = [];
  const { url, close } = await subject.listen(receiver, (event) => {
    events.push(event);
  });
  try {
    const statuses = await subject.ask("/deliver", `${url}?tenant=7`);
    expectSame(statuses, { good: 200, changed: 401 }, "the answers to the sandbox");
    expectSame(
      events.map(({ type }) => type),
      ["ORDER.NEW", "ORDER.FILLED"],
      "the events handled",
    );
  } finally {
    await close();
  }
  await subject.shareClient?.();
};

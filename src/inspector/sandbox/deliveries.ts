import type { DeliveryAttempt } from "../../sandbox/delivery-records.js";
import type { Sealed } from "../../sandbox/delivery-signature.js";
import { compareBases } from "../base-lines.js";
import type { Attempt, Entry, SignatureView } from "../entry.js";
import type { Journal } from "../journal.js";
import { eventTypes, messageView, problemFacts } from "../message-view.js";
import { createRecent } from "../recent.js";

const MAX_OPEN = 1_000;

/** Turns the sandbox's attempts to deliver into entries: those with the same events to one endpoint are one delivery. */
export function createDeliveryFeed(
  journal: Journal,
  clock: () => number,
): (attempt: DeliveryAttempt, sent: Sealed) => void {
  const open = createRecent<string, Entry>(MAX_OPEN);
  let count = 0;
  return (attempt, sent) => {
    const joint = `${attempt.webhookId} ${attempt.eventIds.join(" ")}`;
    const before = attempt.attempt === 1 ? undefined : open.get(joint);
    const status = attempt.status === "unanswered" ? "failed" : attempt.status;
    const ms = clock() - attempt.at;
    const entry: Entry = {
      id: before?.id ?? `delivery-${(count += 1)}`,
      kind: "delivery",
      at: before?.at ?? attempt.at,
      method: "POST",
      target: attempt.url,
      operation: eventTypes(sent.body),
      status,
      ms: clock() - (before?.at ?? attempt.at),
      tampered: attempt.tamper,
      attempts: [...(before?.attempts ?? []), attemptOf(attempt, sent, ms)],
      facts: [
        ["webhook", attempt.webhookId],
        ["event ids", attempt.eventIds.join(" ")],
      ],
      notes:
        attempt.tamper === undefined ? [] : [`Tampered with on purpose: ${JSON.stringify(attempt.tamper)}`],
    };
    open.set(joint, entry);
    journal.put(entry);
  };
}

function attemptOf(attempt: DeliveryAttempt, sent: Sealed, ms: number): Attempt {
  const answered = attempt.status !== "unanswered";
  return {
    label: `attempt ${attempt.attempt}`,
    at: attempt.at,
    ms,
    status: answered ? attempt.status : "failed",
    facts: [["signed with", `${attempt.keyId}, version ${attempt.version}`]],
    problem: answered ? problemFacts(attempt.answer) : [["no answer", attempt.answer]],
    signature: signatureOf(attempt),
    sent: messageView(Object.entries(sent.headers), sent.body),
    answer: answered ? { headers: [], body: attempt.answer } : undefined,
  };
}

function signatureOf({ base, answer, status }: DeliveryAttempt): SignatureView {
  const reason = problemFacts(answer)?.find(([name]) => name === "reason")?.[1];
  const refused = status === 400 || status === 401 || reason !== undefined;
  return {
    verdict: refused ? "refused" : "unjudged",
    reason: refused
      ? `The endpoint refused the delivery${reason === undefined ? "" : `: ${reason}`}.`
      : "What the endpoint made of the signature is its own; this is what was signed.",
    signedBy: "signed by the sandbox",
    seenBy: "received by the endpoint",
    lines: compareBases(base, undefined),
    checks: [],
  };
}

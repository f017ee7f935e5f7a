import type { DeliveryAttempt, SandboxRequest } from "upvest-client/sandbox";

const timeOf = (at: number): string => new Date(at).toTimeString().slice(0, 8);

/** One request as one line: when, what was answered, what was asked, and why a signature was refused. */
export function lineOf(request: SandboxRequest): string {
  const { at, status, method, url, operationId, signature, idempotency, fault } = request;
  const facts = [
    operationId ?? "no such operation",
    ...(signature === undefined
      ? []
      : [signature.verified ? "verified" : `NOT verified: ${signature.reason}`]),
    ...(idempotency === "replayed" ? ["answer repeated under its key"] : []),
    ...(fault === undefined ? [] : ["made to fail"]),
  ];
  return `${timeOf(at)}  ${status}  ${method} ${url}  ${facts.join(", ")}`;
}

/** Characters of an endpoint's answer that are shown. */
const SHOWN = 100;

/** The same of an attempt to deliver: what the endpoint answered, where it is, and what it said where it did not take it. */
export function deliveryLineOf(delivery: DeliveryAttempt): string {
  const { at, status, url, eventIds, attempt, answer } = delivery;
  const facts = [
    eventIds.length === 1 ? "1 event" : `${eventIds.length} events`,
    `attempt ${attempt}`,
    ...(isGood(delivery) || answer === "" ? [] : [answer.replaceAll("\n", " ").slice(0, SHOWN)]),
  ];
  return `${timeOf(at)}  ${status}  delivery to ${url}  ${facts.join(", ")}`;
}

/** Whether a request was answered with what it asked for, or a delivery taken. */
export const isGood = ({ status }: Pick<SandboxRequest | DeliveryAttempt, "status">): boolean =>
  typeof status === "number" && status < 400;

import type { SandboxRequest } from "upvest-client/sandbox";

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
  return `${new Date(at).toTimeString().slice(0, 8)}  ${status}  ${method} ${url}  ${facts.join(", ")}`;
}

/** Whether a request was answered with what it asked for. */
export const isGood = ({ status }: SandboxRequest): boolean => typeof status === "number" && status < 400;

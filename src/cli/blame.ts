import type { UpvestApiError } from "upvest-client";

/** What a 401 is about. */
export type Blame = "signature" | "credentials" | "scope" | "unknown";

/**
 * Reads it from the problem's detail. Upvest documents one wording, "Signature is incorrect"; the others are the local
 * sandbox's and what may be expected. Of words that are not known anything may be true.
 */
export function blameOf({ problem }: UpvestApiError): Blame {
  const detail = problem.detail ?? "";
  if (/signature/i.test(detail)) return "signature";
  if (/credential|client.secret/i.test(detail)) return "credentials";
  if (/scope|configured/i.test(detail)) return "scope";
  return "unknown";
}

/** Whether it helps to look at what was signed. */
export const concernsSignature = (blame: Blame): boolean => blame === "signature" || blame === "unknown";

export const adviceFor: Readonly<Record<Blame, string>> = {
  signature:
    "UPVEST_API_CLIENT_ID, UPVEST_API_KEY_ID and the private key must belong together, and to this environment",
  credentials:
    "compare UPVEST_API_CLIENT_SECRET, then UPVEST_API_CLIENT_ID, with what Upvest sent you for this environment",
  scope: "ask Upvest to configure the scope for this client, or ask for one that it has",
  unknown:
    "client id, secret, key and key id must be of one client and of this environment, and the scope configured",
};

import { createHash } from "node:crypto";
import { compareBases, readSignatureInput, rebuildBase } from "../inspector/base-lines.js";
import type { Check, SignatureView } from "../inspector/entry.js";
import { isLoopbackHost } from "../inspector/guard.js";
import type { Secrets } from "../inspector/secrets.js";

/** One attempt as it was handed to the network. */
export interface SentRequest {
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  /** Without its `?`; empty when there is none. */
  readonly query: string;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

const SIGNED_BY = "signed by this proxy";

/** What was signed, before anybody has judged it; undefined where the request carries no signature. */
export function signatureOf(sent: SentRequest): SignatureView | undefined {
  const input = readSignatureInput(sent.headers.get("signature-input"));
  if (input === undefined) return undefined;
  return {
    verdict: "unjudged",
    reason: "",
    signedBy: SIGNED_BY,
    seenBy: "received by the API",
    lines: compareBases(rebuildBase(input, sent), undefined),
    checks: [],
  };
}

/**
 * What an answer tells of the signature. The sandbox of this package says where its inspector is, and there what its
 * verifier saw can be asked for; the API itself tells no more than "Signature is incorrect".
 */
export async function judge(
  sent: SentRequest,
  view: SignatureView | undefined,
  response: Response,
  body: Uint8Array | undefined,
  secrets: Pick<Secrets, "hide">,
): Promise<SignatureView | undefined> {
  if (view === undefined) return undefined;
  const seen = await askSandbox(sent, response.headers.get("upvest-sandbox-inspector"));
  if (seen !== undefined) return joined(sent, seen, secrets);
  if (response.ok) return { ...view, verdict: "verified", reason: "The API accepted it." };
  if (response.status !== 401)
    return { ...view, reason: `The API answered ${response.status}, which is not about the signature.` };
  const aboutSignature = /signature/i.test(new TextDecoder().decode(body));
  return {
    ...view,
    verdict: aboutSignature ? "refused" : "unjudged",
    reason: aboutSignature
      ? "The API refused the signature, and tells no more. This is what was signed; compare it with what should have been sent."
      : "401 may mean the access token, the client credentials or the signature; the problem's detail does not say which.",
    checks: checksOf(sent, response.headers.get("date")),
  };
}

/** Ours beside theirs. In both what is secret is hidden in the same way, so the rest can be compared. */
function joined(sent: SentRequest, seen: SignatureView, secrets: Pick<Secrets, "hide">): SignatureView {
  const input = readSignatureInput(sent.headers.get("signature-input"));
  const ours = input === undefined ? "" : secrets.hide(rebuildBase(input, sent));
  const theirs = seen.lines.flatMap(({ name, seen: value }) =>
    value === undefined ? [] : [`"${name}": ${value}`],
  );
  const lines = compareBases(ours, theirs.length === 0 ? undefined : theirs.join("\n"));
  return { ...seen, signedBy: SIGNED_BY, lines };
}

/** Only from this machine to this machine, and only for the signature that was just sent. */
async function askSandbox(sent: SentRequest, inspector: string | null): Promise<SignatureView | undefined> {
  const nonce = readSignatureInput(sent.headers.get("signature-input"))?.nonce;
  if (inspector === null || nonce === undefined || !URL.canParse(inspector)) return undefined;
  const { protocol, host, origin } = new URL(inspector);
  const local = protocol === "http:" && isLoopbackHost(host) && isLoopbackHost(new URL(sent.origin).host);
  if (!local) return undefined;
  try {
    const response = await fetch(`${origin}/signatures/${nonce}`, {
      redirect: "error",
      signal: AbortSignal.timeout(2_000),
    });
    return response.ok ? ((await response.json()) as SignatureView) : undefined;
  } catch {
    return undefined;
  }
}

/** What can be looked at from here, on the day the API says no. */
function checksOf({ headers, body }: SentRequest, date: string | null): readonly Check[] {
  const input = readSignatureInput(headers.get("signature-input"));
  const clientId = headers.get("upvest-client-id") ?? "";
  return [
    {
      what: "key id",
      state: "unknown",
      text: `is ${input?.keyid ?? "none"} registered with Upvest for the client ${clientId}, and in this environment?`,
    },
    clockCheck(input?.created, date),
    digestCheck(headers.get("content-digest"), body),
    { what: "nonce", state: "good", text: `${input?.nonce ?? ""} was made for this attempt alone` },
    {
      what: "way",
      state: "unknown",
      text: "does something between here and the API (a company proxy, a gateway) change headers, path or body?",
    },
  ];
}

function clockCheck(created: number | undefined, date: string | null): Check {
  const server = Date.parse(date ?? "") / 1000;
  if (created === undefined || Number.isNaN(server)) {
    return { what: "clock", state: "unknown", text: "the answer has no date to compare with" };
  }
  const ahead = created - server;
  const words =
    Math.abs(ahead) < 2 ? "in step with" : `${Math.abs(ahead)} s ${ahead > 0 ? "ahead of" : "behind"}`;
  return {
    what: "clock",
    state: Math.abs(ahead) < 5 ? "good" : "bad",
    text: `created is ${words} the answer's date`,
  };
}

function digestCheck(given: string | undefined, body: Uint8Array): Check {
  if (given === undefined) return { what: "digest", state: "good", text: "no body, and no content-digest" };
  const fits = given === `sha-512=:${createHash("sha512").update(body).digest("base64")}:`;
  const text = `content-digest ${fits ? "fits" : "does not fit"} the ${body.length} bytes that were sent`;
  return { what: "digest", state: fits ? "good" : "bad", text };
}

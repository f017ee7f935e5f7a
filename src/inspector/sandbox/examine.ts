import { createHash } from "node:crypto";
import type { Received } from "../../sandbox/gateway.js";
import { readDigest, readSignature, Refused } from "../../sandbox/signature-fields.js";
import type { VerificationKey, Verdict } from "../../sandbox/verify.js";
import {
  compareBases,
  componentValue,
  readSignatureInput,
  rebuildBase,
  type SignatureInput,
} from "../base-lines.js";
import type { Check, SignatureView } from "../entry.js";
import { findMistake, type Guess } from "./guesses.js";

/** What the sandbox's verifier goes by. */
export interface Rules {
  readonly keys: ReadonlyMap<string, VerificationKey>;
  /** Seconds; the longest `expires - created`. */
  readonly window: number;
  /** Seconds that `created` may lie in the future. */
  readonly tolerance: number;
}

export interface Examined {
  readonly received: Received;
  readonly verdict: Verdict;
  /** ms since 1970, when it was verified. */
  readonly now: number;
  /** The token endpoint takes requests without `authorization`. */
  readonly wantsToken: boolean;
  /** When a request with that nonce was accepted before (ms); undefined when none was. */
  readonly usedAt: number | undefined;
}

const good = (what: string, text: string): Check => ({ what, state: "good", text });
const bad = (what: string, text: string): Check => ({ what, state: "bad", text });
const unknown = (what: string, text: string): Check => ({ what, state: "unknown", text });

/**
 * Tells why a signature was refused, beyond the first reason that the verifier met: each thing that must hold is looked
 * at by itself, and where nothing else is wrong the mistake in the signed text is searched for.
 */
export async function examine(examined: Examined, rules: Rules): Promise<SignatureView> {
  const { received, verdict } = examined;
  const input = readSignatureInput(received.headers.get("signature-input"));
  const seenBy = "received by the sandbox";
  if (input === undefined) {
    const reason = verdict.reason ?? "signature-input cannot be read";
    return {
      verdict: "refused",
      reason,
      signedBy: "signed",
      seenBy,
      lines: [],
      checks: [bad("signature-input", reason)],
    };
  }
  const seen = verdict.base === "" ? rebuildBase(input, received) : verdict.base;
  const mistake = verdict.verified ? undefined : await mistakeOf(examined, input, rules);
  // A signature that fits proves it: what was signed is what was received.
  const signed = fits(verdict) ? seen : mistake?.base;
  return {
    verdict: verdict.verified ? "verified" : "refused",
    reason:
      mistake?.text ?? verdict.reason?.replace(/^the /, "The ") ?? "The signature fits what was received.",
    signedBy: "signed by the client",
    seenBy,
    lines: compareBases(signed, seen),
    checks: checksOf(examined, input, rules, mistake),
  };
}

/** The nonce is looked at last: a request that was refused for it has a signature that fits. */
const fits = ({ verified, reason = "" }: Verdict): boolean =>
  verified || /^nonce .* was used before$/.test(reason);

async function mistakeOf(
  { received, verdict }: Examined,
  input: SignatureInput,
  { keys }: Rules,
): Promise<Guess | undefined> {
  const key = keys.get(input.keyid ?? "")?.key;
  if (key === undefined || !/does not fit|covered but/.test(verdict.reason ?? "")) return undefined;
  try {
    const { signature } = readSignature(received.headers);
    return await findMistake({ message: received, input, signature, key });
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

function checksOf(
  examined: Examined,
  input: SignatureInput,
  rules: Rules,
  mistake: Guess | undefined,
): readonly Check[] {
  return [
    versionCheck(examined),
    headersCheck(examined),
    keyCheck(examined, input, rules),
    clockCheck(examined, input, rules),
    coverCheck(examined, input),
    digestCheck(examined),
    nonceCheck(examined, input),
    fitCheck(examined, input, rules, mistake),
  ];
}

function versionCheck({ received }: Examined): Check {
  const version = received.headers.get("upvest-signature-version");
  if (version === "15") return good("version", "upvest-signature-version is 15");
  return bad(
    "version",
    `upvest-signature-version is ${version ?? "missing, which the API reads as 6"}; it must be 15`,
  );
}

function headersCheck({ received }: Examined): Check {
  try {
    const { components } = readSignature(received.headers);
    return good("headers", `signature and signature-input are well formed, ${components.length} components`);
  } catch (error) {
    if (error instanceof Refused) return bad("headers", error.message);
    throw error;
  }
}

function keyCheck({ received }: Examined, { keyid }: SignatureInput, { keys }: Rules): Check {
  if (keyid === undefined) return bad("key id", "signature-input has no keyid");
  const key = keys.get(keyid);
  const known = [...keys.keys()].join(", ");
  if (key === undefined) return bad("key id", `${keyid} is not known here; known: ${known}`);
  const clientId = received.headers.get("upvest-client-id") ?? "missing";
  if (key.clientId === clientId) return good("key id", `${keyid} is known, ${key.algorithm}`);
  return bad("key id", `${keyid} belongs to the client ${key.clientId}, but upvest-client-id is ${clientId}`);
}

function clockCheck({ now }: Examined, { created, expires }: SignatureInput, rules: Rules): Check {
  if (created === undefined || expires === undefined) {
    return bad("clock", "signature-input must say created and expires, both in whole seconds");
  }
  const ahead = created - now / 1000;
  const away = `${Math.abs(ahead).toFixed(1)} s ${ahead > 0 ? "ahead of" : "behind"} this clock`;
  const lifetime = expires - created;
  if (lifetime <= 0) return bad("clock", `expires (${expires}) is not after created (${created})`);
  if (lifetime > rules.window) {
    return bad("clock", `expires is ${lifetime} s after created; at most ${rules.window} s are accepted`);
  }
  if (ahead > rules.tolerance) {
    return bad("clock", `created is ${away}; ${rules.tolerance} s are tolerated. Compare the clocks`);
  }
  if (now / 1000 > expires) {
    return bad(
      "clock",
      `created is ${away} and was good for ${lifetime} s: it had expired. Compare the clocks`,
    );
  }
  return good("clock", `created is ${away}, good for ${lifetime} s`);
}

/** As the verifier has it (src/sandbox/verify.ts), but all of it at once. */
function coverCheck({ received, verdict, wantsToken }: Examined, { names }: SignatureInput): Check {
  const { headers, query, body } = received;
  const wanted = ["@method", "@path", "accept", "upvest-client-id"];
  if (query !== "") wanted.push("@query");
  if (wantsToken) wanted.push("authorization");
  if (body.length > 0) wanted.push("content-length", "content-type", "content-digest");
  for (const name of ["idempotency-key", "upvest-api-version"]) if (headers.has(name)) wanted.push(name);
  const missing = wanted.filter((name) => !names.includes(name));
  const absent = names.filter((name) => componentValue(name, received) === undefined);
  const faults = [
    ...(missing.length > 0 ? [`not covered: ${missing.join(", ")}`] : []),
    ...(absent.length > 0 ? [`covered, but not received: ${absent.join(", ")}`] : []),
    ...(query === "" && names.includes("@query")
      ? ["@query is covered, but there is no query: leave it out"]
      : []),
    ...(verdict.reason?.startsWith("strict: ") === true ? [verdict.reason] : []),
  ];
  if (faults.length > 0) return bad("components", faults.join("; "));
  return good("components", `${names.length} covered, and all of them received`);
}

function digestCheck({ received: { headers, body } }: Examined): Check {
  if (!headers.has("content-digest")) {
    if (body.length === 0) return good("digest", "no body, and no content-digest");
    return bad("digest", `there are ${body.length} bytes of body and no content-digest`);
  }
  try {
    const given = readDigest(headers);
    if (createHash("sha512").update(body).digest().equals(given)) {
      return good("digest", `content-digest fits the ${body.length} bytes of the body`);
    }
    return bad(
      "digest",
      `content-digest does not fit the ${body.length} bytes of the body: it was written or encoded anew after signing`,
    );
  } catch (error) {
    if (error instanceof Refused) return bad("digest", error.message);
    throw error;
  }
}

function nonceCheck({ usedAt }: Examined, { nonce }: SignatureInput): Check {
  if (nonce === undefined) return bad("nonce", "signature-input has no nonce");
  if (usedAt === undefined) return good("nonce", `${nonce} was not used before`);
  const at = new Date(usedAt).toISOString().slice(11, 23);
  return bad("nonce", `${nonce} was used before, at ${at} UTC: each attempt must be signed anew`);
}

function fitCheck(
  { verdict }: Examined,
  input: SignatureInput,
  { keys }: Rules,
  mistake: Guess | undefined,
): Check {
  if (fits(verdict)) return good("signature", "fits what was received and the key");
  if (mistake !== undefined) {
    return bad("signature", "fits the text that was signed, and that is another than was received");
  }
  if (!/does not fit the signature base/.test(verdict.reason ?? "")) {
    return unknown("signature", "not compared, as the request was refused before");
  }
  const key = keys.get(input.keyid ?? "");
  return bad(
    "signature",
    `does not fit what was received and this key (${key?.algorithm ?? "unknown"}), nor any of the usual mistakes. ` +
      "Is the private key the other half of the key behind this id? Was a value changed on the way?",
  );
}

import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { UpvestClient } from "upvest-client";
import { createWebhookReceiver, verificationKeys, WebhookVerificationError } from "upvest-client/webhooks";
import { compareBases, readSignatureInput, rebuildBase } from "../inspector/base-lines.js";
import type { Attempt, Check, Entry, SignatureView } from "../inspector/entry.js";
import { eventTypes, messageView, problemFacts } from "../inspector/message-view.js";
import { post } from "../sandbox/endpoint.js";
import { readBytes } from "./bytes.js";
import { createNonces } from "./nonces.js";
import { problemBody, refusal, type ProxyProblem } from "./problem.js";
import type { Watch } from "./watch.js";

/** bytes; Upvest sends at most 1 MiB in a batch, but a larger single event still comes. */
const MAX_DELIVERY = 5 * 1024 * 1024;

/** ms that the developer's server has for its whole answer. */
const FORWARD_TIMEOUT = 10_000;

/** Of the hop to this listener. */
const HOP = /^(?:connection|keep-alive|host|te|trailer|transfer-encoding|upgrade|content-length|proxy-.*)$/;

/**
 * Receives deliveries: verifies each, shows it, and passes a verified one on where that was asked for. The answer is 200
 * for a verified delivery that the developer's server took, else a refusal; so what fails there is delivered again.
 */
export function createDeliveryHandler(parts: {
  readonly client: UpvestClient;
  readonly watch: Watch;
  readonly put: (entry: Entry) => void;
  readonly forward: URL | undefined;
  /** Aborted when the proxy closes. */
  readonly closing: AbortSignal;
}): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { client, watch, put, forward, closing } = parts;
  const nonces = createNonces();
  const receiver = createWebhookReceiver({
    keys: verificationKeys(client),
    maxBodySize: MAX_DELIVERY,
    seen: nonces.store,
  });
  let count = 0;

  return nonces.perDelivery(async (request, response, forgetNonces) => {
    const { method = "GET", url: target = "/" } = request;
    const at = Date.now();
    const headers = pairsOf(request.rawHeaders);
    const body = await readBytes(request, MAX_DELIVERY);
    let entry: Entry = {
      id: `delivery-${(count += 1)}`,
      kind: "delivery",
      at,
      method,
      target,
      status: "pending",
      attempts: [],
      ...(body !== undefined && { operation: eventTypes(body) }),
    };
    const update = (more: Partial<Entry>): void => {
      entry = { ...entry, ...more };
      put(entry);
    };
    const end = (status: number, told: ProxyProblem | undefined, more: Partial<Entry>): void => {
      const text = told === undefined ? "" : problemBody(told);
      response.writeHead(status, {
        ...(told !== undefined && { "content-type": "application/problem+json" }),
        ...told?.headers,
        "content-length": String(Buffer.byteLength(text)),
      });
      response.end(text);
      update({ status, ms: Date.now() - at, ...more });
    };

    if (body === undefined) {
      const told = refusal(413, "too_large", "Too large", `A delivery of more than ${MAX_DELIVERY} bytes.`, {
        connection: "close",
      });
      return end(413, told, refused(told, "too large"));
    }
    if (method !== "POST") {
      const told = refusal(405, "method_not_allowed", "Method not allowed", "Deliveries come by POST.", {
        allow: "POST",
      });
      return end(405, told, refused(told, `a ${method}`));
    }

    let fetched: readonly Attempt[] = [];
    const own = (status: Attempt["status"], signature: SignatureView, problem?: ProxyProblem): Attempt => ({
      label: "delivery",
      at,
      ms: Date.now() - at,
      status,
      signature,
      sent: messageView(headers, body),
      problem: problem === undefined ? undefined : problemFacts(problemBody(problem)),
    });
    try {
      await watch.run(
        (told) => {
          fetched = told;
          update({ attempts: told });
        },
        () => receiver.verify({ method, path: target, headers, body }),
      );
    } catch (error) {
      const told = refusalOf(error);
      const signature = signatureOf({ target, headers, body, error });
      const reason = error instanceof WebhookVerificationError ? error.reason : told.detail;
      return end(told.status, told, {
        outcome: { kind: "delivery refused", reason },
        attempts: [...fetched, own(told.status, signature, told)],
      });
    }
    const signature = signatureOf({ target, headers, body, error: undefined });
    if (forward === undefined) return end(200, undefined, { attempts: [...fetched, own(200, signature)] });

    const { pathname, search } = forwardedTo(forward, target);
    update({
      attempts: [...fetched, own("pending", signature)],
      notes:
        `${pathname}${search}` === target
          ? []
          : [
              `Passed on to ${pathname}${search}, but signed for ${target}: there its signature fits no more.`,
            ],
    });
    const passedOn = await passOn({ forward, target, headers, body, closing });
    const status = typeof passedOn.status === "number" ? passedOn.status : 502;
    // Only 200 counts as taken on all pages of the docs that tell (Upvest docs, "Webhooks handler").
    const taken = status === 200;
    if (!taken) await forgetNonces();
    const why =
      passedOn.problem?.[0]?.[0] === "no answer"
        ? passedOn.problem[0][1]
        : `answered ${status}, and only 200 counts`;
    const answered = taken || status >= 400 ? status : 502;
    const told = refusal(
      answered,
      "forward_failed",
      "Not taken",
      `${forward.origin}: ${why}. It comes again.`,
    );
    end(answered, taken ? undefined : told, {
      ...(!taken && {
        outcome: { kind: "not taken", reason: `by ${forward.origin}: ${why}; it comes again` },
      }),
      attempts: [...fetched, own(answered, signature), passedOn],
    });
  });
}

/**
 * Without a path in it the path of the delivery stays, which is the one that was signed. Put behind the origin and not
 * resolved against it: a path that begins with two slashes would name another host.
 */
const forwardedTo = (forward: URL, target: string): URL =>
  forward.pathname === "/" ? new URL(`${forward.origin}${target}`) : forward;

/** To the developer's server, byte for byte: it can verify the signature as if it had been sent there. */
async function passOn(delivery: {
  readonly forward: URL;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
  readonly closing: AbortSignal;
}): Promise<Attempt> {
  const { forward, target, headers, body, closing } = delivery;
  const url = forwardedTo(forward, target);
  const kept = headers.filter(([name]) => !HOP.test(name.toLowerCase()));
  const at = Date.now();
  const sent = {
    headers: { ...Object.fromEntries(kept), "content-length": String(body.byteLength) },
    body: Buffer.from(body),
    base: "",
  };
  const posted = await post(url, sent, { timeout: FORWARD_TIMEOUT, signal: closing });
  const { answered } = posted;
  return {
    label: "forward",
    at,
    ms: Date.now() - at,
    status: answered?.status ?? "failed",
    facts: [["url", url.href]],
    problem: answered === undefined ? [["no answer", posted.failed]] : undefined,
    answer: answered && { headers: Object.entries(answered.headers), body: answered.body },
  };
}

const refused = ({ detail }: ProxyProblem, reason: string): Partial<Entry> => ({
  outcome: { kind: "delivery refused", reason },
  notes: [detail],
});

function refusalOf(error: unknown): ProxyProblem {
  if (error instanceof WebhookVerificationError) {
    const { status, reason, message } = error;
    return { ...refusal(status, "delivery_refused", "Delivery refused", message), members: { reason } };
  }
  return refusal(500, "internal", "The proxy failed", error instanceof Error ? error.message : String(error));
}

/** Which check a refusal belongs to. */
const checkOf: Readonly<Record<string, string>> = {
  digest_mismatch: "digest",
  malformed_digest: "digest",
  stale: "clock",
  future: "clock",
  expired: "clock",
  unknown_key: "key id",
  wrong_algorithm: "key id",
  keys_unavailable: "key id",
  replayed_nonce: "nonce",
  absent_component: "components",
  insufficient_cover: "components",
};

function signatureOf(delivery: {
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
  readonly error: unknown;
}): SignatureView {
  const { target, error } = delivery;
  const headers = new Map(delivery.headers.map(([name, value]) => [name.toLowerCase(), value]));
  const input = readSignatureInput(headers.get("signature-input"));
  const [path = "/", query = ""] = target.split(/\?(.*)/s);
  const base = input && rebuildBase(input, { method: "POST", path, query, headers });
  // Version 6 has the names without quotes (Upvest docs, "Implementing HTTP signatures v6").
  const quoted = headers.get("upvest-signature-version") === "15";
  const seen = quoted ? base : base?.replaceAll(/^"(@?[^"]+)": /gm, "$1: ");
  const verified = error === undefined;
  const why = error instanceof Error ? error.message.replace(/^Webhook delivery refused \(\w+\): /, "") : "";
  return {
    verdict: verified ? "verified" : "refused",
    reason: verified ? "The signature fits the delivery and a key that Upvest publishes." : sentence(why),
    signedBy: "signed by the sender",
    seenBy: "received here",
    lines: seen === undefined ? [] : compareBases(verified ? seen : undefined, seen),
    checks: input === undefined ? [] : [clockOf(input.created), ...refusedCheck(error, delivery.body)],
  };
}

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;

function clockOf(created: number | undefined): Check {
  if (created === undefined)
    return { what: "clock", state: "unknown", text: "the signature does not say when it was made" };
  const age = Date.now() / 1000 - created;
  const state = Math.abs(age) > 300 ? "bad" : "good";
  return {
    what: "clock",
    state,
    text: `created ${Math.abs(age).toFixed(1)} s ${age < 0 ? "in the future" : "ago"} by this clock`,
  };
}

function refusedCheck(error: unknown, body: Uint8Array): readonly Check[] {
  if (!(error instanceof WebhookVerificationError)) return [];
  const what = checkOf[error.reason] ?? "signature";
  if (what === "clock") return [];
  const digest = createHash("sha256").update(body).digest("base64");
  const text =
    error.reason === "digest_mismatch"
      ? `the SHA-256 of the body that came is ${digest}`
      : error.reason.replaceAll("_", " ");
  return [{ what, state: "bad", text }];
}

function pairsOf(raw: readonly string[]): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at] ?? "", raw[at + 1] ?? ""]);
  return pairs;
}

import { createHash, randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Call, Perform } from "./effects.js";
import type { Failures, StatusFailure } from "./failures.js";
import type { Outcome, Received } from "./gateway.js";
import type { Idempotency } from "./idempotency.js";
import type { Observer } from "./observer.js";
import type { Route, Routes } from "./operations.js";
import { problem, problemOf, type Answer } from "./problems.js";
import type { Draft, Records } from "./records.js";
import { Refusal } from "./refusal.js";
import type { Tokens } from "./tokens.js";
import type { Verifier } from "./verify.js";

/** The parts that a request passes through. */
export interface Parts {
  readonly routes: Routes;
  /** Whether the rate limit admits one more request. */
  readonly admit: () => boolean;
  readonly verify: Verifier;
  readonly tokens: Tokens;
  readonly failures: Failures;
  readonly idempotency: Idempotency;
  readonly perform: Perform;
  readonly records: Records;
  readonly clientId: string;
  /** Is told of each request when it is answered. */
  readonly observe?: Observer["call"] | undefined;
  /** Sent with every answer, beside those that the API has. */
  readonly ownHeaders?: (() => Readonly<Record<string, string>>) | undefined;
  /** Called once for each successful effect. */
  readonly took: (operation: string) => void;
  /** ms */
  readonly clock: () => number;
  /** Aborted when the sandbox closes. */
  readonly closing: AbortSignal;
}

/**
 * Takes a request through the checks in their order: operation, rate limit, signature, token and scope, media types,
 * wanted failures, idempotency, answer. Never rejects.
 */
export function createPipeline(parts: Parts): (received: Received) => Promise<Outcome> {
  return async (received) => {
    const requestId = randomUUID();
    const draft = draftOf(received, parts.clock());
    parts.records.open(draft);
    const outcome = await pass(parts, received, draft, requestId).catch((error: unknown): Outcome => {
      if (parts.closing.aborted) return "dropped";
      if (error instanceof Refusal) return { answer: problem(error.kind, requestId, error.text) };
      const detail = error instanceof Error ? error.message : "unknown";
      return { answer: problem("internal", requestId, { detail: `The sandbox failed: ${detail}` }) };
    });
    parts.records.close(draft, outcome === "dropped" ? outcome : outcome.answer.status);
    parts.observe?.({
      received,
      at: draft.at,
      answeredAt: parts.clock(),
      requestId,
      answer: outcome === "dropped" ? outcome : outcome.answer,
      route: parts.routes.byId(draft.operationId ?? ""),
      verdict: draft.signature,
      idempotency: draft.idempotency,
      fault: draft.fault,
    });
    if (outcome === "dropped" || isBare(draft)) return outcome;
    const { answer } = outcome;
    return {
      ...outcome,
      answer: {
        ...answer,
        headers: { ...answer.headers, "upvest-request-id": requestId, ...parts.ownHeaders?.() },
      },
    };
  };
}

async function pass(parts: Parts, received: Received, draft: Draft, requestId: string): Promise<Outcome> {
  const call = await admitted(parts, received, draft);
  const { route } = call;

  const fault = parts.failures.next(route.id, route.issuesTokens);
  draft.fault = fault;
  const pause = async (): Promise<void> => {
    if (fault?.delay !== undefined) await wait(fault.delay, undefined, { signal: parts.closing });
  };
  if (fault?.status !== undefined || fault?.drop === "before") {
    await pause();
    return fault.status === undefined ? "dropped" : { answer: failure(fault, requestId) };
  }

  const effect = async (): Promise<Answer> => {
    await pause();
    const answer = await parts.perform(call);
    if (answer.status < 300) parts.took(route.id);
    return answer;
  };
  const answer = await (route.idempotencyKey === undefined ? effect() : once(parts, call, draft, effect));
  if (fault?.drop === "after") return "dropped";
  if (fault?.truncate === true) return answer.body.length === 0 ? "dropped" : { answer, truncate: true };
  return { answer };
}

async function admitted(parts: Parts, received: Received, draft: Draft): Promise<Call> {
  const match = parts.routes.find(received.method, received.path);
  if (match.found === undefined) {
    if (match.allow.length === 0) throw new Refusal("not_found");
    throw new Refusal("method_not_allowed", { headers: { allow: match.allow.join(", ") } });
  }
  const route = match.found;
  draft.operationId = route.id;

  const clientId = received.headers.get("upvest-client-id") ?? "";
  if (clientId === "") throw new Refusal("missing_client_id");
  // Limits are counted per client (Upvest docs, Throttling); a client that is not known fails at its signature.
  if (clientId === parts.clientId && !parts.admit()) throw new Refusal("too_many_requests");

  draft.signature = await parts.verify(received, { authorization: !route.issuesTokens });
  if (!draft.signature.verified) throw new Refusal("unauthorised", { detail: "Signature is incorrect" });

  if (!route.issuesTokens) checkScope(route, parts.tokens.scopesOf(received.headers.get("authorization")));
  checkContentType(route, received);
  return { route, values: match.values, received, clientId, accept: acceptable(route, received) };
}

function checkScope(route: Route, scopes: ReadonlySet<string> | undefined): void {
  if (scopes === undefined)
    throw new Refusal("unauthorised", { detail: "The access token is unknown or has expired" });
  if (route.scopes.length > 0 && !route.scopes.some((scope) => scopes.has(scope))) {
    throw new Refusal("forbidden", {
      detail: `The access token has none of the scopes ${route.scopes.join(", ")}`,
    });
  }
}

/** To the letter: the API refuses `application/json; charset=utf-8`. */
function checkContentType(route: Route, { body, headers }: Received): void {
  if (body.length === 0 || route.accepts.length === 0) return;
  if (!route.accepts.includes(headers.get("content-type") ?? "")) {
    throw new Refusal("invalid_request", { details: "unexpected request Content-Type" });
  }
}

/** Upvest takes one media type or any, no list and no weights. */
function acceptable(route: Route, { headers }: Received): string {
  const accept = headers.get("accept");
  const offers = route.offers.length === 0 ? ["application/json"] : route.offers;
  const choice =
    accept === "*/*" ? (offers.find((offer) => offer === "application/json") ?? offers[0]) : accept;
  if (choice === undefined || !offers.includes(choice)) {
    throw new Refusal("not_acceptable", { detail: `Offered here: ${offers.join(", ")}` });
  }
  return choice;
}

async function once(parts: Parts, call: Call, draft: Draft, effect: () => Promise<Answer>): Promise<Answer> {
  const { route, received, clientId } = call;
  const key = received.headers.get("idempotency-key");
  if (key === undefined) {
    if (route.requiresKey) throw new Refusal("missing_idempotency_key");
    return effect();
  }
  if (route.idempotencyKey?.test(key) === false) {
    throw new Refusal("invalid_request", {
      details: `(header): 'idempotency-key' must match ${route.idempotencyKey.source}`,
    });
  }
  const print = createHash("sha256").update(`${received.url}\n`).update(received.body).digest("hex");
  const result = await parts.idempotency.run(`${clientId} ${route.id} ${key}`, print, effect);
  if (result.state === "mismatch") {
    throw new Refusal("unprocessable_entity", {
      detail: "The idempotency key was used before with another request",
    });
  }
  draft.idempotency = result.state;
  return result.answer;
}

function failure({ status, bare, retryAfter }: StatusFailure, requestId: string): Answer {
  const headers: Record<string, string> =
    retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
  return bare === true
    ? { status, headers, body: Buffer.alloc(0) }
    : problemOf(status, requestId, { detail: "The sandbox was told to fail", headers });
}

/** Such an answer stands for the edge in front of the API, which knows no request ids. */
function isBare({ fault }: Draft): boolean {
  return fault?.status !== undefined && fault.bare === true;
}

function draftOf({ method, url, headers, body }: Received, at: number): Draft {
  const unknown = { operationId: undefined, signature: undefined, idempotency: undefined, fault: undefined };
  return { at, method, url, headers, body, ...unknown };
}

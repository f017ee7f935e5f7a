import type { ObservedCall } from "../../sandbox/observer.js";
import { readSignatureInput } from "../base-lines.js";
import { curlOf } from "../curl.js";
import type { Attempt, Entry, Fact, SignatureView, Status } from "../entry.js";
import type { Journal } from "../journal.js";
import { messageView, problemFacts } from "../message-view.js";
import type { Secrets } from "../secrets.js";
import { createRecent } from "../recent.js";
import { examine, type Rules } from "./examine.js";

export interface CallFeed {
  readonly observe: (call: ObservedCall) => void;
  /** What the verifier made of the signature with that nonce, as JSON in which no secret is left. */
  readonly lookUp: (nonce: string) => Promise<string | undefined>;
}

/** Signatures that are remembered: as many as entries, with room for retries. */
const MAX_SIGNATURES = 2_000;

/** Turns the sandbox's requests into entries of the journal. Attempts that share an idempotency key are one call. */
export function createCallFeed(parts: {
  readonly journal: Journal;
  readonly secrets: Secrets;
  readonly rules: Rules;
  /** The sandbox's own address. */
  readonly url: () => string;
  /** What a token in an `authorization` header allows; undefined when it is unknown or has expired. */
  readonly scopesOf: (authorization: string | undefined) => ReadonlySet<string> | undefined;
}): CallFeed {
  const { journal, secrets, rules, url, scopesOf } = parts;
  const open = createRecent<string, Entry>(MAX_SIGNATURES);
  const acceptedAt = createRecent<string, number>(MAX_SIGNATURES);
  const views = createRecent<string, Promise<SignatureView>>(MAX_SIGNATURES);
  let count = 0;

  const signatureOf = (call: ObservedCall): Promise<SignatureView> | undefined => {
    const { received, verdict, answeredAt: now, route } = call;
    if (verdict === undefined) return undefined;
    const nonce = readSignatureInput(received.headers.get("signature-input"))?.nonce;
    const usedAt = nonce === undefined ? undefined : acceptedAt.get(nonce);
    const wantsToken = route?.issuesTokens !== true;
    const view = examine({ received, verdict, now, wantsToken, usedAt }, rules);
    if (nonce !== undefined) {
      views.set(nonce, view);
      if (verdict.verified) acceptedAt.set(nonce, call.at);
    }
    return view;
  };

  return {
    observe: (call) => {
      const { received, route } = call;
      const authorization = received.headers.get("authorization");
      secrets.add((authorization ?? "").replace(/^\w+ +/, ""));
      const scopes = authorization === undefined ? undefined : scopesOf(authorization);

      const key = received.headers.get("idempotency-key");
      const joint = key === undefined ? undefined : `${received.method} ${received.path} ${key}`;
      const before = joint === undefined ? undefined : open.get(joint);
      const attempt = attemptOf(call, scopes, (before?.attempts.length ?? 0) + 1);
      const put = (signature: SignatureView | undefined): void => {
        // Another attempt may have joined while this one's signature was examined.
        const latest = (joint === undefined ? undefined : open.get(joint)) ?? entry;
        const attempts = latest.attempts.map((each) => (each === attempt ? { ...each, signature } : each));
        const told = { ...latest, attempts };
        if (joint !== undefined) open.set(joint, told);
        journal.put(told);
      };
      const entry: Entry = {
        id: before?.id ?? `call-${(count += 1)}`,
        kind: "call",
        at: before?.at ?? call.at,
        method: received.method,
        target: received.url,
        operation: route?.id,
        status: attempt.status,
        ms: call.answeredAt - (before?.at ?? call.at),
        attempts: [...(before?.attempts ?? []), attempt],
        facts: key === undefined ? [] : [["idempotency key", key]],
        notes: notesOf(call),
        curl: throughProxy(received, url()),
      };
      if (joint !== undefined) open.set(joint, entry);
      const examined = signatureOf(call);
      journal.put(entry);
      void examined?.then(put, () => undefined);
    },
    lookUp: async (nonce) => {
      const view = await views.get(nonce);
      return view === undefined
        ? undefined
        : JSON.stringify(view, (_, value: unknown) =>
            typeof value === "string" ? secrets.hide(value) : value,
          );
    },
  };
}

/** The sandbox signs nothing, so the command is for a proxy in front of it. */
function throughProxy({ method, url: target, headers, body }: ObservedCall["received"], own: string): string {
  const port = new URL(own).port === "3000" ? 3001 : 3000;
  const command = curlOf({ method, target, headers, body }, `http://127.0.0.1:${port}`);
  return `# Signed by a proxy with this sandbox's credentials: npx upvest-client proxy --port ${port}\n${command}`;
}

function attemptOf(call: ObservedCall, scopes: ReadonlySet<string> | undefined, nth: number): Attempt {
  const { received, answer, requestId } = call;
  const status: Status = answer === "dropped" ? "dropped" : answer.status;
  const view = answer === "dropped" ? undefined : messageView(Object.entries(answer.headers), answer.body);
  const isProblem = answer !== "dropped" && answer.headers["content-type"] === "application/problem+json";
  return {
    label: `attempt ${nth}`,
    at: call.at,
    ms: call.answeredAt - call.at,
    status,
    facts: [["request id", requestId], ...tokenFacts(call, scopes)],
    problem: isProblem ? problemFacts(view?.body ?? "") : undefined,
    sent: messageView(received.headers, received.body),
    answer: view,
  };
}

function tokenFacts(
  { route, received }: ObservedCall,
  scopes: ReadonlySet<string> | undefined,
): readonly Fact[] {
  if (route === undefined) return [];
  if (route.issuesTokens) {
    const asked = new URLSearchParams(received.body.toString("utf8")).get("scope");
    return asked === null ? [] : [["scope asked for", asked]];
  }
  const given =
    scopes === undefined
      ? received.headers.has("authorization")
        ? "unknown, or expired"
        : "none was sent"
      : [...scopes].join(" ");
  return [
    ["token's scope", given],
    ["scope needed", route.scopes.join(" or ") || "any"],
  ];
}

function notesOf({ idempotency, fault, answer }: ObservedCall): readonly string[] {
  return [
    ...(idempotency === "replayed"
      ? ["The answer of this idempotency key was repeated; nothing was done again."]
      : []),
    ...(fault === undefined ? [] : [`Met a rule given to fail: ${JSON.stringify(fault)}`]),
    ...(answer === "dropped" ? ["The sandbox hung up without an answer."] : []),
  ];
}

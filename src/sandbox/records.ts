import type { FailureRule } from "./failures.js";
import type { Verdict } from "./verify.js";

/** A request as the sandbox saw it. Tokens, signatures and the client secret are shown as `[redacted]`. */
export interface SandboxRequest {
  /** When it arrived, by the sandbox's clock (ms). */
  readonly at: number;
  readonly method: string;
  /** Path and query as they were sent. */
  readonly url: string;
  /** Absent when the path or method is not in the description. */
  readonly operationId: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as text, cut after 64 KiB. */
  readonly body: string;
  /** What was answered; "dropped" when the connection was closed without an answer. */
  readonly status: number | "dropped";
  /** What the signature verifier saw. Absent when the request was refused before it. */
  readonly signature: Verdict | undefined;
  /** Of an operation with idempotency key: whether it took effect now or an earlier answer was repeated. */
  readonly idempotency: "new" | "replayed" | undefined;
  /** The rule given to `fail` that this request met. */
  readonly fault: FailureRule | undefined;
}

/** The newest requests are kept, up to this many. */
export const MAX_RECORDS = 10_000;

const MAX_BODY = 64 * 1024;

/** A record being written: it becomes visible with {@link Records.close}. */
export interface Draft {
  at: number;
  method: string;
  url: string;
  operationId: string | undefined;
  headers: ReadonlyMap<string, string>;
  body: Buffer;
  signature: Verdict | undefined;
  idempotency: "new" | "replayed" | undefined;
  fault: FailureRule | undefined;
}

export interface Records {
  /** Takes the place in the order of arrival. */
  readonly open: (draft: Draft) => void;
  /** Completes the record with what was answered. */
  readonly close: (draft: Draft, status: number | "dropped") => void;
  readonly all: () => readonly SandboxRequest[];
}

const HIDDEN = "[redacted]";

export function createRecords(secret: string, onRequest?: (request: SandboxRequest) => void): Records {
  const entries = new Map<Draft, SandboxRequest | undefined>();
  // The secret may also turn up in the wrong place: a path, a JSON body. So it is looked for everywhere.
  const hide = (text: string): string =>
    text.replaceAll(secret, HIDDEN).replaceAll(/ory_at_[\w.~+/-]+=*/g, HIDDEN);

  const headersOf = (draft: Draft): Readonly<Record<string, string>> =>
    Object.fromEntries(
      [...draft.headers].map(([name, value]) => [
        name,
        name === "authorization" || name === "signature" ? HIDDEN : hide(value),
      ]),
    );
  const verdictOf = ({ signature, headers }: Draft): Verdict | undefined => {
    if (signature === undefined) return undefined;
    const authorization = headers.get("authorization") ?? "";
    // A line of the base ends with the value, so nothing but that line is touched.
    const base = signature.base.replace(
      `"authorization": ${authorization}\n`,
      `"authorization": ${HIDDEN}\n`,
    );
    return { ...signature, base: hide(base) };
  };

  return {
    open: (draft) => {
      entries.set(draft, undefined);
      if (entries.size > MAX_RECORDS) {
        const [oldest] = entries.keys();
        if (oldest !== undefined) entries.delete(oldest);
      }
    },
    close: (draft, status) => {
      const entry: SandboxRequest = {
        at: draft.at,
        method: draft.method,
        url: hide(draft.url),
        operationId: draft.operationId,
        headers: headersOf(draft),
        body: hide(bodyOf(draft)),
        status,
        signature: verdictOf(draft),
        idempotency: draft.idempotency,
        fault: draft.fault,
      };
      // Unless it was pushed out by newer ones while it was being answered.
      if (entries.has(draft)) entries.set(draft, entry);
      // Later, so that an error of the listener's is its own and not the answer's.
      if (onRequest !== undefined) queueMicrotask(() => onRequest(entry));
    },
    all: () => [...entries.values()].filter((entry) => entry !== undefined),
  };
}

function bodyOf({ body, headers }: Draft): string {
  const text =
    body.toString("utf8", 0, MAX_BODY) + (body.length > MAX_BODY ? `... (${body.length} bytes)` : "");
  if (headers.get("content-type")?.startsWith("application/x-www-form-urlencoded") !== true) return text;
  // Field by field, so that a wrong secret and an escaped name are hidden as well.
  return text
    .split("&")
    .map((field) => (new URLSearchParams(field).has("client_secret") ? `client_secret=${HIDDEN}` : field))
    .join("&");
}

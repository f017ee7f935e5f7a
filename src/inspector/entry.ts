/** What the page shows, as plain data. The page's own script imports this too, so nothing of Node's is in it. */

/** "pending": no answer yet. "dropped": answered by hanging up. "failed": no answer came. */
export type Status = number | "pending" | "dropped" | "failed";

/** One call with all its attempts, or one webhook delivery with all of its. */
export interface Entry {
  readonly id: string;
  readonly kind: "call" | "delivery";
  /** ms since 1970 */
  readonly at: number;
  readonly method: string;
  /** Path and query; of a delivery that goes out, the whole URL. */
  readonly target: string;
  /** `operationId` of the description; of a delivery the types of its events. */
  readonly operation?: string | undefined;
  readonly status: Status;
  readonly ms?: number | undefined;
  readonly attempts: readonly Attempt[];
  readonly outcome?: Outcome | undefined;
  /** Of a delivery that the sandbox spoiled on purpose: how ("body", "replay"). */
  readonly tampered?: string | undefined;
  readonly facts?: readonly Fact[] | undefined;
  /** What a person should know: a header that was dropped, a key that was used before. */
  readonly notes?: readonly string[] | undefined;
  readonly curl?: string | undefined;
  /** `UpvestApiError.explain()` of a refusal. */
  readonly explanation?: string | undefined;
}

/** What became of it, where the status alone would mislead. */
export interface Outcome {
  /** "outcome unknown": of a write. "not sent": the proxy refused it. "not taken": by the server that it was passed on to. */
  readonly kind: "outcome unknown" | "not sent" | "no answer" | "delivery refused" | "not taken";
  readonly reason: string;
}

/** A name and what it is, for people. */
export type Fact = readonly [name: string, value: string];

/** One exchange of request and answer. */
export interface Attempt {
  /** "attempt 2", "token" */
  readonly label: string;
  /** ms since 1970 */
  readonly at: number;
  readonly ms?: number | undefined;
  readonly status: Status;
  readonly facts?: readonly Fact[] | undefined;
  /** The members of an `application/problem+json` answer, or why there is no answer. */
  readonly problem?: readonly Fact[] | undefined;
  readonly signature?: SignatureView | undefined;
  readonly sent?: MessageView | undefined;
  readonly answer?: MessageView | undefined;
}

/** An attempt at the call itself; the others are at tokens and keys. */
export const isTry = ({ label }: Attempt): boolean => label.startsWith("attempt");

export interface MessageView {
  readonly headers: readonly Fact[];
  /** Empty when there is none. */
  readonly body: string;
}

/** A signature as it was made, beside what the other side saw. */
export interface SignatureView {
  /** "unjudged": nobody told. */
  readonly verdict: "verified" | "refused" | "unjudged";
  /** Why it was refused, or what is known, in one sentence. */
  readonly reason: string;
  /** What the two columns are: "signed by this proxy", "received by the sandbox". */
  readonly signedBy: string;
  readonly seenBy: string;
  readonly lines: readonly Line[];
  readonly checks: readonly Check[];
}

/** One line of the signature base; a side that is not known, or has no such line, is absent. */
export interface Line {
  readonly name: string;
  readonly signed?: string | undefined;
  readonly seen?: string | undefined;
  readonly differs: boolean;
}

export interface Check {
  readonly what: string;
  readonly state: "good" | "bad" | "unknown";
  readonly text: string;
}

/** What one attempt signed, kept so that a refusal can be explained. */
export interface SignedRequest {
  readonly keyId: string;
  readonly algorithm: string;
  /** Names, in the order in which they were signed. */
  readonly components: readonly string[];
  readonly base: string;
  /** s, Unix time. */
  readonly created: number;
  /** s, Unix time. */
  readonly expires: number;
}

const signedDifference = (seconds: number): string =>
  Math.abs(seconds) < 2
    ? "in step"
    : `${Math.abs(seconds)} s ${seconds > 0 ? "ahead of" : "behind"} the server`;

/** s; signatures of ours are good for 30. */
const NOTABLE = 20;

/**
 * The signature base as a person may see it: the access token's characters are hidden, everything else is as signed.
 */
export function hideToken(base: string): string {
  return base.replace(/^("?authorization"?: Bearer ).*$/m, "$1[hidden]");
}

/**
 * What a person needs when a signature is refused: what was signed, line by line, and whether the clocks agree.
 *
 * @param date the `date` header of the refusal, if it had one
 */
export function explainRefusal(signed: SignedRequest, date: string | null): string {
  const server = date === null ? Number.NaN : Date.parse(date);
  const seconds = signed.created - Math.floor(server / 1000);
  const clock = Number.isNaN(seconds) ? "unknown: the answer had no date" : signedDifference(seconds);
  const isOff = Math.abs(seconds) > NOTABLE;
  return [
    "The API refused this request. If its detail speaks of the signature, compare what was signed with what was sent:",
    "",
    hideToken(signed.base).replaceAll(/^(?=.)/gm, "  "),
    "",
    `covered components: ${signed.components.join(" ")}`,
    `keyid ${signed.keyId}, ${signed.algorithm}, created ${signed.created}, expires ${signed.expires}`,
    `local clock against the answer's date: ${clock}`,
    ...(isOff ? [`Set the clock first: a signature that is dated ${clock} is refused.`] : []),
    "Check: is this key registered for this client id and environment? Does a proxy change headers, path or body?",
  ].join("\n");
}

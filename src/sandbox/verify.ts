import { createHash, verify as verifyBytes, type KeyObject } from "node:crypto";
import { checkStrict } from "./strict.js";
import { readDigest, readParameters, readSignature, Refused } from "./signature-fields.js";

/**
 * The sandbox's own reading of "HTTP signatures v15" (draft-ietf-httpbis-message-signatures-15, Upvest docs).
 * It shares no code with the client's signer on purpose: a mistake made in both would otherwise go unseen.
 */
export interface VerifierOptions {
  readonly keys: ReadonlyMap<string, VerificationKey>;
  /** ms */
  readonly clock: () => number;
  /** The longest `expires - created`, in seconds. */
  readonly window: number;
  /** How far `created` may lie in the future, in seconds. */
  readonly tolerance: number;
  readonly strict?: boolean;
}

export interface VerificationKey {
  readonly key: KeyObject;
  readonly algorithm: Algorithm;
  readonly clientId: string;
}

/** Of a signing key. */
export type Algorithm = "ed25519" | "ecdsa-p521";

/** A request as it came over the wire. */
export interface Message {
  readonly method: string;
  readonly path: string;
  /** Without its `?`; empty when there is none. */
  readonly query: string;
  /** Lower-case names; the values of a repeated header joined by a comma and a space. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

/** What the sandbox's verifier made of a request's signature. */
export interface Verdict {
  readonly verified: boolean;
  /** The algorithm of the key that `keyid` names; "unknown" when the verifier did not get that far. */
  readonly algorithm: Algorithm | "unknown";
  readonly components: readonly string[];
  /** The signature base that the verifier built; empty when it did not get that far. */
  readonly base: string;
  /** Why the signature was refused. */
  readonly reason?: string;
}

export type Verifier = (message: Message, expects: { readonly authorization: boolean }) => Promise<Verdict>;

/** A verifier that also remembers nonces: each is good for one request of its key. */
export function createVerifier(options: VerifierOptions): Verifier {
  const nonces = new Map<string, number>();

  return async (message, expects) => {
    const seen: { -readonly [Name in keyof Verdict]: Verdict[Name] } = {
      verified: false,
      algorithm: "unknown",
      components: [],
      base: "",
    };
    try {
      const version = message.headers.get("upvest-signature-version");
      if (version !== "15") {
        throw new Refused(
          version === undefined
            ? "upvest-signature-version is missing: the API then reads the signature as v6"
            : `upvest-signature-version must be 15, not ${version}`,
        );
      }
      const { components, parameters, text, signature } = readSignature(message.headers);
      seen.components = components;

      const { keyid, created, expires, nonce } = readParameters(parameters);
      const key = options.keys.get(keyid);
      if (key === undefined) throw new Refused(`keyid ${keyid} is not a known key`);
      seen.algorithm = key.algorithm;
      if (key.clientId !== message.headers.get("upvest-client-id")) {
        throw new Refused("the key does not belong to the client in upvest-client-id");
      }
      const alg = parameters.get("alg");
      if (alg !== undefined && !(alg === "ed25519" && key.algorithm === "ed25519")) {
        throw new Refused(`alg does not fit the key, which is ${key.algorithm}: leave the parameter out`);
      }
      const now = options.clock() / 1000;
      checkTimes({ created, expires, now, window: options.window, tolerance: options.tolerance });
      checkCover(components, message, expects.authorization);
      if (options.strict === true) checkStrict(components, message.headers);

      seen.base = signatureBase(components, text, message);
      checkDigest(message);
      // Header values are bytes; Node hands them over as latin1, so this is what was sent.
      if (!(await verifies(key.key, Buffer.from(seen.base, "latin1"), signature))) {
        throw new Refused("the signature does not fit the signature base and the key");
      }
      // Kept last, and after the wait above without another one in between: a forged request must not use up
      // a nonce, and of two equal requests in flight only one may pass.
      const used = `${keyid}\n${nonce}`;
      if ((nonces.get(used) ?? 0) >= now) throw new Refused(`nonce ${nonce} was used before`);
      forgetExpired(nonces, now);
      nonces.set(used, expires);
      seen.verified = true;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      seen.reason = error.message;
    }
    return seen;
  };
}

function checkTimes(times: {
  created: number;
  expires: number;
  now: number;
  window: number;
  tolerance: number;
}): void {
  const { created, expires, now, window, tolerance } = times;
  if (expires <= created) throw new Refused(`expires (${expires}) is not after created (${created})`);
  if (expires - created > window) {
    throw new Refused(`expires is ${expires - created} s after created; the longest accepted is ${window} s`);
  }
  if (created > now + tolerance) {
    throw new Refused(
      `created lies ${(created - now).toFixed(1)} s in the future; ${tolerance} s are tolerated`,
    );
  }
  if (now > expires) throw new Refused(`the signature expired ${(now - expires).toFixed(1)} s ago`);
}

/** Upvest docs, v15 signature components: which ones are wanted depends on what the request has. */
function checkCover(components: readonly string[], message: Message, authorization: boolean): void {
  const wanted = ["@method", "@path", "accept", "upvest-client-id"];
  if (message.query !== "") wanted.push("@query");
  if (authorization) wanted.push("authorization");
  if (message.body.length > 0) wanted.push("content-length", "content-type", "content-digest");
  for (const header of ["idempotency-key", "upvest-api-version"]) {
    if (message.headers.has(header)) wanted.push(header);
  }
  const uncovered = wanted.filter((name) => !components.includes(name));
  if (uncovered.length > 0) throw new Refused(`not covered: ${uncovered.join(", ")}`);
  if (message.query === "" && components.includes("@query")) {
    throw new Refused("@query is covered but the request has no query: Upvest wants it left out");
  }
}

function signatureBase(components: readonly string[], parameters: string, message: Message): string {
  const value = (name: string): string => {
    if (name === "@method") return message.method;
    if (name === "@path") return message.path;
    if (name === "@query") return `?${message.query}`;
    const header = message.headers.get(name);
    if (header === undefined) throw new Refused(`${name} is covered but was not sent`);
    return header;
  };
  const lines = components.map((name) => `"${name}": ${value(name)}`);
  return [...lines, `"@signature-params": ${parameters}`].join("\n");
}

function checkDigest(message: Message): void {
  if (!message.headers.has("content-digest")) return;
  if (!createHash("sha512").update(message.body).digest().equals(readDigest(message.headers))) {
    throw new Refused(`content-digest does not fit the ${message.body.length} bytes of the body`);
  }
}

/** Off the event loop: P-521 takes milliseconds. ECDSA signatures are ASN.1 DER, which is Node's default. */
function verifies(key: KeyObject, base: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const digest = key.asymmetricKeyType === "ed25519" ? null : "sha512";
  return new Promise((resolve, reject) => {
    verifyBytes(digest, base, key, signature, (error, result) =>
      error === null ? resolve(result) : reject(error),
    );
  });
}

/** A nonce is only needed while its signature could still be accepted. From the oldest on, so the walk is short. */
function forgetExpired(nonces: Map<string, number>, now: number): void {
  for (const [nonce, expires] of nonces) {
    if (expires >= now) return;
    nonces.delete(nonce);
  }
}

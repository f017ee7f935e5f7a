import { signatureBase } from "../signature/base.js";
import type { Component } from "../signature/base.js";
import type { SignatureAlgorithm } from "../signature/algorithms.js";
import { createVerifier } from "../signature/keys.js";
import type { Verifier } from "../signature/keys.js";
import type { Profile } from "../signature/profile.js";
import { refuse } from "./errors.js";
import { readSignatures } from "./fields.js";
import type { ReceivedSignature } from "./fields.js";
import type { KeySource } from "./keys.js";
import type { Message } from "./message.js";
import { profileOf, requireCover, requireDigest, requireFresh } from "./policy.js";

/** A nonce that was signed, by the key it belongs to. */
export interface SignedNonce {
  readonly id: string;
  /** When no signature with this nonce would be accepted any more, ms. */
  readonly until: number;
}

/** Checks every signature of a message; resolves with their nonces, which are not compared with anything yet. */
export type CheckMessage = (message: Message) => Promise<readonly SignedNonce[]>;

/**
 * What checks messages. The cheap checks come first, so that what is not worth it costs no signature.
 *
 * @param tolerance seconds; `clock`: ms
 */
export function createCheck(options: {
  readonly keys: KeySource;
  readonly tolerance: number;
  readonly clock: () => number;
}): CheckMessage {
  const { keys, tolerance, clock } = options;
  const verifierOf = cachedVerifiers();

  const checkSignature = async (
    signature: ReceivedSignature,
    message: Message,
    profile: Profile,
  ): Promise<void> => {
    const key = await findKey(keys, signature.keyid);
    const verifier = verifierOf(key);
    requireAlgorithm(signature, verifier.algorithm);
    const base = baseOf(signature, message, profile);
    if (!(await verifier.verify(new TextEncoder().encode(base), signature.signature))) {
      refuse(
        "bad_signature",
        `the signature ${signature.label} does not fit the delivery and the key it names`,
      );
    }
  };

  return async (message) => {
    const profile = profileOf(message);
    const signatures = readSignatures(
      message.headers.get("signature-input"),
      message.headers.get("signature"),
    );
    const now = clock() / 1000;
    for (const signature of signatures) {
      requireCover(signature, message, profile);
      requireFresh(signature, now, tolerance);
    }
    await requireDigest(message, profile);
    // One after the other: a delivery with many labels must not occupy the whole thread pool.
    for (const signature of signatures) await checkSignature(signature, message, profile);
    return signatures.flatMap((signature) => nonceOf(signature, tolerance));
  };
}

async function findKey(keys: KeySource, keyid: string | undefined): Promise<JsonWebKey> {
  if (keyid === undefined) return refuse("unknown_key", "its signature names no key");
  let key: JsonWebKey | undefined;
  try {
    key = await keys.get(keyid);
  } catch (cause) {
    return refuse("keys_unavailable", "the verification keys cannot be had now", { cause });
  }
  return key ?? refuse("unknown_key", `none of the verification keys has the kid ${JSON.stringify(keyid)}`);
}

/** Each key is read once for as long as its source keeps handing out the same object. */
function cachedVerifiers(): (key: JsonWebKey) => Verifier {
  const verifiers = new WeakMap<JsonWebKey, Verifier>();
  return (key) => {
    const known = verifiers.get(key);
    if (known) return known;
    try {
      const verifier = createVerifier(key);
      verifiers.set(key, verifier);
      return verifier;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return refuse("wrong_algorithm", error.message, { cause: error });
    }
  };
}

// The first is registered (RFC 9421 section 6.2.2); P-521 has no registered name, this is the one its siblings suggest.
const algorithmNames: Readonly<Record<SignatureAlgorithm, string>> = {
  ed25519: "ed25519",
  "ecdsa-p521": "ecdsa-p521-sha512",
};

function requireAlgorithm({ label, alg }: ReceivedSignature, algorithm: SignatureAlgorithm): void {
  // The key alone decides how to verify; a signature that claims otherwise is not one of that key's.
  if (alg === undefined || alg === algorithmNames[algorithm]) return;
  refuse(
    "wrong_algorithm",
    `the signature ${label} claims the algorithm ${JSON.stringify(alg)}; its key is ${algorithm}`,
  );
}

function baseOf({ components, params }: ReceivedSignature, message: Message, profile: Profile): string {
  const covered = components.map((name): Component => [name, valueOf(name, message)]);
  try {
    return signatureBase(covered, params, profile);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return refuse("bad_signature", error.message, { cause: error });
  }
}

function valueOf(name: string, { method, path, query, headers }: Message): string {
  if (name === "@method") return method;
  if (name === "@path") return path;
  // Signed as "?" where there is none (RFC 9421 section 2.2.7); Upvest leaves the component out then.
  if (name === "@query") return query === "" ? "?" : query;
  return (
    headers.get(name) ??
    refuse(
      "absent_component",
      `its signature covers the header ${name}, which it does not have (did a proxy drop it?)`,
    )
  );
}

function nonceOf(
  { keyid, nonce, created = 0, expires = Infinity }: ReceivedSignature,
  tolerance: number,
): SignedNonce[] {
  if (nonce === undefined) return [];
  return [{ id: `nonce:${keyid}:${nonce}`, until: Math.min(created + tolerance, expires) * 1000 }];
}

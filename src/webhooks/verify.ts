import type { SignatureAlgorithm } from "../signature/algorithms.js";
import { digestValue } from "../signature/digest.js";
import { readPublicJwk } from "../signature/jwk.js";
import { detectPlatform } from "../signature/platform.js";
import { v6 } from "../signature/profile.js";
import type { Profile } from "../signature/profile.js";
import { verifyWith } from "../signature/verifiers.js";
import type { Verify } from "../signature/verifiers.js";
import { refuse, WebhookVerificationError } from "./errors.js";
import { readSignatures } from "./fields.js";
import type { ReceivedSignature } from "./fields.js";
import type { KeySource } from "./keys.js";
import type { Message } from "./message.js";
import { profileOf, requireCover, requireDigest, requireFresh } from "./policy.js";

const utf8 = /* @__PURE__ */ new TextEncoder();

/**
 * Checks what the headers tell alone, and resolves with what checks the rest once the body is there. So nobody who cannot
 * name a key has a body held in memory.
 */
export type CheckHeaders = (headers: Message["headers"]) => Promise<CheckMessage>;

/**
 * Checks every signature of a message; resolves with their nonces, each with its key, which are not compared with anything
 * yet. For a signature without nonce that is a digest of what was signed: an ECDSA signature has several forms.
 */
export type CheckMessage = (message: Message) => Promise<readonly string[]>;

/**
 * What checks messages. The cheap checks come first, so that what is not worth it costs no signature.
 *
 * @param tolerance seconds; `clock`: ms
 */
export function createCheck(options: {
  readonly keys: KeySource;
  readonly tolerance: number;
  readonly clock: () => number;
}): CheckHeaders {
  const { keys, tolerance, clock } = options;
  // Each key is read once for as long as its source keeps handing out the same object.
  const verifiers = new WeakMap<JsonWebKey, Verifier>();

  const verifierFor = async (signature: ReceivedSignature): Promise<Verifier> => {
    const key = await findKey(keys, signature.texts.get("keyid"));
    let verifier = verifiers.get(key);
    if (!verifier) verifiers.set(key, (verifier = verifierOf(key)));
    requireAlgorithm(signature, verifier.algorithm);
    return verifier;
  };

  return async (headers) => {
    const profile = profileOf(headers);
    const signatures = readSignatures(headers.get("signature-input"), headers.get("signature"));
    const requireAllFresh = (): void => {
      for (const signature of signatures) requireFresh(signature, clock() / 1000, tolerance);
    };
    requireAllFresh();
    const claims: (readonly [ReceivedSignature, Verifier])[] = [];
    for (const signature of signatures) claims.push([signature, await verifierFor(signature)]);

    return async (message) => {
      // Again: a body may have been so long on its way that the nonce is no longer remembered.
      requireAllFresh();
      for (const signature of signatures) requireCover(signature, message, profile);
      await requireDigest(message, profile);
      const nonces: string[] = [];
      // One after the other: a delivery with many labels must not occupy the whole thread pool.
      for (const [signature, verifier] of claims) {
        const base = utf8.encode(baseOf(signature, message, profile));
        if (!(await verifier.verify(base, signature.signature))) {
          refuse("bad_signature", `the signature ${signature.label} does not fit the delivery and its key`);
        }
        const { texts } = signature;
        nonces.push(`nonce:${texts.get("keyid")}:${texts.get("nonce") || (await digestValue(base, v6))}`);
      }
      return nonces;
    };
  };
}

async function findKey(keys: KeySource, keyid: string | undefined): Promise<JsonWebKey> {
  if (keyid === undefined) return refuse("unknown_key", "its signature names no key");
  let key: JsonWebKey | undefined;
  try {
    key = await keys.get(keyid);
  } catch (cause) {
    refuse("keys_unavailable", "the verification keys cannot be had now", { cause });
  }
  return key ?? refuse("unknown_key", `no verification key has the kid ${JSON.stringify(keyid)}`);
}

interface Verifier {
  readonly algorithm: SignatureAlgorithm;
  readonly verify: Verify;
}

function verifierOf(jwk: JsonWebKey): Verifier {
  const key = readPublicJwk(jwk, unfitKey);
  return { algorithm: key.algorithm, verify: verifyWith(key, detectPlatform(), unfitKey) };
}

const unfitKey = (found: string): Error =>
  new WebhookVerificationError("wrong_algorithm", `its key is ${found}; accepted are P-521 and Ed25519 keys`);

function requireAlgorithm({ texts }: ReceivedSignature, algorithm: SignatureAlgorithm): void {
  const alg = texts.get("alg");
  // The first is registered (RFC 9421 section 6.2.2); P-521 has no registered name, this is the one its siblings suggest.
  const name = algorithm === "ed25519" ? algorithm : "ecdsa-p521-sha512";
  // The key alone decides how to verify; a signature that claims otherwise is not one of that key's.
  if (alg !== undefined && alg !== name)
    refuse("wrong_algorithm", `its signature claims ${JSON.stringify(alg)}, its key is for ${name}`);
}

/**
 * The text that was signed (RFC 9421 section 2.5), from the components that the signature lists. Unlike the one that is
 * signed, nothing in it is put right: a value that cannot have been signed is refused.
 */
function baseOf({ components, params }: ReceivedSignature, message: Message, { quoted }: Profile): string {
  const quote = quoted ? '"' : "";
  const line = (name: string, value: string): string => {
    const at = value.search(/[^ -~]/);
    if (at >= 0) refuse("bad_signature", `its ${name} has at index ${at} a character that cannot be signed`);
    return `${quote}${name}${quote}: ${value}`;
  };
  return [
    ...components.map((name) => line(name, valueOf(name, message))),
    line("@signature-params", params),
  ].join("\n");
}

function valueOf(name: string, { method, path, query, headers, body }: Message): string {
  if (name === "@method") return method;
  if (name === "@path") return path;
  // Signed as "?" where there is none (RFC 9421 section 2.2.7); Upvest leaves the component out then.
  if (name === "@query") return query || "?";
  const value = headers.get(name);
  // A proxy that passes a body on in chunks drops its length, which we know: the digest says that the body is whole.
  if (value === undefined && name === "content-length") return String(body.length);
  return (
    value ??
    refuse("absent_component", `it lacks the header ${name} that its signature covers (did a proxy drop it?)`)
  );
}

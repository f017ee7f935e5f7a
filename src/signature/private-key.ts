import { algorithmIdentifiers, identify, identifyCurve } from "./algorithms.js";
import type { SignatureAlgorithm } from "./algorithms.js";
import { decodeBase64Url } from "./base64.js";
import { der, derElements, derSequence, fromHex, padStart, tags } from "./der.js";
import type { DerElement } from "./der.js";
import { identifyJwk } from "./jwk.js";
import { refuseSigningKey } from "./refusal.js";

/** A private key that was read and judged. */
export interface PrivateKey {
  readonly algorithm: SignatureAlgorithm;
  /** The 32-byte Ed25519 seed, or the 66-byte P-521 scalar. */
  readonly secret: Uint8Array<ArrayBuffer>;
  /** The key written anew as plain PKCS#8, the one form that every platform reads the same way. */
  readonly pkcs8: Uint8Array<ArrayBuffer>;
}

const p521Order = /* @__PURE__ */ fromHex(
  "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa" +
    "51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
);
const p521PointLength = 133;
const uncompressed = 0x04;
const damaged = "damaged (its structure cannot be read)";

/** What DER bytes hold, as far as a signing key is concerned. */
export type DerPrivateKey = PrivateKey | "encrypted";

/**
 * Reads an unencrypted PKCS#8 or SEC1 private key; says `"encrypted"` of an encrypted PKCS#8 one.
 *
 * @throws TypeError that names what was found instead.
 */
export function privateKeyFromDer(bytes: Uint8Array): DerPrivateKey {
  const [first, second, third, fourth] = derSequence(bytes) ?? [];
  if (first?.tag === tags.sequence) {
    if (second?.tag === tags.octetString) return "encrypted";
    if (second?.tag === tags.bitString) throw refuseSigningKey("a public key");
    throw refuseSigningKey(second?.tag === tags.sequence ? "a certificate" : damaged);
  }
  if (first?.tag !== tags.integer) throw refuseSigningKey(damaged);
  if (second?.tag === tags.integer) throw refuseSigningKey("RSA or DSA (a traditional key file)");
  if (second?.tag === tags.octetString) return fromSec1(second, third, fourth);
  if (second?.tag !== tags.sequence || third?.tag !== tags.octetString) throw refuseSigningKey(damaged);
  return fromPkcs8(second.content, third.content);
}

/** Reads a private JWK (RFC 7517; OKP keys: RFC 8037). @throws TypeError as above. */
export function privateKeyFromJwk(jwk: JsonWebKey): PrivateKey {
  const identified = identifyJwk(jwk);
  if (!identified.algorithm) throw refuseSigningKey(identified.found);
  if (jwk.d === undefined) throw refuseSigningKey("a JWK without d, so a public key");
  const secret = decode(jwk.d, "d");
  if (identified.algorithm === "ed25519") return ed25519Key(secret);
  if (jwk.x === undefined || jwk.y === undefined) return p521Key(secret);
  const x = padStart(decode(jwk.x, "x"), 66);
  const y = padStart(decode(jwk.y, "y"), 66);
  if (!x || !y) throw refuseSigningKey("a P-521 JWK with an x or y longer than 66 bytes");
  return p521Key(secret, Uint8Array.of(uncompressed, ...x, ...y));
}

/** RFC 5958; the content of the key is RFC 8410's for Ed25519 and RFC 5915's for P-521. */
function fromPkcs8(identifier: Uint8Array, content: Uint8Array): PrivateKey {
  const identified = identify(identifier);
  if (!identified.algorithm) throw refuseSigningKey(identified.found);
  if (identified.algorithm === "ed25519") {
    const [seed, ...rest] = derElements(content) ?? [];
    if (seed?.tag !== tags.octetString || rest.length > 0) throw refuseSigningKey(damaged);
    return ed25519Key(seed.content);
  }
  const [, scalar, ...optional] = derSequence(content) ?? [];
  if (scalar?.tag !== tags.octetString) throw refuseSigningKey(damaged);
  return p521Key(scalar.content, publicPoint(...optional));
}

/** RFC 5915. */
function fromSec1(scalar: DerElement, ...optional: readonly (DerElement | undefined)[]): PrivateKey {
  const parameters = optional.find((element) => element?.tag === tags.context0);
  const [curve] = (parameters && derElements(parameters.content)) ?? [];
  const identified = identifyCurve(curve?.tag === tags.oid ? curve.content : undefined);
  if (!identified.algorithm) throw refuseSigningKey(identified.found);
  return p521Key(scalar.content, publicPoint(...optional));
}

function publicPoint(...optional: readonly (DerElement | undefined)[]): Uint8Array | undefined {
  const wrapped = optional.find((element) => element?.tag === tags.context1);
  const [bits] = (wrapped && derElements(wrapped.content)) ?? [];
  return bits?.tag === tags.bitString ? bits.content.subarray(1) : undefined;
}

function ed25519Key(seed: Uint8Array): PrivateKey {
  if (seed.length !== 32) throw refuseSigningKey(`an Ed25519 key of ${seed.length} bytes instead of 32`);
  return {
    algorithm: "ed25519",
    secret: new Uint8Array(seed),
    pkcs8: pkcs8("ed25519", der(tags.octetString, seed)),
  };
}

function p521Key(scalar: Uint8Array, point?: Uint8Array): PrivateKey {
  const secret = padStart(scalar, 66);
  // OpenSSL signs with 0 or with a number above the order and makes signatures that verify nowhere.
  if (!secret || secret.every((byte) => byte === 0) || !isBelow(secret, p521Order)) {
    throw refuseSigningKey("a P-521 key whose number lies outside the curve's range");
  }
  const version = der(tags.integer, Uint8Array.of(1));
  const privateKey = der(tags.octetString, secret);
  // The point is optional, but some WebCrypto implementations insist on it. A compressed one they do not read.
  const publicKey =
    point?.length === p521PointLength && point[0] === uncompressed
      ? [der(tags.context1, der(tags.bitString, new Uint8Array(1), point))]
      : [];
  return {
    algorithm: "ecdsa-p521",
    secret,
    pkcs8: pkcs8("ecdsa-p521", der(tags.sequence, version, privateKey, ...publicKey)),
  };
}

const pkcs8 = (algorithm: SignatureAlgorithm, key: Uint8Array): Uint8Array<ArrayBuffer> =>
  der(
    tags.sequence,
    der(tags.integer, new Uint8Array(1)),
    der(tags.sequence, algorithmIdentifiers[algorithm]),
    der(tags.octetString, key),
  );

function isBelow(number: Uint8Array, limit: Uint8Array): boolean {
  const at = number.findIndex((byte, index) => byte !== limit[index]);
  return at !== -1 && (number[at] ?? 0) < (limit[at] ?? 0);
}

function decode(text: unknown, member: string): Uint8Array {
  const bytes = typeof text === "string" ? decodeBase64Url(text) : undefined;
  if (!bytes) throw refuseSigningKey(`a JWK whose ${member} is not base64url without padding`);
  return bytes;
}

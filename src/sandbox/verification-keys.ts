import { createPublicKey, randomUUID, type KeyObject } from "node:crypto";
import { makeKeyPair } from "./key-pair.js";

/** What deliveries are signed with. */
export interface DeliveryKey {
  readonly kid: string;
  /** On the curve P-521. */
  readonly privateKey: KeyObject;
}

/** A JSON Web Key on the curve P-521. */
export interface PublicKey {
  readonly kid: string;
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly y: string;
}

export interface VerificationKeys {
  /** The key that signs from now on. */
  readonly current: () => DeliveryKey;
  /** Changes to a new key and gives its `kid`. */
  readonly rotate: () => string;
  /** The public keys as a JSON Web Key Set: the current one first, then the one before it. */
  readonly published: () => { readonly keys: readonly PublicKey[] };
}

/** Two, so that what was signed just before a change can still be verified after it. */
const PUBLISHED = 2;

export function createVerificationKeys(): VerificationKeys {
  let current = makeDeliveryKey();
  let published = [current];
  return {
    current: () => current,
    rotate: () => {
      current = makeDeliveryKey();
      published = [current, ...published].slice(0, PUBLISHED);
      return current.kid;
    },
    published: () => ({ keys: published.map(publicPart) }),
  };
}

export function makeDeliveryKey(): DeliveryKey {
  return { kid: randomUUID(), privateKey: makeKeyPair("ecdsa-p521").privateKey };
}

/** Exactly the members that the description has (get_jwks): no `alg`, no `use`. */
export function publicPart({ kid, privateKey }: DeliveryKey): PublicKey {
  const { kty = "", crv = "", x = "", y = "" } = createPublicKey(privateKey).export({ format: "jwk" });
  return { kid, kty, crv, x, y };
}

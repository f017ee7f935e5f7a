const accepted =
  "Accepted are Ed25519 and ECDSA P-521 (secp521r1) private keys as PEM, PKCS#8 or SEC1 DER, JWK or CryptoKey, " +
  "or a Signer of your own. To make one: openssl genpkey -algorithm ed25519 -aes-256-cbc -out signing-key.pem";

/**
 * The error for a signing key that cannot be used.
 *
 * @param found What the key turned out to be, never any of its content.
 * @param advice What to do about it; by default which keys are accepted, and how to make one.
 */
export const refuseSigningKey = (found: string, advice = accepted): TypeError =>
  new TypeError(`the signing key is ${found}. ${advice}`);

/** As `refuseSigningKey`, for the public key that checks a signature. */
export const refuseVerificationKey = (found: string): TypeError =>
  new TypeError(
    `the verification key is ${found}. Accepted are Ed25519 and ECDSA P-521 (secp521r1) public keys ` +
      `as SPKI PEM, JWK or CryptoKey. To get it from a private key: openssl pkey -pubout -in key.pem`,
  );

/** How a value that is no key at all is named in an error. */
export const kindOf = (value: unknown): string =>
  value === null || value === undefined ? "missing" : `no key (a value of type ${typeof value})`;

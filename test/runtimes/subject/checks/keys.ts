import { unwrap, UpvestConfigError } from "upvest-client";
import { algorithms } from "../../plan.js";
import { expect } from "../expect.js";
import type { Check, Subject } from "../subject.js";
import { oracleClient } from "./sign.js";

const names = {
  ed25519: { name: "Ed25519" },
  "ecdsa-p521": { name: "ECDSA", namedCurve: "P-521" },
} as const;

/** The vectors' keys in every container, as JWK and as CryptoKey: each signs, or is refused with a way out. */
export const keys: Check = async (subject) => {
  const { vectors } = subject.plan;
  for (const { name, algorithm, pem, passphrase } of vectors.containers.accepted) {
    const form = `${name} (${algorithm})`;
    const key = { privateKey: pem, ...(passphrase !== undefined && { passphrase }) };
    if (passphrase !== undefined && subject.cryptographyOf(algorithm) !== "node:crypto") {
      expect(refusal(subject, algorithm, key).includes("Decrypt it first"), `${form}: no way out is told`);
    } else {
      await use(subject, algorithm, key, form);
    }
  }
  for (const algorithm of algorithms) {
    await use(subject, algorithm, { privateKey: vectors.keys[algorithm].jwk }, `JWK (${algorithm})`);
    const der = Uint8Array.from(
      atob(vectors.keys[algorithm].pkcs8.replaceAll(/-----[^-]+-----|\s/g, "")),
      (char) => char.charCodeAt(0),
    );
    // Where WebCrypto has no such key there is none to give.
    const cryptoKey = await crypto.subtle
      .importKey("pkcs8", der, names[algorithm], false, ["sign"])
      .catch(() => undefined);
    if (cryptoKey !== undefined)
      await use(subject, algorithm, { privateKey: cryptoKey }, `CryptoKey (${algorithm})`);
  }
};

async function use(
  subject: Subject,
  algorithm: (typeof algorithms)[number],
  key: object,
  form: string,
): Promise<void> {
  try {
    const query = { offset: 0, limit: 1 };
    await unwrap(oracleClient(subject, algorithm, key).GET("/accounts", { params: { query } }));
  } catch (error) {
    throw new Error(form, { cause: error });
  }
}

function refusal(subject: Subject, algorithm: (typeof algorithms)[number], key: object): string {
  try {
    oracleClient(subject, algorithm, key);
  } catch (error) {
    if (error instanceof UpvestConfigError) return error.message;
    throw error;
  }
  return "not refused";
}

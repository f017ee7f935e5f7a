import { derElements, fromHex, hex, tags } from "./der.js";

/** `ecdsa-p521` is ECDSA over P-521 with SHA-512. */
export type SignatureAlgorithm = "ed25519" | "ecdsa-p521";

/** An algorithm we sign with, or a name for what was found instead. */
export type Identified =
  | { readonly algorithm: SignatureAlgorithm }
  | { readonly algorithm?: undefined; readonly found: string };

const ellipticCurve = "2a8648ce3d0201";
const p521 = "2b81040023";
const ed25519 = "2b6570";

const curves: Readonly<Record<string, string>> = {
  "2a8648ce3d030107": "P-256 (prime256v1)",
  "2b81040022": "P-384 (secp384r1)",
  "2b8104000a": "secp256k1",
};
const others: Readonly<Record<string, string>> = {
  "2a864886f70d010101": "RSA",
  "2a864886f70d01010a": "RSA-PSS",
  "2a8648ce380401": "DSA",
  "2b656e": "X25519",
  "2b656f": "X448",
  "2b6571": "Ed448",
};

/** The content of the AlgorithmIdentifier that PKCS#8 and SPKI carry for each algorithm. */
export const algorithmIdentifiers: Readonly<Record<SignatureAlgorithm, Uint8Array>> = {
  ed25519: /* @__PURE__ */ fromHex(`0603${ed25519}`),
  "ecdsa-p521": /* @__PURE__ */ fromHex(`0607${ellipticCurve}0605${p521}`),
};

/** Reads an AlgorithmIdentifier: its content, without the outer SEQUENCE. */
export function identify(identifier: Uint8Array): Identified {
  const [oid, parameters] = derElements(identifier) ?? [];
  if (oid?.tag !== tags.oid) return { found: "a damaged key (no algorithm can be read from it)" };
  const name = hex(oid.content);
  if (name === ed25519) return { algorithm: "ed25519" };
  if (name !== ellipticCurve) return { found: others[name] ?? `the algorithm ${dotted(oid.content)}` };
  return identifyCurve(parameters?.tag === tags.oid ? parameters.content : undefined);
}

/**
 * Reads the name of an elliptic curve. Without a name the key spells its curve out as numbers, and those are not
 * compared with the standard ones here: a curve that is nearly P-521 is an attack (CVE-2020-0601).
 */
export function identifyCurve(oid: Uint8Array | undefined): Identified {
  if (!oid) {
    return {
      found:
        "an EC key without a named curve (name it: openssl ec -in key.pem -param_enc named_curve -out named.pem)",
    };
  }
  const name = hex(oid);
  if (name === p521) return { algorithm: "ecdsa-p521" };
  return { found: curves[name] ?? `the EC curve ${dotted(oid)}` };
}

/** Reads the algorithm of a CryptoKey. */
export function identifyCryptoKey({ algorithm }: CryptoKey): Identified {
  const curve = "namedCurve" in algorithm ? String(algorithm.namedCurve) : undefined;
  if (algorithm.name === "Ed25519") return { algorithm: "ed25519" };
  if (algorithm.name === "ECDSA" && curve === "P-521") return { algorithm: "ecdsa-p521" };
  return { found: `a CryptoKey for ${algorithm.name}${curve === undefined ? "" : ` on ${curve}`}` };
}

function dotted(oid: Uint8Array): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of oid) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [first = 0, ...rest] = arcs;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...rest].join(".");
}

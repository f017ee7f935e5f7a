import { readFileSync } from "node:fs";
import type { Component, SignatureParameters } from "../../src/signature/base.js";
import type { SignatureAlgorithm } from "../../src/signature/keys.js";
import type { Platform } from "../../src/signature/platform.js";

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));

/** A file of test/vectors; the caller says what shape its README gives it. */
export function vectors(name: "digests"): {
  vectors: { body: string; bytes: number; "content-digest": string; digest: string }[];
};
export function vectors(name: "base64"): { vectors: { text: string; base64: string }[] };
export function vectors(name: "keys"): Record<
  SignatureAlgorithm,
  { pkcs8: string; spki: string; jwk: JsonWebKey; publicJwk: JsonWebKey }
> & {
  "ecdsa-p521": { sec1: string };
};
export function vectors(name: "rfc9421-b26"): {
  components: Component[];
  params: string;
  base: string;
  signature: string;
};
export function vectors(name: "rfc6979-p521"): { message: string; r: string; s: string; signature: string };
export function vectors(name: "requests"): {
  vectors: (Record<SignatureAlgorithm, string> & {
    name: string;
    profile: 15 | 6;
    components: Component[];
    parameters: SignatureParameters;
    params: string;
    base: string;
    sha512: string;
  })[];
};
export function vectors(name: "deliveries"): {
  keys: (JsonWebKey & { kid: string })[];
  method: string;
  path: string;
  now: number;
  tolerance: number;
  vectors: {
    name: string;
    verdict: string;
    path?: string;
    now?: number;
    base?: string;
    headers: Record<string, string>;
    body: string;
  }[];
};
export function vectors(name: "containers"): {
  accepted: { name: string; algorithm: SignatureAlgorithm; pem: string; passphrase?: string }[];
  refused: { name: string; pem: string; passphrase?: string; found: string }[];
};
export function vectors(name: string): unknown {
  return read(name);
}

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
export const base64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, "base64"));
export const derOf = (pem: string): Uint8Array<ArrayBuffer> =>
  base64(pem.replaceAll(/-----.*?-----|\s/g, ""));

export const algorithms = ["ed25519", "ecdsa-p521"] as const satisfies readonly SignatureAlgorithm[];

const { subtle } = globalThis.crypto;

/** A WebCrypto that lacks what is refused, and fails the test when it is used all the same. */
const lacking = (refused: (algorithm: string, curve: string | undefined) => boolean): SubtleCrypto =>
  new Proxy(subtle, {
    get(target, name) {
      if (name === "importKey") {
        return async (...call: Parameters<SubtleCrypto["importKey"]>) => {
          const [, , algorithm] = call;
          const named = typeof algorithm === "string" ? { name: algorithm } : algorithm;
          const curve = "namedCurve" in named ? String(named.namedCurve) : undefined;
          if (refused(named.name, curve)) throw new DOMException("Unrecognized name.", "NotSupportedError");
          return target.importKey(...call);
        };
      }
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });

/** The platforms a signer may meet. */
export const platforms = {
  node: { node: process.getBuiltinModule("node:crypto"), subtle },
  webCrypto: { subtle },
  noEd25519: { subtle: lacking((name) => name === "Ed25519") },
  noP521: { subtle: lacking((_, curve) => curve === "P-521") },
  nothing: {},
} as const satisfies Record<string, Platform>;

import type { SandboxCredentials } from "upvest-client/sandbox";

export type Algorithm = "ed25519" | "ecdsa-p521";

export const algorithms = ["ed25519", "ecdsa-p521"] as const satisfies readonly Algorithm[];

/** What is checked, in the order of the table's columns. */
export const checkNames = [
  "sign Ed25519",
  "sign P-521",
  "vectors",
  "keys",
  "token",
  "walk",
  "retry",
  "error",
  "failures",
  "webhooks",
  "server",
  "env",
] as const;

export type CheckName = (typeof checkNames)[number];

/** The files of test/vectors that the checks use, as they are. */
export interface Vectors {
  readonly keys: Readonly<
    Record<
      Algorithm,
      {
        readonly pkcs8: string;
        readonly spki: string;
        readonly jwk: JsonWebKey;
        readonly publicJwk: JsonWebKey;
      }
    >
  >;
  readonly requests: {
    readonly vectors: readonly (Readonly<Record<Algorithm, string>> & {
      readonly name: string;
      readonly profile: 15 | 6;
      readonly components: readonly (readonly [name: string, value: string])[];
      readonly params: string;
      readonly base: string;
      readonly parameters: { readonly keyid: string; readonly created: number };
    })[];
  };
  readonly containers: {
    readonly accepted: readonly {
      readonly name: string;
      readonly algorithm: Algorithm;
      readonly pem: string;
      readonly passphrase?: string;
    }[];
  };
}

/** What the script under test is told at its start: `GET /plan`. */
export interface Plan {
  /** A server that takes no other signature than the one that the vectors' key must give. */
  readonly oracle: string;
  /** Where nobody listens. */
  readonly nobody: string;
  readonly sandbox: { readonly url: string; readonly credentials: SandboxCredentials };
  readonly vectors: Vectors;
}

/** The `keyid` under which the oracle knows the vectors' keys. */
export const oracleKeyIds: Readonly<Record<Algorithm, string>> = {
  ed25519: "8d4997a8-cf7a-4e51-adbb-401656a3e5c2",
  "ecdsa-p521": "2d1e3fe5-5c06-4be0-93ef-7d4b26a6ea10",
};

/** Accounts at the oracle that answer in a way of their own. */
export const oddAccounts = {
  /** 307 to another account. */
  moved: "00000000-0000-4000-8000-000000000307",
  movedTo: "00000000-0000-4000-8000-000000000200",
  /** Never answers. */
  silent: "00000000-0000-4000-8000-000000000408",
  /** Announces more than it sends, and closes. */
  cut: "00000000-0000-4000-8000-000000000206",
} as const;

/** A delivery as it came over the wire: `GET /deliveries`. */
export interface RecordedDelivery {
  /** What the sandbox did to it, or how it signed it well. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** base64 */
  readonly body: string;
}

export interface CheckResult {
  readonly name: CheckName;
  /** Why it failed; absent when it passed. */
  readonly failure?: string;
}

/** What the script tells at its end: `POST /report`. */
export interface Report {
  readonly version: string;
  /** What signed: by algorithm. */
  readonly crypto: Readonly<Record<Algorithm, Cryptography>>;
  readonly checks: readonly CheckResult[];
}

export type Cryptography = "node:crypto" | "WebCrypto" | "noble" | "nothing";

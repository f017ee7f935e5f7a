/** Webhook deliveries, signed as Upvest signs them (version 6), each with a nonce of its own. */
import { createHash, randomUUID, sign } from "node:crypto";
import { promisify } from "node:util";
import { keyId, keys, placed } from "./fixtures.js";

const signOffThread = promisify(sign);

export interface SignedDelivery {
  readonly delivery: {
    readonly method: "POST";
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Buffer;
  };
  /** What was signed, and the signature. */
  readonly base: Buffer;
  readonly signature: Buffer;
}

/** A batch of events, 4.4 kB of JSON. */
export const body = Buffer.from(
  JSON.stringify({
    payload: Array.from({ length: 6 }, () => ({
      id: randomUUID(),
      created_at: "2024-08-19T13:06:57.820371265Z",
      type: "ORDER.NEW",
      webhook_id: "1b097e06-8a14-4181-b72a-de0972a3c57b",
      object: placed,
    })),
  }),
);

const path = "/webhooks/upvest";
const names = ["@method", "@path", "content-length", "content-type", "digest"] as const;

export async function delivery(algorithm: keyof typeof keys): Promise<SignedDelivery> {
  const headers = {
    "content-type": "application/json",
    "content-length": String(body.length),
    digest: `SHA-256=${createHash("sha256").update(body).digest("base64")}`,
  };
  const values: Readonly<Record<string, string>> = { ...headers, "@method": "POST", "@path": path };
  const created = Math.floor(Date.now() / 1000);
  const params =
    `(${names.map((name) => `"${name}"`).join(" ")})` +
    `;keyid="${keyId}";created=${created};expires=${created + 300};nonce="${randomUUID()}"`;
  // Version 6 leaves the quotes out of the base.
  const base = Buffer.from(
    [...names.map((name) => `${name}: ${values[name]}`), `@signature-params: ${params}`].join("\n"),
  );
  const { privateKey } = keys[algorithm];
  const signature = await signOffThread(algorithm === "ed25519" ? null : "sha512", base, privateKey);
  return {
    delivery: {
      method: "POST",
      path,
      headers: {
        ...headers,
        "signature-input": `sig1=${params}`,
        signature: `sig1=:${signature.toString("base64")}:`,
      },
      body,
    },
    base,
    signature,
  };
}

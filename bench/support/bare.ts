/**
 * The least that a correct signed request takes: what somebody who knows this API and wants speed alone would write.
 * The key is parsed once; no option, no check, no retry, no limit in time; the same headers and components as ours. `content-length` is signed, and
 * left to the platform to send.
 */
import { createHash, hash, randomUUID, sign, type KeyObject } from "node:crypto";

export interface BareRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** With its `?`, or empty. */
  readonly query: string;
  readonly body?: string;
}

type Headers = Record<string, string>;

/** Turns a signature base into base64. */
export type SignText = (base: string) => string;

export const signEd25519 =
  (key: KeyObject): SignText =>
  (base) =>
    sign(null, Buffer.from(base), key).toString("base64");

const sha512: (body: string) => string =
  typeof hash === "function"
    ? (body) => hash("sha512", body, "base64")
    : (body) => createHash("sha512").update(body).digest("base64");

export const bareHeaders =
  (
    signText: SignText,
    { keyId, clientId, token }: Readonly<Record<"keyId" | "clientId" | "token", string>>,
  ) =>
  ({ method, path, query, body }: BareRequest): Headers => {
    const headers: Headers = {
      accept: "application/json",
      authorization: `Bearer ${token}`,
    };
    let names = `"@method" "@path" ${query === "" ? "" : '"@query" '}"accept" "authorization"`;
    let base =
      `"@method": ${method}\n"@path": ${path}\n` +
      (query === "" ? "" : `"@query": ${query}\n`) +
      `"accept": application/json\n"authorization": Bearer ${token}\n`;
    if (body !== undefined) {
      const length = String(Buffer.byteLength(body));
      const digest = `sha-512=:${sha512(body)}:`;
      const key = randomUUID();
      headers["content-type"] = "application/json";
      headers["content-digest"] = digest;
      headers["idempotency-key"] = key;
      names += ' "content-length" "content-type" "content-digest" "idempotency-key"';
      base +=
        `"content-length": ${length}\n"content-type": application/json\n` +
        `"content-digest": ${digest}\n"idempotency-key": ${key}\n`;
    }
    headers["upvest-api-version"] = "1";
    headers["upvest-client-id"] = clientId;
    headers["accept-language"] = "*";
    const created = Math.floor(Date.now() / 1000);
    const params =
      `(${names} "upvest-api-version" "upvest-client-id" "accept-language")` +
      `;keyid="${keyId}";created=${created};expires=${created + 30};nonce="${randomUUID()}"`;
    base +=
      `"upvest-api-version": 1\n"upvest-client-id": ${clientId}\n"accept-language": *\n` +
      `"@signature-params": ${params}`;
    headers["signature-input"] = `sig1=${params}`;
    headers["signature"] = `sig1=:${signText(base)}:`;
    headers["upvest-signature-version"] = "15";
    headers["user-agent"] = "bare/1.0";
    return headers;
  };

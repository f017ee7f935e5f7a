/**
 * An axios client as the publisher's JavaScript sample has it: an interceptor that signs with P-521 through `createSign`,
 * on the main thread, with `date` and every header of the request covered (except those that the sample leaves out).
 */
import { createHash, createSign, randomUUID, type KeyObject } from "node:crypto";
import axios, { type AxiosInstance } from "axios";

const LEFT_OUT = /^(?:cf-|cdn-|cookie|x-|priority|upvest-signature|sec-)/;

export function sampleClient(
  baseURL: string,
  { key, keyId, clientId, token }: { key: KeyObject; keyId: string; clientId: string; token: string },
): AxiosInstance {
  const client = axios.create({
    baseURL,
    headers: { authorization: `Bearer ${token}`, "upvest-client-id": clientId, "upvest-api-version": "1" },
  });
  client.interceptors.request.use((config) => {
    const url = new URL(config.url ?? "", config.baseURL);
    const body: string | undefined = config.data === undefined ? undefined : JSON.stringify(config.data);
    const now = new Date();
    const created = Math.floor(now.getTime() / 1000);
    config.headers.set("accept", "application/json");
    config.headers.set("date", now.toUTCString());
    if (body !== undefined) {
      config.data = body;
      config.headers.set({
        "content-type": "application/json",
        "content-length": String(Buffer.byteLength(body)),
        "content-digest": `sha-512=:${createHash("sha512").update(body).digest("base64")}:`,
        "idempotency-key": randomUUID(),
      });
    }
    const components: [string, string][] = [
      ["@method", (config.method ?? "get").toUpperCase()],
      ["@path", url.pathname],
    ];
    for (const [name, value] of Object.entries(config.headers.toJSON())) {
      const lower = name.toLowerCase();
      if (!LEFT_OUT.test(lower)) components.push([lower, String(value)]);
    }
    const params =
      `(${components.map(([name]) => `"${name}"`).join(" ")})` +
      `;keyid="${keyId}";created=${created};expires=${created + 5};nonce="${randomUUID()}"`;
    const base = [...components, ["@signature-params", params]]
      .map(([name, value]) => `"${name}": ${value}`)
      .join("\n");
    const signature = createSign("SHA512").update(base).end().sign(key).toString("base64");
    config.headers.set({
      "signature-input": `sig1=${params}`,
      signature: `sig1=:${signature}:`,
      "upvest-signature-version": "15",
    });
    return config;
  });
  return client;
}

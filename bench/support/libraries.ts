/** The signature libraries that there are, told to make what the client makes, with a signer that does nothing. */
import { createHash, randomUUID } from "node:crypto";
import { createSignature } from "http-message-sig";
import { httpbis } from "http-message-signatures";
import { clientId, keyId } from "./fixtures.js";

/** A request before its signature. */
export interface Unsigned {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

type Headers = Readonly<Record<string, string | readonly string[]>>;

const noSignature = Buffer.alloc(64);

/** The libraries sign the headers that are there; those of the body are the caller's to make. */
const complete = ({ headers, body }: Unsigned): Record<string, string> => ({
  ...headers,
  "upvest-api-version": "1",
  "upvest-client-id": clientId,
  ...(body !== undefined && {
    "content-length": String(body.byteLength),
    "content-digest": `sha-512=:${createHash("sha512").update(body).digest("base64")}:`,
  }),
});

/** @param components the names to cover */
export function withHttpMessageSignatures(request: Unsigned, components: readonly string[]) {
  const { method, url } = request;
  const config = {
    key: { id: keyId, sign: () => Promise.resolve(noSignature) },
    name: "sig1",
    fields: [...components],
    params: ["keyid", "created", "expires", "nonce"],
  };
  return async (): Promise<Headers> => {
    const created = new Date();
    const expires = new Date(created.getTime() + 30_000);
    const paramValues = { created, expires, nonce: randomUUID() };
    const message = { method, url, headers: complete(request) };
    return (await httpbis.signMessage({ ...config, paramValues }, message)).headers;
  };
}

/** @param components the names to cover */
export function withHttpMessageSig(request: Unsigned, components: readonly string[]) {
  const { method, url } = request;
  const signer = { algorithm: "ed25519", sign: () => noSignature };
  return async (): Promise<Headers> => {
    const headers = complete(request);
    const fields = Object.entries(headers).map(([name, value]) => ({ name, value }));
    const created = Math.floor(Date.now() / 1000);
    const parameters = { keyid: keyId, created, expires: created + 30, nonce: randomUUID() };
    const { signature, signatureInput } = await createSignature(
      { kind: "request", method, targetUri: url, fields },
      { label: "sig1", components, parameters, signer },
    );
    return { ...headers, signature, "signature-input": signatureInput };
  };
}

/** The names that a signature covers, sorted. */
export function coveredNames(headers: Headers): readonly string[] {
  const input = Object.entries(headers).find(([name]) => name.toLowerCase() === "signature-input")?.[1];
  return [...String(input).matchAll(/"([@a-z][^" ]*)"(?=[ )])/g)].map(([, name = ""]) => name).toSorted();
}

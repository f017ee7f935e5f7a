import {
  createUpvestClient,
  type SignatureAlgorithm,
  type Signer,
  type UpvestClientOptions,
} from "upvest-client";
import { hideToken } from "../pipeline/explain.js";
import { createSigner } from "../signature/keys.js";
import { untyped, type UntypedCall } from "./untyped.js";

/** A request as it would be sent: signed, but with a stand-in for the access token, which is hidden. */
export interface Rehearsal {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** The text that was signed. */
  readonly signatureBase: string;
  readonly keyId: string;
  readonly algorithm: SignatureAlgorithm;
  /** What a token would be asked for; undefined where the operation takes none. */
  readonly scope: string | undefined;
}

/**
 * Makes a call with a `fetch` that stays in the process: the token request is answered with a stand-in, the request
 * itself is caught. Nothing is sent, no name is looked up.
 */
export async function rehearse(options: UpvestClientOptions, call: UntypedCall): Promise<Rehearsal> {
  const signer = createSigner(options.signingKey);
  let signatureBase = "";
  const overheard: Signer = {
    keyId: signer.keyId,
    algorithm: signer.algorithm,
    sign: (base) => {
      signatureBase = new TextDecoder().decode(base);
      return signer.sign(base);
    },
  };
  let scope: string | undefined;
  let caught: Pick<Rehearsal, "method" | "url" | "headers" | "body"> | undefined;
  const client = createUpvestClient({
    ...options,
    signingKey: overheard,
    async fetch(input, init) {
      const request = new Request(input, init);
      const body = request.body === null ? undefined : await request.text();
      if (request.url.endsWith("/auth/token")) {
        scope = new URLSearchParams(body).get("scope") ?? "";
        return Response.json({ access_token: "stand-in", token_type: "bearer", expires_in: 60, scope });
      }
      caught = { method: request.method, url: request.url, headers: hidden(request.headers), body };
      return new Response(null, { status: 204 });
    },
  });
  await untyped(client)(call);
  if (caught === undefined) throw new Error("the call ended before it was sent");
  const { keyId, algorithm } = signer;
  // `fetch` adds it itself, on its way out; the signature covers it.
  const [, length] = /^"content-length": (\d+)$/m.exec(signatureBase) ?? [];
  const headers = { ...caught.headers, ...(length !== undefined && { "content-length": length }) };
  return {
    ...caught,
    headers: sorted(headers),
    signatureBase: hideToken(signatureBase),
    keyId,
    algorithm,
    scope,
  };
}

const sorted = (headers: Rehearsal["headers"]): Rehearsal["headers"] =>
  Object.fromEntries(Object.entries(headers).toSorted(([a], [b]) => (a < b ? -1 : 1)));

function hidden(headers: Headers): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...headers].map(([name, value]) => {
      if (name === "authorization") return [name, "Bearer [hidden]"];
      return [name, name === "signature" ? value.replace(/:.*:/, ":[hidden]:") : value];
    }),
  );
}

/** For a person: the request as it would stand on the wire, then the signature base, line by line. */
export function describeRehearsal(rehearsal: Rehearsal): string {
  const { method, url, headers, body, signatureBase, keyId, algorithm } = rehearsal;
  return [
    `${method} ${url}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined ? [] : ["", body]),
    "",
    `Signature base (${algorithm}, key ${keyId}):`,
    ...signatureBase.split("\n").map((line) => `  ${line}`),
    "",
  ].join("\n");
}

import { encodeBase64 } from "../signature/base64.js";
import { baseLine, closeBase, signatureParams } from "../signature/base.js";
import { UpvestConfigError } from "../errors.js";
import { ecdsaToDer } from "../signature/ecdsa-signature.js";
import { digestValue } from "../signature/digest.js";
import type { Signer } from "../signature/keys.js";
import { v15 } from "../signature/profile.js";
import { waitFor } from "./time-limit.js";
import { withHeaders, type Layer, type PipelineRequest } from "./request.js";

/**
 * The headers that the docs list as components, in the order of their list (Upvest docs, "v15 signature components");
 * `upvest-api-version` is not in it, yet every official signer covers it.
 */
const documented = [
  "accept",
  "authorization",
  "content-length",
  "content-type",
  "content-digest",
  "idempotency-key",
  "upvest-api-version",
  "upvest-client-id",
] as const;

const isDocumented = new Set<string>(documented);

/**
 * Headers that stay out of the signature: those the server leaves out (the prefixes in the official signers), those
 * that the platform sets after us (what a connection is about never comes by here: prepare.ts keeps it to the platform),
 * and trace headers, which instrumentation rewrites later.
 */
const uncovered =
  /^(?:cf-|cdn-|cookie|x-|priority|upvest-signature|sec-|(?:user-agent|accept-encoding|traceparent|tracestate|baggage)$)/;

/** What the layer needs of the client. */
export interface SigningOptions {
  readonly signer: Signer;
  /** It is the caller's, so it may hang. Our own does not, and is waited for without the cost of a listener. */
  readonly isRemote?: boolean;
  readonly clientId: string;
  /** ms */
  readonly clock: () => number;
}

/**
 * How long a signature is good, s. Upvest documents no limit; its own signers use between 5 and 100. Long enough for a
 * slow connection, short enough to be of no use to anyone who finds it in a log.
 */
const LIFETIME = 30;

/** Signs one attempt, with a `nonce`, `created` and `expires` of its own, over exactly what is sent. */
export const sign =
  ({ signer, isRemote, clientId, clock }: SigningOptions): Layer =>
  (next) =>
  async (request) => {
    const headers = withHeaders(request.headers, { "upvest-api-version": "1", "upvest-client-id": clientId });
    if (request.body !== undefined) {
      const digest = digestValue(request.body, v15);
      headers[v15.digestField] = typeof digest === "string" ? digest : await digest;
    }
    const { names, lines } = covered(request, headers);
    const created = Math.floor(clock() / 1000);
    const expires = created + LIFETIME;
    const params = signatureParams(names, {
      keyid: signer.keyId,
      created,
      expires,
      nonce: crypto.randomUUID(),
    });
    const base = closeBase(lines, params, v15);
    const signing = signer.sign(encoder.encode(base));
    const signature = onTheWire(
      signer,
      await (isRemote ? waitFor(Promise.resolve(signing), request.signal) : signing),
    );
    const { keyId, algorithm } = signer;
    request.trace.signed = { keyId, algorithm, components: names, base, created, expires };
    headers["signature-input"] = `sig1=${params}`;
    headers["signature"] = `sig1=:${encodeBase64(signature)}:`;
    headers["upvest-signature-version"] = String(v15.version);
    return next({ ...request, headers });
  };

const encoder = new TextEncoder();

/** What a signer gave, as it is sent: 64 bytes, or ASN.1 DER. Raw r and s, as some key stores give them, are written as DER. */
function onTheWire({ algorithm }: Signer, signature: Uint8Array): Uint8Array {
  const isEd25519 = algorithm === "ed25519";
  const length = ArrayBuffer.isView(signature) ? signature.length : typeof signature;
  if (isEd25519 ? length === 64 : signature?.[0] === 0x30) return signature;
  // The number r is below 2^521, so that its first byte is no tag of DER.
  if (!isEd25519 && length === 132) return ecdsaToDer(signature);
  throw new UpvestConfigError(
    `signingKey.sign must give ${isEd25519 ? "64 bytes" : "ASN.1 DER, or r and s in 132 bytes"} for ${algorithm}; it gave ${length}`,
  );
}

/** The names of what is covered, and the signature base as far as they make it: in one pass, every call comes by here. */
function covered(
  { operation, path, query, body }: PipelineRequest,
  headers: Readonly<Record<string, string>>,
): { readonly names: readonly string[]; readonly lines: string } {
  const names = ["@method", "@path"];
  let lines = baseLine("@method", operation.method, v15) + baseLine("@path", path, v15);
  // The platform sends it, and does so by itself: set by hand as well, Node 20's fetch sends it doubled once undici 7 is
  // loaded anywhere in the process, and undici then refuses it.
  const length = body && String(body.byteLength);
  const cover = (name: string, value: string | undefined): void => {
    if (value === undefined) return;
    names.push(name);
    lines += baseLine(name, value, v15);
  };
  // Upvest leaves the component out where there is no query; RFC 9421 section 2.2.7 would sign a lone "?".
  if (query !== "") cover("@query", query);
  for (const name of documented) cover(name, name === "content-length" ? length : headers[name]);
  for (const name in headers) {
    if (!isDocumented.has(name) && !uncovered.test(name)) cover(name, headers[name]);
  }
  return { names, lines };
}

import { describe, expect, it } from "vitest";
import {
  createWebhookReceiver,
  type WebhookRefusal,
  type WebhookReceiver,
} from "../../src/webhooks/index.js";
import {
  anEvent,
  batch,
  clock,
  deliver,
  ed25519,
  enough,
  impostor,
  newReceiver,
  now,
  p256,
  p521,
  twoLabels,
  usualDigest,
  verdict,
  withHeaders,
  type Signing,
  type TestDelivery,
} from "./support.js";

/** Replaces the text of a header without signing anew. */
const edited = (header: string, edit: (value: string) => string, signing: Signing = {}): TestDelivery => {
  const delivery = deliver(signing);
  return withHeaders(delivery, { [header]: edit(delivery.headers[header] ?? "") });
};

const refused: readonly [WebhookRefusal, string, TestDelivery][] = [
  ["no_signature", "no signature", withHeaders(deliver(), { signature: undefined })],
  ["no_signature", "no signature-input", withHeaders(deliver(), { "signature-input": undefined })],
  ["no_signature", "an empty signature-input", withHeaders(deliver(), { "signature-input": "" })],
  ["malformed_signature", "no structured field", edited("signature-input", () => "sig1=(")],
  ["malformed_signature", "an item instead of a list", edited("signature-input", () => 'sig1="@method"')],
  ["malformed_signature", "a trailing comma", edited("signature-input", (value) => `${value},`)],
  ["malformed_signature", "a label without a value", edited("signature", () => "sig1")],
  [
    "malformed_signature",
    "a tab in the list",
    edited("signature-input", (value) => value.replace(" ", "\t")),
  ],
  ["malformed_signature", "a token as a component", deliver({ components: [...enough, "digest"] })],
  [
    "malformed_signature",
    "a parameter twice",
    deliver({ parameters: `;created=${now};created=${now};keyid="${ed25519.kid}"` }),
  ],
  [
    "malformed_signature",
    "created as a string",
    deliver({ parameters: `;created="${now}";keyid="${ed25519.kid}"` }),
  ],
  [
    "malformed_signature",
    "created with a fraction",
    deliver({ parameters: `;created=${now}.5;keyid="${ed25519.kid}"` }),
  ],
  ["malformed_signature", "keyid as a token", deliver({ parameters: `;created=${now};keyid=k1` })],
  [
    "malformed_signature",
    "nonce as bytes",
    deliver({ parameters: `;created=${now};keyid="k1";nonce=:QQ==:` }),
  ],
  [
    "malformed_signature",
    "base64 without padding",
    edited("signature", (value) => value.replace("==:", ":")),
  ],
  [
    "malformed_signature",
    "base64 with spare bits",
    edited("signature", (value) =>
      value.replace(/.==:$/, (end) => `${end.startsWith("A") ? "B" : nextLetter(end)}==:`),
    ),
  ],
  [
    "malformed_signature",
    "a signature in quotes",
    edited("signature", (value) => value.replace(/:(.*):/, '"$1"')),
  ],
  ["malformed_signature", "a signature with a parameter", edited("signature", (value) => `${value};a=1`)],
  [
    "malformed_signature",
    "more than 64 components",
    deliver({ components: Array.from({ length: 65 }, (_, nth) => `"x-${nth}"`) }),
  ],
  ["malformed_signature", "an empty signature", edited("signature", () => "sig1=::")],
  ["unsupported_version", "version 7", withHeaders(deliver(), { "upvest-signature-version": "7" })],
  [
    "unknown_label",
    "a signature of another label",
    edited("signature", (value) => value.replace("sig1", "sig2")),
  ],
  [
    "unknown_label",
    "a second signature that was not announced",
    edited("signature", (value) => `${value}, sig2=:QQ==:`),
  ],
  [
    "unknown_label",
    "an announced signature that is missing",
    edited("signature-input", (value) => `${value}, sig2=${value.slice(5)}`),
  ],
  ["duplicate_label", "a label twice", edited("signature-input", (value) => `${value}, ${value}`)],
  ["duplicate_label", "a signature twice", edited("signature", (value) => `${value},${value}`)],
  ["unknown_component", "@authority", deliver({ components: [...enough, '"@authority"'] })],
  ["unknown_component", "@status", deliver({ components: [...enough, '"@status"'] })],
  ["unknown_component", "upper case", deliver({ components: [...enough, '"Content-Type"'] })],
  [
    "unknown_component",
    "a component with a parameter",
    deliver({ components: [...enough, '"content-type";sf'] }),
  ],
  ["unknown_component", "an empty name", deliver({ components: [...enough, '""'] })],
  ["unknown_component", "the signature itself", deliver({ components: [...enough, '"signature"'] })],
  ["duplicate_component", "@path twice", deliver({ components: [...enough, '"@path"'] })],
  ["absent_component", "a header that is not there", deliver({ components: [...enough, '"x-tenant"'] })],
  ["absent_component", "no digest header", withHeaders(deliver(), { digest: undefined })],
  ["insufficient_cover", "nothing covered", deliver({ components: [] })],
  ["insufficient_cover", "no method", deliver({ components: ['"@path"', '"@query"', '"digest"'] })],
  ["insufficient_cover", "no path", deliver({ components: ['"@method"', '"@query"', '"digest"'] })],
  ["insufficient_cover", "no query", deliver({ components: ['"@method"', '"@path"', '"digest"'] })],
  ["insufficient_cover", "no digest", deliver({ components: ['"@method"', '"@path"', '"@query"'] })],
  [
    "insufficient_cover",
    "the digest of the other version",
    deliver({ version: 15, headers: { digest: "SHA-256=x" }, components: enough }),
  ],
  ["insufficient_cover", "no created", deliver({ parameters: `;keyid="${ed25519.kid}"` })],
  ["insufficient_cover", "a second signature over nothing", twoLabels({ components: [] })],
  ["malformed_digest", "another algorithm", deliver({ headers: { digest: "MD5=Q2hlY2sgSW50ZWdyaXR5IQ==" } })],
  ["malformed_digest", "two digests", edited("digest", (value) => `${value}, ${value}`)],
  [
    "malformed_digest",
    "v6 digest in v15",
    deliver({ version: 15, headers: { "content-digest": "SHA-256=x" } }),
  ],
  ["digest_mismatch", "another body", { ...deliver(), body: batch(anEvent(1)) }],
  ["digest_mismatch", "another body, v15", { ...deliver({ version: 15 }), body: batch(anEvent(1)) }],
  [
    "digest_mismatch",
    "the same JSON, written anew",
    { ...deliver({ body: '{ "payload": [] }' }), body: '{"payload":[]}' },
  ],
  ["stale", "created too long ago", deliver({ created: now - 301, expires: now + 60 })],
  ["future", "created too far ahead", deliver({ created: now + 301 })],
  ["expired", "past expires", deliver({ created: now - 10, expires: now - 1 })],
  ["unknown_key", "a key that is not published", deliver({ keyid: "another" })],
  ["unknown_key", "no key named", deliver({ parameters: `;created=${now}` })],
  ["wrong_algorithm", "P-256", deliver({ key: p256 })],
  [
    "wrong_algorithm",
    "alg of another key",
    deliver({ parameters: `;created=${now};keyid="${ed25519.kid}";alg="rsa-pss-sha512"` }),
  ],
  [
    "wrong_algorithm",
    "Ed25519's alg on a P-521 key",
    deliver({ key: p521, parameters: `;created=${now};keyid="${p521.kid}";alg="ed25519"` }),
  ],
  ["bad_signature", "signed by another key", deliver({ key: impostor })],
  ["bad_signature", "signed by another kind of key", deliver({ key: ed25519, keyid: p521.kid })],
  [
    "bad_signature",
    "names in quotes, v15 not announced",
    withHeaders(deliver({ version: 15, headers: { digest: usualDigest }, components: enough }), {
      "upvest-signature-version": undefined,
    }),
  ],
  ["bad_signature", "another method", { ...deliver(), method: "PUT" }],
  ["bad_signature", "another path", { ...deliver(), path: "/hooks/other?tenant=7" }],
  ["bad_signature", "a blank behind the path", { ...deliver(), path: "/hooks/upvest ?tenant=7" }],
  ["bad_signature", "a blank behind the query", { ...deliver(), path: "/hooks/upvest?tenant=7 " }],
  ["bad_signature", "a blank behind the method", { ...deliver(), method: "POST " }],
  ["bad_signature", "a line break in the path", { ...deliver(), path: "/hooks/upvest\n?tenant=7" }],
  ["bad_signature", "another query", { ...deliver(), path: "/hooks/upvest?tenant=8" }],
  ["bad_signature", "another covered header", withHeaders(deliver(), { "content-type": "text/plain" })],
  [
    "bad_signature",
    "a covered header outside ASCII",
    withHeaders(deliver(), { "content-type": "text/plain; ü" }),
  ],
  [
    "bad_signature",
    "another nonce",
    edited("signature-input", (value) => value.replace('nonce="', 'nonce="0')),
  ],
  [
    "bad_signature",
    "another expires",
    edited("signature-input", (value) => value.replace(/expires=\d+/, `expires=${now + 61}`)),
  ],
  [
    "bad_signature",
    "components in another order",
    edited("signature-input", (value) => value.replace('"@method" "@path"', '"@path" "@method"')),
  ],
  ["bad_signature", "a second label that does not verify", twoLabels({ key: impostor })],
  ["bad_signature", "a first label that does not verify", twoLabels({ key: impostor }, "a")],
  ["unsupported_encoding", "gzip", deliver({ headers: { "content-encoding": "gzip" } })],
  ["malformed_body", "no JSON", deliver({ body: "hello" })],
  ["malformed_body", "no UTF-8", deliver({ body: Uint8Array.of(0x22, 0xff, 0x22) })],
  ["malformed_body", "no body", deliver({ body: "" })],
  ["malformed_body", "no events", deliver({ body: '{"payload":{}}' })],
  ["malformed_body", "an event without id", deliver({ body: batch(anEvent(), { type: "USER.CREATED" }) })],
  ["malformed_body", "an event without type", deliver({ body: JSON.stringify({ id: "1" }) })],
  ["malformed_body", "a list without payload", deliver({ body: JSON.stringify([anEvent()]) })],
  ["malformed_body", "null", deliver({ body: "null" })],
];

/** The last sextet of 64 bytes has four spare bits, all zero: another letter with the same two leading bits. */
function nextLetter(end: string): string {
  return String.fromCharCode(end.charCodeAt(0) + 1);
}

describe("what is refused", () => {
  it.each(refused)("%s: %s", async (reason, _, delivery) => {
    expect(await verdict(newReceiver(), delivery)).toBe(reason);
  });

  it("refuses a body beyond maxBodySize", async () => {
    const delivery = deliver();
    const size = Buffer.byteLength(delivery.body);
    const limited = (maxBodySize: number): WebhookReceiver => newReceiver({ maxBodySize });
    expect(await verdict(limited(size - 1), delivery)).toBe("body_too_large");
    expect(await verdict(limited(size), delivery)).toBe("accepted");
  });

  it("tells a failing key source from a key that does not exist", async () => {
    const failing = createWebhookReceiver({ keys: { get: () => Promise.reject(new Error("down")) }, clock });
    await expect(failing.verify(deliver())).rejects.toMatchObject({
      reason: "keys_unavailable",
      status: 503,
    });
  });
});

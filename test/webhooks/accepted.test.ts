import { describe, expect, it } from "vitest";
import {
  anEvent,
  batch,
  deliver,
  ed25519,
  enough,
  newReceiver,
  now,
  p521,
  twoLabels,
  usualDigest,
  verdict,
  withHeaders,
  type TestDelivery,
} from "./support.js";

const manyHeaders = Object.fromEntries(Array.from({ length: 60 }, (_, nth) => [`x-${nth}`, String(nth)]));
const manyNames = Object.keys(manyHeaders).map((name) => `"${name}"`);

describe("what is accepted", () => {
  const accepted: readonly [string, TestDelivery][] = [
    ["Ed25519, v6", deliver()],
    ["P-521 in DER, v6", deliver({ key: p521 })],
    ["P-521 as raw r and s, v6", deliver({ key: p521, encoding: "ieee-p1363" })],
    ["Ed25519, v15 announced", deliver({ version: 15 })],
    ["P-521, v15 announced", deliver({ version: 15, key: p521 })],
    ["version 6 announced", withHeaders(deliver(), { "upvest-signature-version": "6" })],
    ["no query", deliver({ path: "/hooks/upvest" })],
    ["a bare question mark", { ...deliver({ path: "/hooks/upvest" }), path: "/hooks/upvest?" }],
    ["an absolute URL", { ...deliver(), path: "https://example.com/hooks/upvest?tenant=7" }],
    ["no nonce and no expires", deliver({ parameters: `;created=${now};keyid="${ed25519.kid}"` })],
    [
      "parameters in another order, an unknown one among them",
      deliver({ parameters: `;tag="a,b;c";nonce="n";keyid="${ed25519.kid}";created=${now};beta` }),
    ],
    [
      "odd spacing",
      deliver({ components: ["", ...enough, ""], parameters: `;  created=${now}; keyid="${ed25519.kid}"` }),
    ],
    ["64 components", deliver({ headers: manyHeaders, components: [...enough, ...manyNames] })],
    ["a label of another name", deliver({ label: "upvest-1" })],
    ["alg of the key", deliver({ parameters: `;created=${now};keyid="${ed25519.kid}";alg="ed25519"` })],
    ["two labels", twoLabels({ key: p521 })],
    ["headers in upper case", upperCase(deliver())],
    ["a covered empty header", deliver({ headers: { "x-empty": "" }, components: [...enough, '"x-empty"'] })],
    ["signed as long ago as is tolerated", deliver({ created: now - 300, expires: now })],
    ["signed as far ahead as is tolerated", deliver({ created: now + 300 })],
    ["bytes for a body", deliver({ body: Buffer.from(batch(anEvent())) })],
    [
      "the digest algorithm in lower case",
      deliver({ headers: { digest: usualDigest.replace("SHA-256", "sha-256") } }),
    ],
  ];

  it.each(accepted)("%s", async (_, delivery) => {
    expect(await verdict(newReceiver(), delivery)).toBe("accepted");
  });

  function upperCase(delivery: TestDelivery): TestDelivery {
    const headers = Object.entries(delivery.headers).map(([name, value]) => [
      name.toUpperCase(),
      ` ${value}\t`,
    ]);
    return { ...delivery, headers: Object.fromEntries(headers) };
  }

  it("odd spacing between several members", async () => {
    const two = twoLabels({ key: p521, parameters: `;created=${now};keyid="${p521.kid}";tag="a,\\"b\\\\"` });
    const spaced = withHeaders(two, {
      "signature-input": `  ${(two.headers["signature-input"] ?? "").replace(/, (?=sig2)/, " \t,\t  ")} `,
      signature: two.headers["signature"]?.replace(", ", ","),
    });
    expect(await verdict(newReceiver(), spaced)).toBe("accepted");
  });

  it("headers as Fetch's Headers and with lists", async () => {
    const receive = newReceiver();
    const one = deliver();
    expect(await receive.verify({ ...one, headers: new Headers(one.headers) })).toHaveLength(1);
    const two = deliver({ headers: { "x-list": "a, b" }, components: [...enough, '"x-list"'] });
    const headers = { ...two.headers, host: undefined, "x-list": ["a ", " b"] };
    expect(await receive.verify({ ...two, headers })).toHaveLength(1);
  });
});

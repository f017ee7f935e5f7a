import fc from "fast-check";
import { deliver, digestOf, ed25519, p521, withHeaders, type TestDelivery } from "./support.js";

/** Ordinary runs do a tenth; `UPVEST_TEST_FULL=1` does all of it. */
export const runs = (full: number): number => (process.env["UPVEST_TEST_FULL"] === "1" ? full : full / 10);

const printable = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code));
const letters = fc.constantFrom(..."ABab01+/=:;,\"' ()@\\");

/** A text with one character replaced, taken out, put in or doubled, or with its end cut off. */
export const mutatedText = (text: string): fc.Arbitrary<string> =>
  fc
    .record({
      at: fc.nat({ max: Math.max(0, text.length - 1) }),
      character: fc.oneof(printable, letters),
      kind: fc.constantFrom("replace", "replace", "remove", "insert", "double", "cut", "case"),
    })
    .map(({ at, character, kind }) => {
      const [before, here, after] = [text.slice(0, at), text.slice(at, at + 1), text.slice(at + 1)];
      if (kind === "replace") return before + character + after;
      if (kind === "remove") return before + after;
      if (kind === "insert") return before + character + here + after;
      if (kind === "double") return before + here + here + after;
      if (kind === "case")
        return before + (here === here.toLowerCase() ? here.toUpperCase() : here.toLowerCase()) + after;
      return before;
    });

/** Two elements of a list in each other's place. */
const swapped = (list: readonly string[]): fc.Arbitrary<string[]> =>
  fc
    .tuple(fc.nat({ max: list.length - 1 }), fc.nat({ max: list.length - 1 }))
    .map(([left, right]) =>
      list.map((item, at) => (at === left ? list[right] : at === right ? list[left] : item) ?? item),
    );

// Only what is signed, and the signature itself: a header that nobody signed may change.
const mutable = ["content-type", "content-length", "signature-input", "signature"];

/** Replaces a part of the input between the label and the parameters. */
function editInput(delivery: TestDelivery, edit: (components: string[]) => string[]): TestDelivery {
  const input = delivery.headers["signature-input"] ?? "";
  const list = input.slice(input.indexOf("(") + 1, input.indexOf(")"));
  return withHeaders(delivery, { "signature-input": input.replace(list, edit(list.split(" ")).join(" ")) });
}

/** Ways to tamper with a delivery after it was signed. */
export function mutated(delivery: TestDelivery): fc.Arbitrary<TestDelivery> {
  const { headers } = delivery;
  const body = String(delivery.body);
  const digestName = "digest" in headers ? "digest" : "content-digest";
  const names = [...mutable, digestName];
  const input = headers["signature-input"] ?? "";
  const components = input.slice(input.indexOf("(") + 1, input.indexOf(")")).split(" ");
  const otherKid = input.includes(p521.kid) ? ed25519.kid : p521.kid;
  const kid = input.includes(p521.kid) ? p521.kid : ed25519.kid;

  return fc.oneof(
    mutatedText(body).map((text) => ({ ...delivery, body: text })),
    // The body and, unsigned, the digest that goes with it.
    mutatedText(body).map((text) => ({
      ...withHeaders(delivery, {
        [digestName]: digestOf(Buffer.from(text), digestName === "digest" ? 6 : 15),
      }),
      body: text,
    })),
    fc
      .constantFrom(...names)
      .chain((name) =>
        mutatedText(headers[name] ?? "").map((value) => withHeaders(delivery, { [name]: value })),
      ),
    // The length is known without its header, and proxies drop that.
    fc
      .constantFrom(...names.filter((name) => name !== "content-length"))
      .map((name) => withHeaders(delivery, { [name]: undefined })),
    mutatedText(delivery.path.slice(1)).map((path) => ({ ...delivery, path: `/${path}` })),
    fc.constantFrom("PUT", "PATCH", "GET", "DELETE", "POS", "").map((method) => ({ ...delivery, method })),
    // One digit of a time, or the nonce.
    mutatedText(input.slice(input.indexOf(")"))).map((tail) =>
      withHeaders(delivery, { "signature-input": input.slice(0, input.indexOf(")")) + tail }),
    ),
    swapped(components).map((list) => editInput(delivery, () => list)),
    fc
      .constantFrom(...components)
      .map((name) => editInput(delivery, (list) => list.filter((item) => item !== name))),
    fc.constantFrom(...components).map((name) => editInput(delivery, (list) => [...list, name])),
    fc
      .constantFrom('"accept"', '"@authority"', '"x-forwarded-for"')
      .map((name) => editInput(delivery, (list) => [...list, name])),
    fc.constant(withHeaders(delivery, { "signature-input": input.replace(kid, otherKid) })),
    // The signature of another delivery.
    fc
      .constantFrom(ed25519, p521)
      .map((key) => withHeaders(delivery, { signature: deliver({ key }).headers["signature"] })),
    fc
      .tuple(fc.nat({ max: 40 }), fc.constantFrom(":", "=:", "==:", ""))
      .map(([cut, end]) =>
        withHeaders(delivery, { signature: `${(headers["signature"] ?? "").slice(0, -1 - cut)}${end}` }),
      ),
    fc
      .constantFrom("sig1", "sig2")
      .map((label) => withHeaders(delivery, { "signature-input": `${input}, ${label}=${input.slice(5)}` })),
    fc.constantFrom("15", "6", "7", "").map((version) =>
      withHeaders(delivery, {
        "upvest-signature-version": headers["upvest-signature-version"] === version ? "7" : version,
      }),
    ),
  );
}

/** What a receiver is given in the end: what HTTP drops, and a bare `?`, are no change. */
export const received = ({ method, path, headers, body }: TestDelivery): string =>
  JSON.stringify([
    method,
    path.replace(/\?$/, ""),
    Object.entries(headers).map(([name, value]) => [name, value.replace(/^[ \t]+|[ \t]+$/g, "")]),
    String(body),
  ]);

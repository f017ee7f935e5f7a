import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signatureBase, signatureParams } from "../../src/signature/base.js";
import type { SignatureParameters } from "../../src/signature/base.js";
import { v15, v6 } from "../../src/signature/profile.js";
import { utf8, vectors } from "./support.js";

const parameters: SignatureParameters = { keyid: "key-1", created: 100, expires: 110, nonce: "n0nce" };

describe("the vectors", () => {
  it.each(vectors("requests").vectors)("$name: params and base to the byte", (vector) => {
    const profile = vector.profile === 15 ? v15 : v6;
    const params = signatureParams(
      vector.components.map(([name]) => name),
      vector.parameters,
    );
    const base = signatureBase(vector.components, params, profile);
    expect(params).toBe(vector.params);
    expect(base).toBe(vector.base);
    expect(createHash("sha512").update(utf8(base)).digest("hex")).toBe(vector.sha512);
  });

  it("RFC 9421 section B.2.6", () => {
    const { components, params, base } = vectors("rfc9421-b26");
    expect(signatureBase(components, params, v15)).toBe(base);
  });
});

describe("signatureParams", () => {
  it("names in order, then keyid, created, expires, nonce", () => {
    expect(signatureParams(["@path", "@method", "accept"], parameters)).toBe(
      '("@path" "@method" "accept");keyid="key-1";created=100;expires=110;nonce="n0nce"',
    );
  });

  it("an empty list", () => {
    expect(signatureParams([], parameters)).toBe('();keyid="key-1";created=100;expires=110;nonce="n0nce"');
  });

  it.each(["Accept", "", "a b", 'a"', "a\nb", "@", "@@method", "ä"])("refuses the name %j", (name) => {
    expect(() => signatureParams(["@method", name], parameters)).toThrow(/is not a component name/);
  });

  it("refuses a name that comes twice", () => {
    expect(() => signatureParams(["@method", "accept", "@method"], parameters)).toThrow(
      'component "@method" is covered twice',
    );
  });

  it.each(["", 'a"b', "a\\b", "a\nb", "a\tb", "\u007f", "ä", "\u0000"])(
    "refuses keyid and nonce %j, without showing them",
    (text) => {
      for (const parameter of ["keyid", "nonce"]) {
        const params = (): string => signatureParams([], { ...parameters, [parameter]: text });
        expect(params).toThrow(TypeError);
        expect(params).toThrow(`signature parameter ${parameter} must be non-empty printable ASCII`);
        if (text.length > 1) expect(params).not.toThrow(text);
      }
    },
  );

  it("takes every printable character but the two as keyid and nonce", () => {
    const text = Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index))
      .filter((character) => character !== '"' && character !== "\\")
      .join("");
    expect(signatureParams([], { ...parameters, keyid: text, nonce: text })).toBe(
      `();keyid="${text}";created=100;expires=110;nonce="${text}"`,
    );
  });

  it.each([1.5, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e15])("refuses the time %d", (seconds) => {
    for (const parameter of ["created", "expires"]) {
      expect(() => signatureParams([], { ...parameters, [parameter]: seconds })).toThrow(
        `signature parameter ${parameter} must be Unix time in whole seconds, got ${seconds}`,
      );
    }
  });

  it("refuses an end before the start", () => {
    expect(() => signatureParams([], { ...parameters, expires: 99 })).toThrow(
      "expires (99) lies before created (100)",
    );
    expect(signatureParams([], { ...parameters, expires: 100 })).toContain("expires=100");
  });
});

describe("signatureBase", () => {
  it("quotes names in v15 and leaves them bare in v6", () => {
    const components = [["accept", "text/plain"]] as const;
    expect(signatureBase(components, "()", v15)).toBe('"accept": text/plain\n"@signature-params": ()');
    expect(signatureBase(components, "()", v6)).toBe("accept: text/plain\n@signature-params: ()");
  });

  it("strips the white space that no header carries over the wire, and keeps an empty value", () => {
    expect(signatureBase([["accept", "  a  b "]], "()", v15)).toBe('"accept": a  b\n"@signature-params": ()');
    expect(signatureBase([["accept", ""]], "()", v15)).toBe('"accept": \n"@signature-params": ()');
  });

  it.each([
    ["\r\n", "a control character (U+000D at index 6)"],
    ["\n", "a control character (U+000A at index 6)"],
    ["\t", "a control character (U+0009 at index 6)"],
    ["\0", "a control character (U+0000 at index 6)"],
    ["\u007f", "a control character (U+007F at index 6)"],
    ["ä", "a character outside ASCII (U+00E4 at index 6)"],
    ["😀", "a character outside ASCII (U+1F600 at index 6)"],
  ])("refuses a value with %j and names the component only", (text, reason) => {
    const base = (): string => signatureBase([["authorization", `secret${text}token`]], "()", v15);
    expect(base).toThrow(TypeError);
    expect(base).toThrow(`the value of component "authorization" holds ${reason}`);
    expect(base).not.toThrow(/secret|token/);
  });

  it("refuses a line break in the parameters and a bad name", () => {
    expect(() => signatureBase([], "()\n", v15)).toThrow('component "@signature-params"');
    expect(() => signatureBase([['a": b\n"c', "d"]], "()", v15)).toThrow("is not a component name");
  });

  it("reads back to the components it was made of", () => {
    const name = fc.stringMatching(/^@?[a-z][a-z0-9-]{0,20}$/);
    const value = fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((c) => String.fromCharCode(c)),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, value), { selector: ([name]) => name }),
        fc.constantFrom(v15, v6),
        (components, profile) => {
          const params = signatureParams(
            components.map(([name]) => name),
            parameters,
          );
          const lines = signatureBase(components, params, profile).split("\n");
          const quote = profile.quoted ? '"' : "";
          expect(lines.pop()).toBe(`${quote}@signature-params${quote}: ${params}`);
          expect(
            lines.map((line) => {
              const [key = "", ...rest] = line.split(": ");
              return [profile.quoted ? key.slice(1, -1) : key, rest.join(": ")];
            }),
          ).toEqual(components);
        },
      ),
    );
  });
});

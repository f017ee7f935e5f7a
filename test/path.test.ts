import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UpvestConfigError } from "../src/errors.js";
import { expandPath } from "../src/path.js";

const expand = (value: unknown): string =>
  expandPath("retrieve_instrument", "/instruments/{instrument_id}/venues", { instrument_id: value });

describe("expandPath", () => {
  it.each([
    "US0378331005",
    "isin:US0378331005",
    "uuid:4d2c1b5e-0000-4000-8000-000000000000",
    "a.b",
    "...",
    7,
    7n,
  ])("puts %s in as it is", (value) => {
    expect(expand(value)).toBe(`/instruments/${value}/venues`);
  });

  it.each([
    "",
    ".",
    "..",
    "a/b",
    "a b",
    "a%2Fb",
    "a?b",
    "a#b",
    "ä",
    "a\r\nb",
    undefined,
    null,
    {},
    [],
    true,
    "\\",
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Object.create(null),
  ])("refuses %j and names the parameter", (value) => {
    expect(() => expand(value)).toThrow(UpvestConfigError);
    expect(() => expand(value)).toThrow(/retrieve_instrument: the path parameter instrument_id/);
  });

  it("shows what it refuses", () => {
    expect(() => expand(Number.NaN)).toThrow("instrument_id cannot be NaN: it must be one path segment");
    expect(() => expand({})).toThrow("instrument_id cannot be [object Object]: it must be one path segment");
    expect(() => expand("a b")).toThrow('instrument_id cannot be "a b": it must be one path segment');
  });

  it("refuses a value that is not there", () => {
    expect(() => expandPath("x", "/users/{user_id}")).toThrow(/user_id is missing/);
    expect(() => expandPath("x", "/users/{toString}", {})).toThrow(/toString is missing/);
  });

  it("either refuses or leads to the endpoint that was meant, byte for byte", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.constantFrom(".", "..", "%2e", "%2E%2e")),
        (value) => {
          let path: string;
          try {
            path = expand(value);
          } catch (error) {
            expect(error).toBeInstanceOf(UpvestConfigError);
            return;
          }
          // What the platform sends is what was signed, and it has the same number of segments.
          expect(new URL(`https://sandbox.upvest.co${path}`).pathname).toBe(path);
          expect(path.split("/")).toHaveLength(4);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

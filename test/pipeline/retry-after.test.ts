import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseHttpDate, retryAfter } from "../../src/pipeline/retry-after.js";

const now = Date.UTC(2026, 10, 21, 12, 0, 0);

describe("parseHttpDate", () => {
  const moment = Date.UTC(1994, 10, 6, 8, 49, 37);

  it.each([
    ["IMF-fixdate", "Sun, 06 Nov 1994 08:49:37 GMT"],
    ["RFC 850", "Sunday, 06-Nov-94 08:49:37 GMT"],
    ["asctime", "Sun Nov  6 08:49:37 1994"],
  ])("reads %s", (_, text) => {
    expect(parseHttpDate(text, now)).toBe(moment);
  });

  it.each([
    "Sun, 6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 06 Nov 1994 08:49:37 +0000",
    "Mon, 06 Nov 1994 08:49:37 GMT",
    "Wed, 30 Feb 2028 08:00:00 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 06 Nov 1994 08:60:00 GMT",
    "sun, 06 nov 1994 08:49:37 gmt",
    "1994-11-06T08:49:37Z",
    "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
    "",
  ])("refuses %j", (text) => {
    expect(parseHttpDate(text, now)).toBeUndefined();
  });

  it("takes a two-digit year as the nearest that is not more than 50 years ahead", () => {
    expect(parseHttpDate("Friday, 06-Nov-76 08:49:37 GMT", now)).toBe(Date.UTC(2076, 10, 6, 8, 49, 37));
    expect(parseHttpDate("Sunday, 06-Nov-77 08:49:37 GMT", now)).toBe(Date.UTC(1977, 10, 6, 8, 49, 37));
  });

  it("reads back every date that the platform writes", () => {
    const between = { min: new Date(0), max: new Date(Date.UTC(9999, 11, 31)), noInvalidDate: true };
    fc.assert(
      fc.property(fc.date(between), (date) => {
        const seconds = Math.floor(date.getTime() / 1000) * 1000;
        expect(parseHttpDate(date.toUTCString(), now)).toBe(seconds);
      }),
    );
  });
});

describe("retryAfter", () => {
  const wait = (value: string, date?: string): number | undefined =>
    retryAfter(new Headers({ "retry-after": value, ...(date !== undefined && { date }) }), now);

  it.each([
    ["0", 0],
    ["120", 120_000],
    [" 7 ", 7_000],
    ["Sat, 21 Nov 2026 12:01:30 GMT", 90_000],
    ["Sat, 21 Nov 2026 11:00:00 GMT", 0],
  ])("%j is %d ms", (value, expected) => {
    expect(wait(value)).toBe(expected);
  });

  it.each(["-1", "1.5", "12abc", "1e3", "0x10", "soon", "+5"])("%j is not understood", (value) => {
    expect(wait(value)).toBeUndefined();
  });

  it("measures a date against the answer's own date, not against the local clock", () => {
    expect(wait("Sat, 21 Nov 2026 09:00:10 GMT", "Sat, 21 Nov 2026 09:00:00 GMT")).toBe(10_000);
  });

  it("is undefined without the header", () => {
    expect(retryAfter(new Headers(), now)).toBeUndefined();
  });
});

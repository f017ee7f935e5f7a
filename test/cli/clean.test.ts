import { expect, it } from "vitest";
import { clean, inert } from "../../src/cli/clean.js";

it("nothing steers the terminal", () => {
  expect(inert("a\u001B[31mb\u0007\r\u009Bc\u007F\td\n")).toBe(
    "a\u{FFFD}[31mb\u{FFFD}\u{FFFD}\u{FFFD}c\u{FFFD}\td\n",
  );
});

it("no token, signature, secret or private key gets through", () => {
  const key = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ\n-----END PRIVATE KEY-----";
  const text = `authorization: Bearer abc.def\nsignature: sig1=:QUJD:\nclient_secret=hush&x=1\n${key}\nrest`;
  expect(clean(text)).toBe(
    "authorization: Bearer [hidden]\nsignature: sig1=:[hidden]:\nclient_secret=[hidden]&x=1\n[private key hidden]\nrest",
  );
  expect(clean(key.slice(0, 40))).toBe("[private key hidden]");
});

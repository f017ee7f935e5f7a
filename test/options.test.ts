import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { createUpvestClient, UpvestConfigError, type UpvestClientOptions } from "upvest-client";
import { resolveOptions } from "../src/options.js";
import { testKey } from "./support/api.js";

const good: UpvestClientOptions = {
  environment: "sandbox",
  clientId: "ebabcf4d-61c3-4942-875c-e265a7c2d062",
  clientSecret: "canary-client-secret",
  signingKey: testKey,
};
/** The options with some replaced; `undefined` takes one away. */
const having = (different: Record<string, unknown>): UpvestClientOptions =>
  Object.fromEntries(
    Object.entries({ ...good, ...different }).filter(([, value]) => value !== undefined),
  ) as unknown as UpvestClientOptions;

describe("addresses", () => {
  it.each([
    [{ environment: "sandbox" }, "https://sandbox.upvest.co"],
    [{ environment: "live" }, "https://api.upvest.co"],
    [{ environment: undefined, baseUrl: "https://proxy.example/upvest/" }, "https://proxy.example/upvest"],
    [{ environment: undefined, baseUrl: "http://127.0.0.1:3000" }, "http://127.0.0.1:3000"],
    [{ environment: undefined, baseUrl: "http://localhost:3000/" }, "http://localhost:3000"],
    [{ environment: undefined, baseUrl: "http://[::1]:3000" }, "http://[::1]:3000"],
  ])("%j is %s", (different, baseUrl) => {
    expect(resolveOptions(having(different)).baseUrl).toBe(baseUrl);
  });

  it.each([
    [{ environment: undefined }, /either environment .* or baseUrl/],
    [{ baseUrl: "https://sandbox.upvest.co" }, /not both/],
    [{ environment: "production" }, /environment must be "sandbox" or "live"; it is "production"/],
    [{ environment: "toString" }, /environment must be/],
    [{ environment: undefined, baseUrl: "sandbox.upvest.co" }, /baseUrl must be a URL/],
    [
      { environment: undefined, baseUrl: "https://me:pass-word@" },
      /baseUrl must be a URL; it is "https:\/\/\*\*\*@"/,
    ],
    [{ environment: undefined, baseUrl: "pass-word@[host" }, /baseUrl must be a URL; it is "\*\*\*@\[host"/],
    [
      { environment: undefined, baseUrl: "me:pass-word@[host" },
      /must be https .*: "\*\*\*@\[host" would carry/,
    ],
    [{ environment: undefined, baseUrl: "http://sandbox.upvest.co" }, /must be https/],
    [{ environment: undefined, baseUrl: "http://localhost.evil.example" }, /must be https/],
    [{ environment: undefined, baseUrl: "http://127.0.0.1.evil.example" }, /must be https/],
    [{ environment: undefined, baseUrl: "ftp://127.0.0.1" }, /must be https/],
    [{ environment: undefined, baseUrl: "https://me:pass-word@x.example" }, /no user name, password/],
    [{ environment: undefined, baseUrl: "https://x.example?a=b" }, /no user name, password, query/],
  ])("%j is refused", (different, message) => {
    const make = (): unknown => createUpvestClient(having(different));
    expect(make).toThrow(UpvestConfigError);
    expect(make).toThrow(message);
    expect(make).not.toThrow(/pass-word/);
  });
});

describe("members", () => {
  it.each([
    [{ limiter: null }, /limiter must have the methods acquire; it is null/],
    [{ limiter: {} }, /limiter must have the methods acquire/],
    [{ limiter: () => undefined }, /limiter must have the methods acquire/],
    [{ tokenStore: {} }, /tokenStore must have the methods get, set/],
    [{ tokenStore: { get() {} } }, /tokenStore must have the methods get, set/],
    [{ limitter: {} }, /has no member limitter; it has baseUrl, .*, limiter, /],
    [{ timeOut: 5 }, /has no member timeOut/],
    [{ signer: {} }, /has no member signer/],
  ])("%j is refused", (different, message) => {
    const make = (): unknown => createUpvestClient(having(different));
    expect(make).toThrow(UpvestConfigError);
    expect(make).toThrow(message);
  });

  it("that are undefined are left out", () => {
    expect(
      createUpvestClient({ ...good, limiter: undefined } as unknown as UpvestClientOptions),
    ).toBeDefined();
  });
});

describe("credentials and limits", () => {
  it.each([
    [{ clientId: "" }, /clientId must be a non-empty string/],
    [{ clientId: "a\r\nb" }, /clientId/],
    [{ clientId: undefined }, /clientId .* it is undefined/],
    [{ clientSecret: "" }, /clientSecret must be a non-empty string; it is empty/],
    [{ clientSecret: 7 }, /clientSecret .* it is number/],
    [{ clientSecret: "canary-client-secret\n" }, /clientSecret .* white space around it/],
    [{ signingKey: { keyId: "k", privateKey: "./keys/signing.pem" } }, /looks like the path of a file/],
    [{ signingKey: { keyId: "k" } }, /^signingKey has neither/],
    [{ fetch: 3 }, /fetch must be a function, or be left out; it is 3/],
    [{ clock: "now" }, /clock must be a function, or be left out; it is "now"/],
    [{ retry: true }, /retry must be false or an object; it is true/],
    [{ retry: { maxAttempt: 3 } }, /retry has no maxAttempt; it has maxAttempts, baseDelay/],
    [{ signingKey: undefined }, /^signingKey must be an object/],
    [{ signingKey: { keyId: "k", privateKey: "canary-client-secret" } }, /signingKey: /],
    [{ timeout: 0 }, /timeout must be a positive number of milliseconds; it is 0/],
    [{ timeout: "30s" }, /timeout must be a positive number of milliseconds; it is "30s"/],
    [{ deadline: Number.NaN }, /deadline/],
    [{ retry: { maxAttempts: 0 } }, /retry\.maxAttempts must be a number of at least 1; it is 0/],
    [{ retry: { baseDelay: -1 } }, /retry\.baseDelay must be a number of at least 0; it is -1/],
    [{ maxResponseSize: 0 }, /maxResponseSize must be a whole number of bytes, .*; it is 0/],
    [{ maxResponseSize: 1.5 }, /maxResponseSize .*; it is 1\.5/],
    [{ maxResponseSize: "64 MiB" }, /maxResponseSize .*; it is "64 MiB"/],
    [{ scopes: [] }, /scopes must be a non-empty list/],
    [{ scopes: ["users:read orders:read"] }, /scopes must be/],
    [{ scopes: "users:read" }, /scopes must be/],
  ])("%j is refused", (different, message) => {
    const make = (): unknown => createUpvestClient(having(different));
    expect(make).toThrow(UpvestConfigError);
    expect(make).toThrow(message);
    expect(make).not.toThrow(/canary/);
  });

  it("are given as an object", () => {
    // @ts-expect-error What plain JavaScript may pass.
    expect(() => createUpvestClient()).toThrow(/takes its options as an object; it got undefined/);
  });

  it("have the documented defaults", () => {
    expect(resolveOptions(good)).toMatchObject({
      timeout: 30_000,
      deadline: undefined,
      retry: { maxAttempts: 4, baseDelay: 500, maxDelay: 8_000, maxRetryAfter: 60_000 },
      scopes: undefined,
      maxResponseSize: 64 * 1024 * 1024,
    });
    expect(resolveOptions(having({ maxResponseSize: Infinity })).maxResponseSize).toBe(Infinity);
    expect(resolveOptions(having({ retry: false })).retry.maxAttempts).toBe(1);
    expect(resolveOptions(having({ retry: { maxAttempts: 2 } })).retry).toMatchObject({
      maxAttempts: 2,
      baseDelay: 500,
    });
  });

  it("are not to be seen on the client", () => {
    const shown = inspect(createUpvestClient(good), { depth: 9, showHidden: true });
    expect(shown).not.toMatch(/canary|PRIVATE/);
  });
});

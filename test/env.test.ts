import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { createUpvestClient, fromEnv, UpvestConfigError } from "upvest-client";
import { testKey } from "./support/api.js";

const complete = {
  UPVEST_API_CLIENT_ID: "c-1",
  UPVEST_API_CLIENT_SECRET: "canary-client-secret",
  UPVEST_API_KEY_ID: "k-1",
  UPVEST_API_HTTP_SIGN_PRIVATE_KEY: testKey.privateKey,
};
const KEY = "UPVEST_API_HTTP_SIGN_PRIVATE_KEY";

describe("fromEnv", () => {
  it("reads what the publisher's samples read; the sandbox where no address is given", () => {
    expect(fromEnv(complete)).toEqual({
      environment: "sandbox",
      clientId: "c-1",
      clientSecret: "canary-client-secret",
      signingKey: { keyId: "k-1", privateKey: testKey.privateKey.trim() },
    });
    expect(() => createUpvestClient(fromEnv(complete))).not.toThrow();
  });

  it("reads address, scopes and passphrase", () => {
    const options = fromEnv({
      ...complete,
      UPVEST_API_BASE_URL: "https://api.upvest.co",
      UPVEST_API_SCOPES: "users:read, orders:admin  accounts:read",
      [`${KEY}_PASSPHRASE`]: " with spaces ",
    });
    expect(options).toMatchObject({
      baseUrl: "https://api.upvest.co",
      scopes: ["users:read", "orders:admin", "accounts:read"],
      signingKey: { passphrase: " with spaces " },
    });
    expect(options).not.toHaveProperty("environment");
  });

  it.each([
    ["base64", `${KEY}_BASE64`, Buffer.from(testKey.privateKey).toString("base64")],
    ["line breaks written as \\n", KEY, testKey.privateKey.replaceAll("\n", "\\n")],
  ])("reads a key as %s", (_, name, value) => {
    const options = fromEnv({ ...complete, [KEY]: undefined, [name]: value });
    expect(() => createUpvestClient(options)).not.toThrow();
  });

  it("reads a key from a file", () => {
    const folder = mkdtempSync(join(tmpdir(), "upvest-client-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "key.pem");
    writeFileSync(file, testKey.privateKey);
    const options = fromEnv({ ...complete, [KEY]: undefined, [`${KEY}_FILENAME`]: file });
    expect(options.signingKey).toMatchObject({ privateKey: testKey.privateKey });
    expect(() => fromEnv({ ...complete, [KEY]: undefined, [`${KEY}_FILENAME`]: `${file}.gone` })).toThrow(
      /_FILENAME: ENOENT/,
    );
  });

  it("prints without secrets, and copies with them", () => {
    const options = fromEnv({ ...complete, [`${KEY}_PASSPHRASE`]: "canary-passphrase" });
    for (const told of [inspect(options, { depth: 9 }), JSON.stringify(options)]) {
      expect(told).toContain("[hidden]");
      expect(told).not.toMatch(/canary|BEGIN/);
      expect(told).toContain(complete.UPVEST_API_KEY_ID);
    }
    expect({ ...options }).toMatchObject({
      clientSecret: complete.UPVEST_API_CLIENT_SECRET,
      signingKey: { passphrase: "canary-passphrase" },
    });
  });

  it("names everything that is missing, at once", () => {
    expect(() => fromEnv({})).toThrow(UpvestConfigError);
    expect(() => fromEnv({ UPVEST_API_KEY_ID: " " })).toThrow(
      /^missing in the environment: UPVEST_API_CLIENT_ID, UPVEST_API_CLIENT_SECRET, UPVEST_API_KEY_ID, UPVEST_API_HTTP_SIGN_PRIVATE_KEY \(or/,
    );
  });

  it("refuses two keys at once and base64 that is none", () => {
    expect(() => fromEnv({ ...complete, [`${KEY}_BASE64`]: "x" })).toThrow(/both set/);
    expect(() => fromEnv({ ...complete, [KEY]: undefined, [`${KEY}_BASE64`]: "?" })).toThrow(/is not base64/);
  });

  it.each(["users:read;orders:admin", ",", "users:read, orders/admin"])(
    "names the variable of scopes that are none: %s",
    (scopes) => {
      expect(() => fromEnv({ ...complete, UPVEST_API_SCOPES: scopes })).toThrow(
        `UPVEST_API_SCOPES must be scopes separated by commas or spaces (users:read,orders:admin); it is ${JSON.stringify(scopes)}`,
      );
    },
  );

  it("takes process.env by default", () => {
    expect(() => fromEnv()).toThrow(UpvestConfigError);
    expect(() => fromEnv()).toThrow(/A file is read by node --env-file=\.env$/);
  });
});

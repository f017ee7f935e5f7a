import { execFile } from "node:child_process";
import { sign, verify } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { makeKeyPair } from "../../src/sandbox/key-pair.js";

const program = fileURLToPath(new URL("support/collected-while-read.ts", import.meta.url));

describe("a new pair of keys", () => {
  it.each([
    ["ed25519", null, "ed25519"],
    ["ecdsa-p521", "sha512", "ec"],
  ] as const)("%s: one key verifies what the other signs", (algorithm, digest, type) => {
    const { privateKey, publicKey } = makeKeyPair(algorithm);
    expect(privateKey.asymmetricKeyType).toBe(type);
    const message = Buffer.from("a message");
    expect(verify(digest, message, publicKey, sign(digest, message, privateKey))).toBe(true);
  });

  // A program of its own, because it is its main thread that would wait for ever.
  it("is read while the garbage collector runs", { timeout: 120_000 }, async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--max-semi-space-size=1", "--import", "tsx", program],
      { timeout: 100_000, killSignal: "SIGKILL" },
    );
    expect(stdout).toBe("read\n");
  });
});

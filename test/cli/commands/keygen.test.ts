import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli, type World } from "../support/run.js";
import { scratch } from "../support/scratch.js";

const PASSPHRASE = "UPVEST_API_HTTP_SIGN_PRIVATE_KEY_PASSPHRASE";
const passphrase = "canary-correct-horse";
const terminal: World = { isTTY: { stdin: true, stdout: true, stderr: true } };

const modeOf = (path: string): number => statSync(path).mode & 0o777;

/** The two halves belong together. */
function expectPair(folder: string, name: string, how: { readonly passphrase?: string } = {}) {
  const privateKey = createPrivateKey({ key: readFileSync(join(folder, `${name}.pem`)), ...how });
  const publicKey = createPublicKey(readFileSync(join(folder, `${name}.pub`)));
  const digest = privateKey.asymmetricKeyType === "ed25519" ? null : "sha512";
  expect(verify(digest, Buffer.from("x"), publicKey, sign(digest, Buffer.from("x"), privateKey))).toBe(true);
  return { privateKey, publicKey };
}

describe("a key", () => {
  it("is encrypted with the passphrase of the environment, and no one else can read it", async () => {
    const cwd = scratch();
    const { stdout, stderr, exitCode } = await runCli(["keygen"], { cwd, env: { [PASSPHRASE]: passphrase } });
    expect(exitCode).toBe(0);
    const pem = readFileSync(join(cwd, "upvest-signing-key.pem"), "utf8");
    expect(pem).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
    // PBES2 with AES-256-CBC: 2.16.840.1.101.3.4.1.42
    const der = Buffer.from(pem.replaceAll(/-----.*-----|\s/g, ""), "base64").toString("hex");
    expect(der).toContain("060960864801650304012a");
    const { publicKey } = expectPair(cwd, "upvest-signing-key", { passphrase });
    expect(publicKey.asymmetricKeyType).toBe("ed25519");
    expect(stdout).toBe(readFileSync(join(cwd, "upvest-signing-key.pub"), "utf8"));
    const raw = Buffer.from(String(publicKey.export({ format: "jwk" }).x), "base64url").toString("base64");
    expect(stderr).toContain(`base64 of its 32 bytes: ${raw}\n`);
    expect(stderr).toContain("Send upvest-signing-key.pub to Upvest");
    if (process.platform !== "win32") {
      expect(modeOf(join(cwd, "upvest-signing-key.pem"))).toBe(0o600);
      expect(modeOf(join(cwd, "upvest-signing-key.pub"))).toBe(0o644 & ~process.umask());
    }
  });

  it("of P-521, where --out says", async () => {
    const cwd = scratch();
    const argv = ["keygen", "--algorithm", "p521", "--out", "live.pem"];
    const { stderr, exitCode } = await runCli(argv, { cwd, env: { [PASSPHRASE]: passphrase } });
    expect(exitCode).toBe(0);
    const { publicKey } = expectPair(cwd, "live", { passphrase });
    expect(publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: "secp521r1" });
    expect(stderr).not.toContain("32 bytes");
  });

  it("without a passphrase is not encrypted, and that is said", async () => {
    const cwd = scratch();
    const { stderr, exitCode } = await runCli(["keygen", "--no-passphrase"], { cwd });
    expect(exitCode).toBe(0);
    expectPair(cwd, "upvest-signing-key");
    expect(stderr).toContain("mode 600, NOT encrypted");
  });
});

describe("the passphrase", () => {
  it("is asked for twice on a terminal", async () => {
    const cwd = scratch();
    const { stderr, exitCode } = await runCli(["keygen"], {
      ...terminal,
      cwd,
      secrets: [passphrase, passphrase],
    });
    expect(exitCode).toBe(0);
    expectPair(cwd, "upvest-signing-key", { passphrase });
    expect(stderr).toContain("Passphrase for the key, 12 characters or more (empty: ");
    expect(stderr).toContain("  keep it out of version control (.gitignore)\n");
    expect((await runCli(["keygen", "--help"])).stdout).toContain("of 12 characters or more");
  });

  it("is made and shown once where the answer is empty", async () => {
    const cwd = scratch();
    const { stdout, stderr, exitCode } = await runCli(["keygen"], { ...terminal, cwd, secrets: [""] });
    expect(exitCode).toBe(0);
    const [, made = ""] = /shown this once: ([\da-f]{32})\n/.exec(stderr) ?? [];
    expectPair(cwd, "upvest-signing-key", { passphrase: made });
    expect(stdout).not.toContain(made);
    expect(stderr.split(made)).toHaveLength(2);
  });

  it.each<[string, World, RegExp]>([
    [
      "two that differ",
      { ...terminal, secrets: [passphrase, `${passphrase}!`] },
      /the two passphrases differ/,
    ],
    ["a short one", { ...terminal, secrets: ["canary-shrt"] }, /at least 12 characters/],
    ["a short one in the environment", { env: { [PASSPHRASE]: "canary-shrt" } }, /at least 12 characters/],
    [
      "nobody to ask",
      {},
      /no terminal to ask for a passphrase on: set UPVEST_API_HTTP_SIGN_PRIVATE_KEY_PASSPHRASE/,
    ],
  ])("%s: nothing is written", async (_, world, message) => {
    const cwd = scratch();
    const { stdout, stderr, exitCode } = await runCli(["keygen"], { ...world, cwd });
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(stderr).toMatch(message);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

describe("files that are there", () => {
  it.each(["upvest-signing-key.pem", "upvest-signing-key.pub"])("%s is left alone", async (name) => {
    const cwd = scratch();
    writeFileSync(join(cwd, name), "precious");
    // Nobody answers: it must be refused before a passphrase is asked for.
    const { stderr, exitCode } = await runCli(["keygen"], { ...terminal, cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/is there already: name another with --out, or say --force/);
    expect(readdirSync(cwd)).toEqual([name]);
    expect(readFileSync(join(cwd, name), "utf8")).toBe("precious");
  });

  it.skipIf(process.platform === "win32")("with --force are replaced, with the right mode", async () => {
    const cwd = scratch();
    const file = join(cwd, "upvest-signing-key.pem");
    writeFileSync(file, "old");
    chmodSync(file, 0o644);
    const { exitCode } = await runCli(["keygen", "--force", "--no-passphrase"], { cwd });
    expect(exitCode).toBe(0);
    expectPair(cwd, "upvest-signing-key");
    expect(modeOf(file)).toBe(0o600);
    expect(readdirSync(cwd)).toHaveLength(2);
  });

  it.skipIf(process.platform === "win32")("a link that somebody has laid is not followed", async () => {
    const cwd = scratch();
    symlinkSync(join(cwd, "elsewhere"), join(cwd, "upvest-signing-key.pem"));
    const { stderr, exitCode } = await runCli(["keygen", "--no-passphrase"], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("EEXIST");
    expect(readdirSync(cwd)).toEqual(["upvest-signing-key.pem"]);
  });
});

it("a folder that is not there is named", async () => {
  const cwd = scratch();
  mkdirSync(join(cwd, "keys"));
  const { stderr, exitCode } = await runCli(["keygen", "--out", "kyes/a.pem", "--no-passphrase"], { cwd });
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/kyes\/a\.pem cannot be written: ENOENT/);
});

it("a private key is not called .pub", async () => {
  const cwd = scratch();
  const { stderr, exitCode } = await runCli(["keygen", "--out", "k.pub", "--no-passphrase"], { cwd });
  expect(exitCode).toBe(2);
  expect(stderr).toContain(
    "--out k.pub: it names the private key. The public one is put beside it, as .pub: say k.pem",
  );
  expect(readdirSync(cwd)).toEqual([]);
});

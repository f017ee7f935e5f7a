import { createPublicKey, generateKeyPairSync, randomBytes, verify, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { Option, type Command } from "commander";
import { createSigner } from "../../signature/keys.js";
import { commandLine } from "../arguments.js";
import { takeEnv, readVariables, type EnvFlag } from "../environment.js";
import { CliError } from "../exit-codes.js";
import type { Io } from "../io.js";
import { requireFree, writeNew } from "../key-files.js";

interface Flags extends EnvFlag {
  readonly algorithm: "ed25519" | "p521";
  readonly out: string;
  /** False with `--no-passphrase`. */
  readonly passphrase: boolean;
  readonly force?: boolean;
}

const PASSPHRASE = "UPVEST_API_HTTP_SIGN_PRIVATE_KEY_PASSPHRASE";

/** The key file's derivation is quick (PBKDF2, 2,048 rounds by OpenSSL's default): length is what protects it. */
const SHORTEST = 12;

const examples = `
Examples:
  upvest-client keygen
  upvest-client keygen --algorithm p521 --out live.pem

The passphrase, of ${SHORTEST} characters or more, comes from
${PASSPHRASE} where that is set; else it is
asked for on the terminal, and with an empty answer one is made and shown once.`;

export function addKeygen(program: Command, io: Io): void {
  const command = program
    .command("keygen")
    .summary("make a signing key")
    .description(
      "Makes a signing key: the private half encrypted into a file of mode 600, the public half to send to Upvest.",
    )
    .addOption(
      new Option("-a, --algorithm <name>", "prefer ed25519: signing costs a fiftieth")
        .choices(["ed25519", "p521"])
        .default("ed25519"),
    )
    .option(
      "-o, --out <file>",
      "the private key; the public one goes beside it, as .pub",
      "upvest-signing-key.pem",
    )
    .option("--no-passphrase", "do not encrypt it: for a key that goes straight into a secret store")
    .option("--force", "replace files that are there")
    .addHelpText("after", examples);
  takeEnv(command).action((flags: Flags) => keygen(io, flags));
}

async function keygen(io: Io, flags: Flags): Promise<void> {
  if (flags.out.endsWith(".pub")) {
    throw new CliError(
      `--out ${flags.out}: it names the private key. The public one is put beside it, as .pub: say ${flags.out.replace(/\.pub$/, ".pem")}`,
    );
  }
  const file = resolve(io.cwd, flags.out);
  const publicFile = `${file.replace(/\.(?:pem|priv|key)$/, "")}.pub`;
  const force = flags.force === true;
  // Before anyone thinks up a passphrase.
  await requireFree(file, force);
  await requireFree(publicFile, force);
  const passphrase = flags.passphrase ? await choosePassphrase(io, flags) : undefined;
  const { privateKey, publicKey } = makePair(flags.algorithm);
  const publicPem = publicKey.export({ type: "spki", format: "pem" }).toString();
  const privatePem = privateKey.export({
    type: "pkcs8",
    format: "pem",
    ...(passphrase !== undefined && { cipher: "aes-256-cbc", passphrase }),
  });
  await writeNew(file, privatePem.toString(), { mode: 0o600, force });
  await writeNew(publicFile, publicPem, { mode: 0o644, force });
  await check(file, publicPem, passphrase);

  await io.print(publicPem);
  const [shown, shownPublic] = [file, publicFile].map((path) => relative(io.cwd, path));
  io.say(
    [
      `${shown}  private, mode 600, ${passphrase === undefined ? "NOT encrypted" : "encrypted (AES-256)"}; read back and checked`,
      "  keep it out of version control (.gitignore)",
      `${shownPublic}  public, as above`,
      ...(flags.algorithm === "ed25519"
        ? [`  the same as base64 of its 32 bytes: ${rawBase64(publicKey)}`]
        : []),
      "",
      "Next:",
      `  1. Send ${shownPublic} to Upvest, and say which environment it is for: sandbox and live want keys of their own.`,
      ...(flags.algorithm === "ed25519" ? ["     Ask whether Ed25519 is enabled for your client."] : []),
      "  2. They answer with the key's id, your client id and its secret. Then set:",
      `       UPVEST_API_HTTP_SIGN_PRIVATE_KEY_FILENAME=${shown}`,
      ...(passphrase === undefined ? [] : [`       ${PASSPHRASE}=...`]),
      "       UPVEST_API_KEY_ID=...  UPVEST_API_CLIENT_ID=...  UPVEST_API_CLIENT_SECRET=...",
      `  3. ${commandLine(io.env, ["doctor"])}`,
    ].join("\n"),
  );
}

function makePair(algorithm: Flags["algorithm"]): {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
} {
  return algorithm === "ed25519"
    ? generateKeyPairSync("ed25519")
    : generateKeyPairSync("ec", { namedCurve: "P-521" });
}

async function choosePassphrase(io: Io, flags: Flags): Promise<string> {
  const { env } = await readVariables(io, flags);
  const given = env[PASSPHRASE];
  if (given) {
    io.say(`passphrase: the one in ${PASSPHRASE}`);
    return longEnough(given);
  }
  if (!io.isTTY.stdin || !io.isTTY.stderr) {
    throw new CliError(`no terminal to ask for a passphrase on: set ${PASSPHRASE}, or say --no-passphrase`);
  }
  const typed = await io.askSecret(
    `Passphrase for the key, ${SHORTEST} characters or more (empty: one is made for you): `,
  );
  if (typed === "") {
    // Letters and digits alone: nothing that a shell or a command line takes for something else.
    const made = randomBytes(16).toString("hex");
    io.say(`\nPassphrase, shown this once: ${made}\nPut it into your secret store now.\n`);
    return made;
  }
  longEnough(typed);
  if ((await io.askSecret("Again: ")) !== typed)
    throw new CliError("the two passphrases differ; nothing was written");
  return typed;
}

function longEnough(passphrase: string): string {
  if (passphrase.length >= SHORTEST) return passphrase;
  throw new CliError(`the passphrase must have at least ${SHORTEST} characters; nothing was written`);
}

/** Reads the file as the client will, and lets the public half judge a signature of it. */
async function check(file: string, publicPem: string, passphrase: string | undefined): Promise<void> {
  const signer = createSigner({
    keyId: "check",
    privateKey: await readFile(file, "utf8"),
    ...(passphrase !== undefined && { passphrase }),
  });
  const message = randomBytes(32);
  const signature = await signer.sign(message);
  const digest = signer.algorithm === "ed25519" ? null : "sha512";
  if (verify(digest, message, createPublicKey(publicPem), signature)) return;
  throw new Error(`${file} does not sign what its public key verifies: do not use it`);
}

/** SPKI of Ed25519 is a fixed head of 12 bytes and the key (RFC 8410 section 4). */
const rawBase64 = (key: KeyObject): string =>
  key.export({ type: "spki", format: "der" }).subarray(12).toString("base64");

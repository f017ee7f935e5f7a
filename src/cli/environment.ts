import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import type { Command } from "commander";
import { createUpvestClient, fromEnv, UpvestConfigError, type UpvestClientOptions } from "upvest-client";
import { commandLine } from "./arguments.js";
import { CliError } from "./exit-codes.js";
import type { Environment, Io } from "./io.js";
import { aboutUnknown } from "./scopes.js";

const KEY = "UPVEST_API_HTTP_SIGN_PRIVATE_KEY";
const PASSPHRASE = `${KEY}_PASSPHRASE`;

/** The variables that a command goes by, and the file that some of them came from. */
export interface Variables {
  readonly env: Environment;
  /** Absolute path; undefined where no file was read. */
  readonly file: string | undefined;
  /**
   * Why no credentials go to that address: they were exported, and a .env that nobody named leads them elsewhere. Whoever
   * wrote that file would get them.
   */
  readonly ledAway: string | undefined;
}

/**
 * What `--env` leaves in a command's options. It cannot be called `--env-file`: Node takes an option of that name for its
 * own wherever it stands, and ends with "not found" where the file is not there (nodejs/node#54232).
 */
export interface EnvFlag {
  readonly env?: string;
}

/** The flag again, for a command line that is told. */
export const envArguments = ({ env }: EnvFlag): readonly string[] =>
  env === undefined ? [] : ["--env", env];

/** Adds `--env`, which every command that needs credentials takes. */
export const takeEnv = (command: Command): Command =>
  command.option("--env <file>", "read variables from this file (default: .env, if it is there)");

/**
 * The process's variables over those of the file: what was exported on purpose wins, as with `node --env-file`.
 *
 * @throws CliError for a file that was asked for and cannot be read
 */
export async function readVariables(
  io: Pick<Io, "env" | "cwd">,
  { env: named }: EnvFlag,
): Promise<Variables> {
  const file = resolve(io.cwd, named ?? ".env");
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (named === undefined && error.code === "ENOENT") return undefined;
    throw new CliError(`${named ?? ".env"} cannot be read: ${error.message}`);
  });
  // Windows editors begin a file with a mark, which would be part of the first name: the address, say.
  const read = text === undefined ? {} : parseEnv(text.replace(/^\uFEFF/, ""));
  const env: Record<string, string | undefined> = { ...read, ...io.env };
  const filename = env[`${KEY}_FILENAME`]?.trim();
  if (filename) env[`${KEY}_FILENAME`] = resolve(io.cwd, filename);
  return {
    env,
    file: text === undefined ? undefined : file,
    ledAway: named === undefined ? ledAway(read, io.env) : undefined,
  };
}

const ADDRESS = "UPVEST_API_BASE_URL";

function ledAway(read: Environment, exported: Environment): string | undefined {
  const isSet = (name: string): boolean => (exported[name]?.trim() ?? "") !== "";
  if (exported[ADDRESS] !== undefined || (read[ADDRESS]?.trim() ?? "") === "") return undefined;
  if (/^https:\/\/(?:sandbox|api)\.upvest\.co\/?$/.test(baseUrlOf(read))) return undefined;
  const secrets = ["UPVEST_API_CLIENT_SECRET", KEY, `${KEY}_FILENAME`].filter(isSet);
  if (secrets.length === 0) return undefined;
  return `${ADDRESS} is ${shownAddress(read)}, which stands in .env, and ${secrets.join(" and ")} ${secrets.length === 1 ? "is" : "are"} exported: who wrote that file would decide where they are used. If it was you, name it (--env .env) or export ${ADDRESS} too`;
}

/** Where the calls go: as `fromEnv` has it. */
export const baseUrlOf = (env: Environment): string => env[ADDRESS]?.trim() || "https://sandbox.upvest.co";

/** The same for a person, without the password that an address may hold. */
export const shownAddress = (env: Environment): string => baseUrlOf(env).replace(/\/\/.*@/, "//[hidden]@");

/**
 * The options of the client that the variables describe. Where the key is encrypted, no passphrase is set and there is a
 * terminal, it is asked for.
 *
 * @throws CliError naming what is missing, or what no client can be made of
 */
export async function clientOptions(io: Io, flag: EnvFlag): Promise<UpvestClientOptions> {
  const variables = await readVariables(io, flag);
  if (variables.ledAway !== undefined) throw new CliError(variables.ledAway);
  const options = await completed(io, optionsOf(io, variables));
  try {
    // Tried out here, so that every command refuses the same in the same words, whatever it does with them next.
    createUpvestClient(options);
  } catch (error) {
    if (!(error instanceof UpvestConfigError)) throw error;
    throw new CliError(namingVariable(error, variables.env), { cause: error });
  }
  for (const text of aboutUnknown(options.scopes ?? [])) io.say(`warning: UPVEST_API_SCOPES: ${text}`);
  return options;
}

/** What a client says of an option, with the variable that it came from and, where it is no secret, what that holds. */
export function namingVariable({ message }: Error, env: Environment): string {
  if (message.startsWith("clientId ")) return `UPVEST_API_CLIENT_ID: ${message}`;
  if (!message.startsWith("baseUrl ")) return message;
  return `UPVEST_API_BASE_URL is ${shownAddress(env)}: ${message}`;
}

function optionsOf(io: Io, { env, file }: Variables): UpvestClientOptions {
  try {
    return fromEnv(env);
  } catch (error) {
    if (!(error instanceof UpvestConfigError)) throw error;
    const where = file === undefined ? "There is no .env here. " : "";
    throw new CliError(
      `${error.message}\n${where}To look at each: ${commandLine(io.env, ["doctor"])}. To try without: ${commandLine(io.env, ["sandbox", "--write-env", ".env"])}`,
      { cause: error },
    );
  }
}

/** The same, with the passphrase that a key needs and nobody has given. */
export async function completed(io: Io, options: UpvestClientOptions): Promise<UpvestClientOptions> {
  const { signingKey } = options;
  if (!needsPassphrase(signingKey)) return options;
  if (!io.isTTY.stdin || !io.isTTY.stderr) {
    throw new CliError(
      `the signing key is encrypted: set ${PASSPHRASE}, or run this in a terminal to be asked`,
    );
  }
  const passphrase = await io.askSecret("Passphrase of the signing key: ");
  return { ...options, signingKey: { ...signingKey, passphrase } };
}

type Keys = UpvestClientOptions["signingKey"];

function needsPassphrase(key: Keys): key is Extract<Keys, { readonly privateKey: unknown }> {
  return (
    "privateKey" in key &&
    key.passphrase === undefined &&
    typeof key.privateKey === "string" &&
    /ENCRYPTED/.test(key.privateKey)
  );
}

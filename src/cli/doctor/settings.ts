import { stat } from "node:fs/promises";
import { relative } from "node:path";
import { createUpvestClient, fromEnv, type Signer, type UpvestClientOptions } from "upvest-client";
import { createSigner } from "../../signature/keys.js";
import { commandLine } from "../arguments.js";
import { completed, namingVariable, type Variables } from "../environment.js";
import { Interrupt, type Environment, type Io } from "../io.js";
import { aboutUnknown } from "../scopes.js";
import { fail, messageOf, ok, warn, type Finding } from "./finding.js";

const KEY = "UPVEST_API_HTTP_SIGN_PRIVATE_KEY";
const required = ["UPVEST_API_CLIENT_ID", "UPVEST_API_CLIENT_SECRET", "UPVEST_API_KEY_ID"] as const;
const sources = [KEY, `${KEY}_FILENAME`, `${KEY}_BASE64`] as const;

const isSet = (env: Environment, name: string): boolean => (env[name]?.trim() ?? "") !== "";

/** Node alone: other runtimes have commands of their own. */
export function checkPlatform(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const told = `Node ${version} on ${process.platform} ${process.arch}, OpenSSL ${process.versions["openssl"]}`;
  return major > 20 || (major === 20 && minor >= 19)
    ? ok("platform", told)
    : fail("platform", told, "this package needs Node 20.19 or later");
}

/** Which variables there are, and where they come from. */
export async function checkVariables(io: Io, { env, file }: Variables): Promise<readonly Finding[]> {
  const key = sources.filter((name) => isSet(env, name));
  const missing = [
    ...required.filter((name) => !isSet(env, name)),
    ...(key.length === 0 ? [`${KEY}_FILENAME`] : []),
  ];
  const shown = file === undefined ? undefined : relative(io.cwd, file);
  const places = shown === undefined ? "the environment (no .env here)" : `the environment and ${shown}`;
  const exported = [...required, ...sources].some((name) => isSet(io.env, name));
  const findings =
    missing.length === 0
      ? [ok("variables", `all there, from ${exported ? places : shown}`)]
      : missing.map((name) => fail("variables", `${name} is not set in ${places}`, adviceFor(io, name)));
  if (file === undefined) return findings;
  return [...findings, ...(await checkMode("env file", file, relative(io.cwd, file)))];
}

const adviceFor = (io: Io, name: string): string =>
  name.startsWith(KEY)
    ? `set it to the path of the private key (or set ${KEY}, or ${KEY}_BASE64); to make one: ${commandLine(io.env, ["keygen"])}`
    : "set it to what Upvest sent you for this environment";

/** Whether others on this machine can read a file that holds secrets. Windows has no such modes. */
async function checkMode(what: string, file: string, shown: string): Promise<readonly Finding[]> {
  if (process.platform === "win32") return [];
  const { mode } = await stat(file);
  if ((mode & 0o077) === 0) return [];
  const bits = (mode & 0o777).toString(8);
  return [warn(what, `${shown} has mode ${bits}: others on this machine can read it`, `chmod 600 ${shown}`)];
}

/** What the signing key is, found by reading it as the client does. */
export interface KeyCheck {
  readonly findings: readonly Finding[];
  /** With the passphrase, where it was asked for; undefined where the key is of no use. */
  readonly signingKey: UpvestClientOptions["signingKey"] | undefined;
}

/** Stand-ins, so that one variable is judged where others are missing or wrong. */
const others = { UPVEST_API_CLIENT_ID: "-", UPVEST_API_CLIENT_SECRET: "-", UPVEST_API_KEY_ID: "-" };
const anySigner: Signer = {
  keyId: "-",
  algorithm: "ed25519",
  sign: () => Promise.reject(new Error("nothing is signed here")),
};

export async function checkKey(io: Io, env: Environment): Promise<KeyCheck> {
  const there = Object.entries(env).filter(
    ([name]) => (name.startsWith(KEY) || name === "UPVEST_API_KEY_ID") && isSet(env, name),
  );
  if (!sources.some((name) => isSet(env, name))) return { findings: [], signingKey: undefined };
  try {
    const { signingKey } = await completed(io, fromEnv({ ...others, ...Object.fromEntries(there) }));
    const { algorithm } = createSigner(signingKey);
    const findings: Finding[] = [
      algorithm === "ed25519"
        ? ok("key", "Ed25519")
        : warn(
            "key",
            "ECDSA P-521, about fifty times slower to sign with",
            `ask Upvest for Ed25519: ${commandLine(io.env, ["keygen"])}`,
          ),
    ];
    const file = env[`${KEY}_FILENAME`]?.trim();
    if (file) findings.push(...(await checkMode("key file", file, relative(io.cwd, file))));
    return { findings, signingKey };
  } catch (error) {
    if (error instanceof Interrupt) throw error;
    const todo = `look at ${sources.filter((name) => isSet(env, name)).join(" and ")} (and ${KEY}_PASSPHRASE)`;
    return { findings: [fail("key", messageOf(error), todo)], signingKey: undefined };
  }
}

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Upvest's documents show UUIDs for both. Anything else may be right, but is more often a mix-up. */
export function checkIds(env: Environment): readonly Finding[] {
  const names = ["UPVEST_API_CLIENT_ID", "UPVEST_API_KEY_ID"] as const;
  const [client, key] = names.map((name) => env[name]?.trim());
  if (client && client === key) {
    const todo = "Upvest sent you two ids: that of the key is told with the key's registration";
    return [warn("ids", `${names.join(" and ")} are the same`, todo)];
  }
  return names
    .filter((name) => isSet(env, name))
    .map((name) =>
      uuid.test(env[name]?.trim() ?? "")
        ? ok("ids", `${name} ${env[name]?.trim()}`)
        : // Not shown: a secret in the wrong place must not reach a log.
          warn("ids", `${name} is no UUID, as Upvest's ids are`, "compare it with what Upvest sent you"),
    );
}

/** Where the calls would go, judged as the client does: before anything connects. */
export function checkAddress({ env, ledAway }: Variables): readonly Finding[] {
  if (ledAway !== undefined) {
    return [fail("address", ledAway, "if it was not you, look who put it there")];
  }
  const { UPVEST_API_BASE_URL } = env;
  try {
    createUpvestClient({
      ...fromEnv({ ...others, [KEY]: "-", UPVEST_API_BASE_URL }),
      signingKey: anySigner,
    });
    return [];
  } catch (error) {
    const told = error instanceof Error ? namingVariable(error, env) : messageOf(error);
    return [fail("address", told, "for live set https://api.upvest.co; for sandbox leave the variable out")];
  }
}

export function checkScopesSetting({ UPVEST_API_SCOPES }: Environment): readonly Finding[] {
  try {
    const { scopes = [] } = fromEnv({ ...others, [KEY]: "-", UPVEST_API_SCOPES });
    return aboutUnknown(scopes).map((text) =>
      warn("scopes", `UPVEST_API_SCOPES: ${text}`, "mend it, unless it is newer than this package"),
    );
  } catch (error) {
    return [
      fail("scopes", messageOf(error), "mend it, or leave it out: then each call asks for what it needs"),
    ];
  }
}

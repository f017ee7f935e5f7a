import type { Scope } from "../generated/operations.js";
import { UpvestConfigError } from "./errors.js";
import type { UpvestClientOptions } from "./options.js";

type Environment = Readonly<Record<string, string | undefined>>;

const KEY = "UPVEST_API_HTTP_SIGN_PRIVATE_KEY";

/**
 * Reads the client's options from the variables that Upvest's own samples use:
 *
 * - `UPVEST_API_CLIENT_ID`, `UPVEST_API_CLIENT_SECRET`, `UPVEST_API_KEY_ID`
 * - one of `UPVEST_API_HTTP_SIGN_PRIVATE_KEY` (PEM), `..._FILENAME` (path of a PEM file), `..._BASE64` (PEM in base64)
 * - `UPVEST_API_HTTP_SIGN_PRIVATE_KEY_PASSPHRASE`, where the key is encrypted
 * - `UPVEST_API_SCOPES`, separated by commas or spaces; default: the narrowest that each operation allows
 * - `UPVEST_API_BASE_URL`; default: the sandbox environment
 *
 * @param env default `process.env`
 * @throws UpvestConfigError naming every variable that is missing
 */
export function fromEnv(env: Environment = globalThis.process?.env ?? {}): UpvestClientOptions {
  const value = (name: string): string | undefined => env[name]?.trim() || undefined;
  const needed = ["UPVEST_API_CLIENT_ID", "UPVEST_API_CLIENT_SECRET", "UPVEST_API_KEY_ID"] as const;
  const missing: string[] = needed.filter((name) => value(name) === undefined);
  const sources = [KEY, `${KEY}_FILENAME`, `${KEY}_BASE64`].filter((name) => value(name) !== undefined);
  if (sources.length === 0) missing.push(`${KEY} (or ${KEY}_FILENAME, or ${KEY}_BASE64)`);
  if (missing.length > 0) {
    const hint = env === globalThis.process?.env ? ". A file is read by node --env-file=.env" : "";
    throw new UpvestConfigError(`missing in the environment: ${missing.join(", ")}${hint}`);
  }
  if (sources.length > 1) {
    throw new UpvestConfigError(
      `${sources.join(" and ")} are both set: which key is meant? Set one of them.`,
    );
  }
  const baseUrl = value("UPVEST_API_BASE_URL");
  const passphrase = env[`${KEY}_PASSPHRASE`] || undefined;
  const scopes = scopesOf(value("UPVEST_API_SCOPES"));
  return discreet({
    ...(baseUrl === undefined ? { environment: "sandbox" as const } : { baseUrl }),
    clientId: value("UPVEST_API_CLIENT_ID") ?? "",
    clientSecret: value("UPVEST_API_CLIENT_SECRET") ?? "",
    signingKey: {
      keyId: value("UPVEST_API_KEY_ID") ?? "",
      privateKey: privateKeyOf(value),
      ...(passphrase !== undefined && { passphrase }),
    },
    ...(scopes !== undefined && { scopes }),
  });
}

/** The same options, printed without their secrets. What shows them so is not enumerable: a spread copy is plain data. */
function discreet(options: UpvestClientOptions): UpvestClientOptions {
  const signingKey = { keyId: options.signingKey.keyId, privateKey: HIDDEN };
  const value = () => ({ ...options, clientSecret: HIDDEN, signingKey });
  return Object.defineProperties(options, {
    toJSON: { value },
    [Symbol.for("nodejs.util.inspect.custom")]: { value },
  });
}

const HIDDEN = "[hidden]";

/** What the API offers may be newer than this package: the token endpoint judges them. */
function scopesOf(text: string | undefined): Scope[] | undefined {
  const scopes = text?.split(/[\s,]+/).filter((scope) => scope !== "");
  if (scopes?.length === 0 || scopes?.some((scope) => !/^[\w:]+$/.test(scope))) {
    throw new UpvestConfigError(
      `UPVEST_API_SCOPES must be scopes separated by commas or spaces (users:read,orders:admin); it is ${JSON.stringify(text)}`,
    );
  }
  return scopes as Scope[] | undefined;
}

function privateKeyOf(value: (name: string) => string | undefined): string {
  const filename = value(`${KEY}_FILENAME`);
  if (filename !== undefined) return readText(filename);
  const base64 = value(`${KEY}_BASE64`);
  if (base64 === undefined) return value(KEY) ?? "";
  try {
    return atob(base64);
  } catch {
    throw new UpvestConfigError(`${KEY}_BASE64 is not base64`);
  }
}

function readText(filename: string): string {
  const fs = globalThis.process?.getBuiltinModule?.("node:fs");
  if (fs === undefined) {
    throw new UpvestConfigError(
      `${KEY}_FILENAME needs a file system, and this runtime has none. Set ${KEY}.`,
    );
  }
  try {
    return fs.readFileSync(filename, "utf8");
  } catch (error) {
    throw new UpvestConfigError(
      `${KEY}_FILENAME: ${error instanceof Error ? error.message : "cannot be read"}`,
    );
  }
}

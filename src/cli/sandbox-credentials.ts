import { readFile, rm } from "node:fs/promises";
import { resolve } from "node:path";
import type { Sandbox } from "upvest-client/sandbox";
import { CliError } from "./exit-codes.js";
import { requireFree, writeNew } from "./key-files.js";

/** By this first line a file is known as one that may be replaced: no real credentials are lost. */
const MARK = "# Credentials of a local sandbox, made by upvest-client: good for it alone, until it ends.";

type Variables = Readonly<Record<string, string>>;

/** As `fromEnv` reads them. */
export const variablesOf = ({ url, credentials }: Sandbox): Variables => ({
  UPVEST_API_BASE_URL: url,
  UPVEST_API_CLIENT_ID: credentials.clientId,
  UPVEST_API_CLIENT_SECRET: credentials.clientSecret,
  UPVEST_API_KEY_ID: credentials.signingKey.keyId,
  // In base64, because it is one line that shells and .env files read alike.
  UPVEST_API_HTTP_SIGN_PRIVATE_KEY_BASE64: Buffer.from(credentials.signingKey.privateKey).toString("base64"),
});

/** To paste into a shell; .env files may hold it too. */
export const exportsOf = (variables: Variables): string =>
  Object.entries(variables)
    .map(([name, value]) => `export ${name}=${value}\n`)
    .join("");

/** @throws CliError where the file is there and not one that an earlier sandbox wrote, or cannot be made where it should be */
export async function requireOurs(cwd: string, file: string): Promise<void> {
  await requireFree(resolve(cwd, file), true);
  const earlier = await readFile(resolve(cwd, file), "utf8").catch(({ code }: NodeJS.ErrnoException) =>
    // What is there and cannot be read may be anybody's.
    code === "ENOENT" ? undefined : "",
  );
  if (earlier === undefined || earlier.startsWith(MARK)) return;
  throw new CliError(
    `${file} is there already, and not of an earlier sandbox: it is left alone. Name another file.`,
  );
}

/** Writes a file for its owner alone, in the place of an earlier sandbox's. @throws CliError as above */
export async function writeEnvFile(cwd: string, file: string, variables: Variables): Promise<void> {
  await requireOurs(cwd, file);
  const path = resolve(cwd, file);
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
  await rm(path, { force: true });
  await writeNew(path, `${MARK}\n${lines.join("")}`, { mode: 0o600, force: false });
}

/** How a program reaches it. */
export const snippetOf = ({ url }: Pick<Sandbox, "url">, envFile: string | undefined): string =>
  [
    `// ${envFile === undefined ? "with the variables above" : `node --env-file=${envFile} example.mjs`}; the address is ${url}`,
    'import { createUpvestClient, fromEnv } from "upvest-client";',
    "",
    "const client = createUpvestClient(fromEnv());",
    'for await (const account of client.paginate("/accounts")) console.log(account.id, account.name);',
    "",
  ].join("\n");

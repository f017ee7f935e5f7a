import type { Command } from "commander";
import { createUpvestClient } from "upvest-client";
import { commandLine, words } from "../arguments.js";
import { askToken } from "../ask-token.js";
import { adviceFor, blameOf, concernsSignature } from "../blame.js";
import { clientOptions, envArguments, takeEnv, type EnvFlag } from "../environment.js";
import { CliError } from "../exit-codes.js";
import type { Io } from "../io.js";
import { aboutUnknown, knownScopes } from "../scopes.js";
import { tellRetries } from "../tell-retries.js";

interface Flags extends EnvFlag {
  readonly scope?: readonly string[];
  readonly json?: boolean;
  readonly show?: boolean;
}

const examples = `
Examples:
  upvest-client token --scope orders:admin
  TOKEN=$(upvest-client token --scope users:read --show)
  curl -H "authorization: Bearer $TOKEN" ...

The token itself is told with --show only: whoever has it can act as you until
it ends.`;

export function addToken(program: Command, io: Io): void {
  const command = program
    .command("token")
    .summary("get an access token")
    .description("Gets an access token and tells its scopes and its end, but not the token.")
    .option("-s, --scope <scope>", "may come several times (default: those of UPVEST_API_SCOPES)", words)
    .option("--json", "as JSON")
    .option("--show", "the token itself, to stdout")
    .addHelpText("after", examples);
  takeEnv(command).action((flags: Flags) => token(io, flags));
}

async function token(io: Io, flags: Flags): Promise<void> {
  const options = await clientOptions(io, flags);
  const scopes = flags.scope ?? options.scopes ?? [];
  if (scopes.length === 0) {
    throw new CliError(
      `which scopes? Give --scope, or set UPVEST_API_SCOPES. The description knows:\n${columns(knownScopes)}`,
    );
  }
  for (const text of aboutUnknown(flags.scope ?? [])) io.say(`warning: --scope: ${text}`);
  const client = createUpvestClient({ ...options, logger: tellRetries(io) });
  const { data, error } = await askToken(client, options, scopes, io.signal);
  if (error !== undefined) {
    if (error.status === 401 && concernsSignature(blameOf(error))) {
      const doctor = commandLine(io.env, ["doctor", ...envArguments(flags)]);
      io.say(`401 at the token endpoint: ${adviceFor.unknown}. To look at each: ${doctor}\n`);
    }
    throw error;
  }
  if (typeof data?.access_token !== "string" || typeof data.expires_in !== "number") {
    throw new CliError("the answer is not a token", { exitCode: 1 });
  }
  const granted = typeof data.scope === "string" ? data.scope.split(" ") : scopes;
  const expiresAt = new Date(Date.now() + data.expires_in * 1000).toISOString();
  if (flags.show === true && io.isTTY.stdout) io.say("warning: a secret; it now stands on your screen");
  if (flags.json === true) {
    const shown = { ...(flags.show === true && { access_token: data.access_token }) };
    await io.print(
      `${JSON.stringify({ ...shown, scopes: granted, expires_in: data.expires_in, expires_at: expiresAt })}\n`,
    );
    return;
  }
  const facts = `granted ${granted.join(" ")}\nexpires in ${data.expires_in} s, at ${expiresAt}`;
  if (flags.show === true) {
    io.say(facts);
    await io.print(`${data.access_token}\n`);
  } else {
    await io.print(`${facts}\n`);
  }
  const refused = scopes.filter((scope) => !granted.includes(scope));
  if (refused.length > 0) io.say(`not granted: ${refused.join(" ")}`);
}

/** Three to a line. */
function columns(texts: readonly string[]): string {
  const width = Math.max(...texts.map(({ length }) => length)) + 2;
  const lines = texts.map((text, index) => (index % 3 === 2 ? `${text}\n` : text.padEnd(width)));
  return `  ${lines.join("").trimEnd().replaceAll("\n", "\n  ")}`;
}

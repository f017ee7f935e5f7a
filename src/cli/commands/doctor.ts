import { styleText } from "node:util";
import type { Command } from "commander";
import {
  createUpvestClient,
  fromEnv,
  UpvestConfigError,
  type UpvestClient,
  type UpvestClientOptions,
} from "upvest-client";
import { words } from "../arguments.js";
import { inert } from "../clean.js";
import { checkCall, checkClock, checkScopes, likelyScopes } from "../doctor/api.js";
import { fail, skip, type Finding } from "../doctor/finding.js";
import { checkConnection } from "../doctor/network.js";
import {
  checkAddress,
  checkIds,
  checkKey,
  checkPlatform,
  checkScopesSetting,
  checkVariables,
} from "../doctor/settings.js";
import {
  baseUrlOf,
  namingVariable,
  readVariables,
  shownAddress,
  takeEnv,
  type EnvFlag,
} from "../environment.js";
import { CliError, exitCodes } from "../exit-codes.js";
import { folded } from "../folded.js";
import type { Io } from "../io.js";
import { knownScopes } from "../scopes.js";
import { tellRetries } from "../tell-retries.js";
import { watchFetch } from "../watch-fetch.js";

interface Flags extends EnvFlag {
  readonly scope?: readonly string[];
  readonly allScopes?: boolean;
}

const examples = `
Examples:
  upvest-client doctor
  upvest-client doctor --env live.env --all-scopes

One line for each thing looked at: ok, warn, FAIL or skip, and after the arrow
what to do. Nothing is changed: it asks for tokens and makes one reading call.
Ends with 1 where anything fails.`;

export function addDoctor(program: Command, io: Io): void {
  const command = program
    .command("doctor")
    .summary("find out why it does not work")
    .description("Looks at variables, key, ids, connection, clock, scopes, and makes one signed call.")
    .option(
      "-s, --scope <scope>",
      "try these scopes (default: those of UPVEST_API_SCOPES, else a reading one)",
      words,
    )
    .option("--all-scopes", `try each of the ${knownScopes.length} scopes of the description`)
    .addHelpText("after", examples);
  takeEnv(command).action((flags: Flags) => doctor(io, flags));
}

async function doctor(io: Io, flags: Flags): Promise<void> {
  const marks = { warn: 0, FAIL: 0, ok: 0, skip: 0 };
  const tell = async (...findings: readonly Finding[]): Promise<void> => {
    io.progress("");
    for (const finding of findings) {
      marks[finding.mark] += 1;
      await io.print(lineOf(finding, io));
    }
  };

  await tell(checkPlatform());
  const variables = await readVariables(io, flags).catch((error: unknown) => {
    if (error instanceof CliError) return error;
    throw error;
  });
  if (variables instanceof CliError) {
    // Not judged without it: what is exported may be of another environment.
    await tell(fail("env file", variables.message, "name one that is there, or leave --env out"));
    io.exitCode = exitCodes.refused;
    return;
  }
  const { env } = variables;
  await tell(...(await checkVariables(io, variables)));
  const { findings, signingKey } = await checkKey(io, env);
  await tell(...findings, ...checkIds(env), ...checkScopesSetting(env));
  const baseUrl = baseUrlOf(env);
  const refused = checkAddress(variables);
  await tell(...refused);
  if (refused.length === 0) {
    io.progress(`connecting to ${baseUrl}`);
    await tell(...(await checkConnection(baseUrl, env)));
  }
  const ready = marks.FAIL === 0 && signingKey !== undefined;
  await tell(...(await checkApi(io, flags, ready ? { ...fromEnv(env), signingKey } : undefined, tell)));

  const { FAIL, warn } = marks;
  io.say(
    FAIL + warn === 0
      ? `\n${shownAddress(env)}: all well`
      : `\n${shownAddress(env)}: ${FAIL} failed, ${warn} ${warn === 1 ? "warning" : "warnings"}`,
  );
  if (FAIL > 0) io.exitCode = exitCodes.refused;
}

async function checkApi(
  io: Io,
  flags: Flags,
  options: UpvestClientOptions | undefined,
  tell: (...findings: readonly Finding[]) => Promise<void>,
): Promise<readonly Finding[]> {
  if (options === undefined) return [skip("token", "and what follows it: first the failures above")];
  const watched = watchFetch();
  let client: UpvestClient;
  try {
    client = createUpvestClient({
      ...options,
      fetch: watched.fetch,
      logger: tellRetries(io),
      retry: { maxAttempts: 2 },
      timeout: 15_000,
    });
  } catch (error) {
    if (!(error instanceof UpvestConfigError)) throw error;
    return [fail("options", namingVariable(error, io.env), "mend what it names")];
  }
  const configured = flags.scope ?? options.scopes;
  const [mode, scopes] =
    flags.allScopes === true
      ? (["all", knownScopes] as const)
      : configured === undefined
        ? (["likely", likelyScopes] as const)
        : (["wanted", configured] as const);
  const { findings, granted } = await checkScopes(io, client, options, { scopes, mode, flag: flags });
  await tell(checkClock(watched.exchanges), ...findings);
  return [await checkCall(io, client, { granted, flag: flags })];
}

const colours = { ok: "green", warn: "yellow", FAIL: "red", skip: "gray" } as const;

/** The column in which texts begin. */
const INDENT = 18;

function lineOf({ mark, what, told, todo }: Finding, { colour, width = Infinity }: Io): string {
  const padded = mark.padEnd(5);
  const shown = colour.stdout ? styleText(colours[mark], padded, { validateStream: false }) : padded;
  const advice = todo === undefined ? "" : ` -> ${todo}`;
  // One line each, whatever an answer holds; on a terminal as many as it needs, and what to do unbroken: it may be copied.
  const text = inert(told).replaceAll("\n", " ");
  const after = inert(advice).replaceAll("\n", " ");
  const gap = `\n${" ".repeat(INDENT)}`;
  const whole =
    INDENT + text.length + after.length <= width
      ? `${text}${after}`
      : `${folded(text, width - INDENT, "").replaceAll("\n", gap)}${after === "" ? "" : `${gap}${after.trimStart()}`}`;
  return `${shown} ${what.padEnd(INDENT - 7)} ${whole}\n`;
}

import { once } from "node:events";
import { Option, type Command } from "commander";
import type { FailureRule, Sandbox, SandboxOptions } from "upvest-client/sandbox";
import { operations } from "../../../generated/operations.js";
import { commandLine, pair, whole, words } from "../arguments.js";
import { CliError } from "../exit-codes.js";
import { failRule, FAILURES } from "../fail-rules.js";
import { inspectFlag, type InspectFlag } from "../inspect-flag.js";
import type { Io } from "../io.js";
import { nearest } from "../../nearest.js";
import { exportsOf, requireOurs, snippetOf, variablesOf, writeEnvFile } from "../sandbox-credentials.js";
import { deliveryLineOf, isGood, lineOf } from "../sandbox-log.js";
import { knownScopes } from "../scopes.js";
import { takenPort } from "../taken-port.js";

interface Flags extends InspectFlag {
  readonly port?: number;
  readonly algorithm: "ed25519" | "p521";
  readonly collection?: readonly (readonly [string, string])[];
  readonly fail?: readonly (readonly [string, string])[];
  readonly rateLimit?: number;
  readonly tokenLifetime?: number;
  readonly scope?: readonly string[];
  readonly strict?: boolean;
  readonly writeEnv?: string;
  readonly quiet?: boolean;
}

const examples = `
Examples:
  upvest-client sandbox --write-env .env
    then, in another terminal: upvest-client request GET /accounts
  upvest-client sandbox --collection list_accounts=250 --rate-limit 20
  upvest-client sandbox --fail place_order=503 --fail place_order=drop-after
  upvest-client sandbox --token-lifetime 60 --scope users:read

Each start has new credentials; they are good for this sandbox alone. It answers
with Prism, which is not installed with this package:
npm install --save-dev @stoplight/prism-http@5.12.0`;

export function addSandbox(program: Command, io: Io): void {
  const command = program
    .command("sandbox")
    .summary("start a local stand-in for the API")
    .description(
      "Starts a local stand-in for the API on 127.0.0.1: it checks signatures, tokens and scopes, and answers from the description.",
    )
    .option("--port <n>", "default: any free one", whole(0, 65_535))
    .addOption(
      new Option("-a, --algorithm <name>", "of the signing key")
        .choices(["ed25519", "p521"])
        .default("ed25519"),
    )
    .option(
      "-c, --collection <operation=n>",
      "how many items a collection holds (default: 3); may come several times",
      pair("="),
    )
    .option(
      "-f, --fail <operation=how>",
      `one request of the operation goes wrong: ${FAILURES}; as often as it comes`,
      pair("="),
    )
    .option(
      "--rate-limit <n>",
      "requests in a second, beyond which it answers 429 (default: 300)",
      whole(1, 1_000_000),
    )
    .option("--token-lifetime <s>", "seconds (default: 1800)", whole(1))
    .option("-s, --scope <scope>", "configured for the client (default: all); may come several times", words)
    .option("--strict", "read signatures by the strictest reading of the documents")
    .option("--write-env <file>", "write the variables to this file, mode 600, instead of showing them")
    .option("--quiet", "no line for each request and delivery")
    .addHelpText("after", examples);
  inspectFlag(command).action((flags: Flags) => sandbox(io, flags));
}

async function sandbox(io: Io, flags: Flags): Promise<void> {
  // Before it starts: that takes a while.
  if (flags.writeEnv !== undefined) await requireOurs(io.cwd, flags.writeEnv);
  requireKnown("--scope", "scope", flags.scope ?? [], knownScopes);
  const rules = rulesOf(flags.fail ?? []);
  io.progress("starting ...");
  const watch: Pick<SandboxOptions, "onRequest" | "onDelivery"> = {
    onRequest: (request) => io.say(lineOf(request), isGood(request) ? undefined : "red"),
    onDelivery: (attempt) => io.say(deliveryLineOf(attempt), isGood(attempt) ? undefined : "red"),
  };
  const running = await start(flags, flags.quiet === true ? {} : watch);
  for (const rule of rules) running.fail(rule);
  try {
    await tell(io, running, flags);
    if (!io.signal.aborted) await once(io.signal, "abort");
  } finally {
    await running.close();
  }
  io.say(`\n${running.requests.length} requests; the sandbox is closed`);
}

async function start(
  flags: Flags,
  watch: Pick<SandboxOptions, "onRequest" | "onDelivery">,
): Promise<Sandbox> {
  const { port, rateLimit, tokenLifetime, scope, strict, collection } = flags;
  const options: SandboxOptions = {
    ...watch,
    algorithm: flags.algorithm === "p521" ? "ecdsa-p521" : "ed25519",
    ...(port !== undefined && { port }),
    ...(flags.inspect !== undefined && { inspector: flags.inspect }),
    ...(rateLimit !== undefined && { rateLimit }),
    ...(tokenLifetime !== undefined && { tokenLifetime }),
    ...(scope !== undefined && { scopes: scope }),
    ...(strict !== undefined && { strict }),
    ...(collection !== undefined && { collections: sizes(collection) }),
  };
  // Loaded here alone: the description is large, and no other command wants it.
  const { startSandbox } = await import("upvest-client/sandbox");
  try {
    return await startSandbox(options);
  } catch (error) {
    const { inspect } = flags;
    const taken = takenPort(error, {
      "--port": port,
      "--inspect": inspect === true ? undefined : inspect?.port,
    });
    if (taken !== undefined) throw taken;
    throw new CliError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

const operationIds = Object.values(operations).map(({ id }) => id);

const paged = Object.values(operations)
  .filter((operation) => operation.paged)
  .map(({ id }) => id);

/** What the sandbox would refuse too, once it has read the description; here with the name that was meant. */
function requireKnown(
  option: string,
  kind: string,
  given: readonly string[],
  known: readonly string[],
): void {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = nearest(unknown, known);
  throw new CliError(
    `${option}: the description has no ${kind} ${unknown}${near === undefined ? "" : ` (${near}?)`}`,
  );
}

function rulesOf(pairs: readonly (readonly [string, string])[]): readonly FailureRule[] {
  requireKnown(
    "--fail",
    "operation",
    pairs.map(([operation]) => operation),
    operationIds,
  );
  return pairs.map(([operation, how]) => failRule(operation, how));
}

function sizes(pairs: readonly (readonly [string, string])[]): Readonly<Record<string, number>> {
  requireKnown(
    "--collection",
    "paged operation",
    pairs.map(([operation]) => operation),
    paged,
  );
  return Object.fromEntries(
    pairs.map(([operation, text]) => {
      if (!/^\d+$/.test(text))
        throw new CliError(`--collection ${operation}: ${text} is not a number of items`);
      return [operation, Number(text)];
    }),
  );
}

async function tell(io: Io, running: Sandbox, { writeEnv: envFile }: Flags): Promise<void> {
  const variables = variablesOf(running);
  io.say(`The sandbox listens at ${running.url}. Ctrl-C ends it.\n`);
  if (running.inspector !== undefined) io.say(`Requests and deliveries are shown at ${running.inspector}\n`);
  if (envFile === undefined) {
    await io.print(exportsOf(variables));
  } else {
    await writeEnvFile(io.cwd, envFile, variables);
    const flag = envFile === ".env" ? [] : ["--env", envFile];
    io.say(`Credentials are in ${envFile} (mode 600). Try:`);
    io.say(`  ${commandLine(io.env, ["request", "GET", "/accounts?limit=2", ...flag])}`);
    io.say(`  ${commandLine(io.env, ["doctor", ...flag])}`);
  }
  io.say(`\n${snippetOf(running, envFile)}`);
}

import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { createUpvestClient, UpvestUnknownOutcomeError, type UpvestClientOptions } from "upvest-client";
import { commandLine, pair, whole } from "../arguments.js";
import { readBody } from "../body.js";
import { describeRehearsal, rehearse } from "../dry-run.js";
import { baseUrlOf, clientOptions, takeEnv, type EnvFlag } from "../environment.js";
import type { Operation } from "../../pipeline/request.js";
import { CliError, exitCodes } from "../exit-codes.js";
import { explainError } from "../explain-error.js";
import type { Io } from "../io.js";
import { printAnswer, type AnswerFlags } from "../print-answer.js";
import { printItems } from "../print-items.js";
import { aboutUnknownQuery } from "../query-names.js";
import { findTarget, group } from "../target.js";
import { tellRetries } from "../tell-retries.js";
import { untyped, type UntypedCall } from "../untyped.js";
import { watchFetch, type WatchedFetch } from "../watch-fetch.js";

type Pairs = readonly (readonly [string, string])[];

interface Flags extends EnvFlag, AnswerFlags {
  readonly data?: string;
  readonly query?: Pairs;
  readonly header?: Pairs;
  readonly idempotencyKey?: string;
  readonly paginate?: boolean;
  readonly max?: number;
  readonly verify?: boolean;
  readonly concurrency?: number;
  readonly dryRun?: boolean;
  readonly timeout?: number;
  readonly retry: boolean;
}

const examples = `
Examples:
  upvest-client request GET '/accounts?limit=2'
  upvest-client request GET /accounts --paginate | jq -r .id
  upvest-client request POST /orders --data @order.json
  upvest-client request POST /orders --data @order.json --dry-run
  upvest-client request GET /reports/0f3c... \\
    --header accept:application/pdf > report.pdf

The answer's body goes to stdout: as it is readable on a terminal, as one line
of JSON elsewhere. Status, request id, attempts and time go to stderr.`;

export function addRequest(program: Command, io: Io): void {
  const command = program
    .command("request")
    .summary("call an operation of the API")
    .description(
      "Calls an operation of the API: signed, with a token of the narrowest scope, tried again where that is safe.",
    )
    .argument("<method>", "GET, POST, PUT, PATCH or DELETE")
    .argument("<path>", "such as /accounts or '/accounts/ad45.../orders?limit=2'")
    .option("-d, --data <json>", "the body: JSON, @file, or - for stdin")
    .option("-q, --query <name=value>", "a query parameter; may come several times", pair("="))
    .option("-H, --header <name:value>", "a header; may come several times", pair(":"))
    .option("-k, --idempotency-key <uuid>", "repeat an earlier write under its key (default: a new one)")
    .option("-p, --paginate", "walk the collection: one item a line, as JSON")
    .option("--max <n>", "with --paginate: at most so many items", whole(1))
    .option("--verify", "with --paginate: miss and repeat no item while the collection changes")
    .option("--concurrency <n>", "with --paginate: page requests out at once (default: 1)", whole(1, 100))
    .option("--json", "one line of JSON on stdout, also on a terminal, also for a refusal")
    .option("-i, --include", "the answer's status and headers too, on stdout")
    .option("--timeout <ms>", "for one attempt, in milliseconds (default: 30000)", whole(1))
    .option("--no-retry", "one attempt only")
    .option("-n, --dry-run", "send nothing: show what would be sent, and what would be signed")
    .addHelpText("after", examples);
  takeEnv(command).action((method: string, path: string, flags: Flags) => request(io, method, path, flags));
}

async function request(io: Io, method: string, path: string, flags: Flags): Promise<void> {
  const { operation, typed, path: values, query } = findTarget(method, path);
  if (operation.id === "issue_token") throw new CliError("for a token, use: upvest-client token");
  const walks = flags.paginate === true;
  if (walks && !operation.paged)
    throw new CliError(`${operation.id} does not answer in pages: leave --paginate out`);
  if (!walks && [flags.max, flags.verify, flags.concurrency].some((flag) => flag !== undefined)) {
    throw new CliError("--max, --verify and --concurrency go with --paginate");
  }
  if (walks && flags.include === true) {
    throw new CliError("--include does not go with --paginate: a walk has an answer for each page");
  }
  const headers = Object.fromEntries(
    (flags.header ?? []).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const accept = headers["accept"] ?? "application/json";
  const isJson = accept === "application/json";
  if (!isJson && io.isTTY.stdout && flags.dryRun !== true) {
    throw new CliError(`${accept} is not for a terminal: send stdout to a file (> file)`);
  }
  const body = await readBody(io, operation, flags.data);
  const key = givenKey(flags) ?? (operation.idempotencyKey ? randomUUID() : undefined);
  const all = { ...query, ...group(flags.query ?? []) };
  const call: UntypedCall = {
    operation,
    bytes: body?.bytes,
    init: {
      params: { path: values, query: walks ? withNumbers(all) : all },
      headers: { ...headers, ...(key !== undefined && { "idempotency-key": key }) },
      parseAs: isJson ? "json" : "arrayBuffer",
      signal: io.signal,
      ...(body !== undefined && { body: body.value }),
      ...(flags.timeout !== undefined && { timeout: flags.timeout }),
      ...(!flags.retry && { retry: false as const }),
    },
  };
  const options = await clientOptions(io, flags);
  requireScope(operation, options);
  for (const text of await aboutUnknownQuery(operation, Object.keys(all))) io.say(`warning: ${text}`);
  if (flags.dryRun === true) return dryRun(io, options, call, flags);
  const isWrite = operation.method !== "GET";
  const watched = watchFetch(() => {
    if (!isWrite) return;
    // Not before it is known to be fit to go out; but before it does: whatever becomes of this process, the key is known.
    const { host } = new URL(options.baseUrl ?? baseUrlOf({}));
    io.say(`${operation.method} ${typed} at ${host}${key === undefined ? "" : `, idempotency key ${key}`}`);
  });
  const client = createUpvestClient({ ...options, fetch: watched.fetch, logger: tellRetries(io) });
  if (walks) return printItems(io, client, call, flags);

  const result = await untyped(client)(call).catch((error: unknown) => {
    if (!isWrite || !mayHaveHappened(error, io, watched)) throw error;
    explainError(io, error);
    const advice = adviceFor(io, { key, told: error instanceof UpvestUnknownOutcomeError }, flags);
    if (advice !== undefined) io.say(advice);
    io.exitCode = exitCodes.unknownOutcome;
  });
  // Once it is answered nothing is in doubt, whatever becomes of the printing.
  if (result !== undefined) await printAnswer(io, operation, result, watched.exchanges, flags);
}

/** As an option or as the header that it becomes: whoever writes it so counts on it too. @throws CliError for two keys */
function givenKey({ idempotencyKey, header = [] }: Flags): string | undefined {
  const named = header.filter(([name]) => name.toLowerCase() === "idempotency-key").map(([, value]) => value);
  const keys = [...new Set(idempotencyKey === undefined ? named : [idempotencyKey, ...named])];
  if (keys.length > 1) throw new CliError(`two idempotency keys, ${keys.join(" and ")}: give one`);
  return keys[0];
}

async function dryRun(io: Io, options: UpvestClientOptions, call: UntypedCall, flags: Flags): Promise<void> {
  const rehearsal = await rehearse(options, call);
  await io.print(flags.json === true ? `${JSON.stringify(rehearsal)}\n` : describeRehearsal(rehearsal));
  const { scope } = rehearsal;
  io.say(
    `dry run: nothing was sent. A stand-in took the place of the access token${scope === undefined ? "" : ` (scope ${scope})`}, so this signature is of no use.`,
  );
}

/** As the client does, but by the name of the variable. */
function requireScope({ id, scopes }: Operation, { scopes: set }: UpvestClientOptions): void {
  const have: readonly string[] | undefined = set;
  if (have === undefined || scopes.length === 0 || scopes.some((scope) => have.includes(scope))) return;
  throw new CliError(
    `${id} needs the scope ${scopes.join(" or ")}; UPVEST_API_SCOPES is ${JSON.stringify(have.join(" "))}. Add it there, or leave the variable out.`,
  );
}

/** Ended by the caller (Ctrl-C) while it was out: as unknown as after a lost connection. */
const mayHaveHappened = (error: unknown, io: Io, watched: WatchedFetch): boolean =>
  error instanceof UpvestUnknownOutcomeError || (io.signal.aborted && watched.sent() > 0);

/** @param told an error has said already that the outcome is unknown, and what to do about it */
function adviceFor(
  io: Io,
  { key, told }: { readonly key: string | undefined; readonly told: boolean },
  flags: Flags,
): string | undefined {
  const unknown = "Whether it took effect is unknown.";
  if (key === undefined) return told ? undefined : `${unknown} Read the resource before you repeat the call.`;
  const argv = flags.idempotencyKey === undefined ? [...io.argv, "--idempotency-key", key] : io.argv;
  const input = flags.data === "-" ? " (with the same input)" : "";
  const lead = told ? "The command for that" : `${unknown} To learn or complete it, repeat it under its key`;
  return `${lead}${input}:\n  ${commandLine(io.env, argv)}`;
}

/** What a walk counts by, as numbers. Anything else stays as it was typed: it is refused in those words. */
const withNumbers = (
  query: Readonly<Record<string, string | readonly string[]>>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(query).map(([name, value]) => [
      name,
      /^(?:offset|limit)$/.test(name) && /^\d+$/.test(String(value)) ? Number(value) : value,
    ]),
  );

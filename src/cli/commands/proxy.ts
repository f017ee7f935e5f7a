import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { InvalidArgumentError, type Command } from "commander";
import { isTry, type Entry } from "../../inspector/entry.js";
import type { Proxy } from "../../proxy/proxy.js";
import { whole } from "../arguments.js";
import { clientOptions, takeEnv, type EnvFlag } from "../environment.js";
import { CliError, exitCodes } from "../exit-codes.js";
import { folded } from "../folded.js";
import type { Io } from "../io.js";
import { inspectFlag, type InspectFlag } from "../inspect-flag.js";
import { takenPort } from "../taken-port.js";

interface Flags extends EnvFlag, InspectFlag {
  readonly port?: number;
  readonly listen?: string | number;
  readonly forward?: string;
  readonly quiet?: boolean;
}

const examples = `
Examples:
  upvest-client proxy --port 3000 --inspect
    then: curl 'http://127.0.0.1:3000/accounts?limit=2'
  upvest-client proxy --listen 3001 --forward http://127.0.0.1:8080

It acts with your credentials for whoever can reach it: so it listens on
127.0.0.1 alone, and refuses what a web page or a tunnel sent. A tunnel for
webhooks leads to the port of --listen, which signs nothing.`;

export function addProxy(program: Command, io: Io): void {
  const command = program
    .command("proxy")
    .summary("sign what Postman, Insomnia and curl send")
    .description(
      "Starts a signing proxy on 127.0.0.1: what is sent to it goes to the API with token, signature, idempotency key and retries.",
    )
    .option("--port <n>", "default: any free one", whole(0, 65_535))
    .option("--listen <path|port>", "receive webhook deliveries there, verify and show them", pathOrPort)
    .option("--forward <url>", "with --listen: pass verified deliveries on, as they came")
    .option("--quiet", "no line for each call")
    .addHelpText("after", examples);
  inspectFlag(command);
  takeEnv(command).action((flags: Flags) => proxy(io, flags));
}

/** ms that calls in flight have to end by themselves; under the ten seconds after which container runtimes kill. */
const PATIENCE = 8_000;

async function proxy(io: Io, flags: Flags): Promise<void> {
  const again = io.secondInterrupt();
  const client = await clientOptions(io, flags);
  const served = { call: 0, delivery: 0 };
  const told = new Set<string>();
  const inDoubt: Entry[] = [];
  let closing = false;
  const running = await start(io, { ...flags, client }, (entry) => {
    if (entry.status === "pending" || told.has(entry.id)) return;
    told.add(entry.id);
    served[entry.kind] += 1;
    if (closing && entry.outcome?.kind === "outcome unknown") inDoubt.push(entry);
    else if (flags.quiet !== true) io.say(folded(lineOf(entry), io.columns(), INDENT), colourOf(entry));
  });
  try {
    const { baseUrl, environment } = client;
    io.say(
      `The proxy listens at ${running.url}, in front of ${baseUrl ?? `Upvest (${String(environment)})`}. Ctrl-C ends it.`,
    );
    if (running.webhooks !== undefined) io.say(`Webhook deliveries are received at ${running.webhooks}`);
    if (flags.forward !== undefined) warnOfPath(io, new URL(flags.forward), flags.listen);
    if (running.inspector !== undefined) io.say(`Calls and deliveries are shown at ${running.inspector}`);
    io.say(`\n  curl '${running.url}/accounts?limit=2'\n`);
    if (!io.signal.aborted) await once(io.signal, "abort");
    await letFinish(io, running, again);
  } finally {
    closing = true;
    await running.close();
  }
  io.say(`\n${inWords(served)}; the proxy is closed`);
  for (const { method, target, outcome } of inDoubt) {
    io.say(folded(`${method} ${target}  outcome unknown, ${outcome?.reason ?? ""}`, io.columns()), "red");
  }
  if (inDoubt.some(({ facts = [] }) => facts.some(([name]) => name === "idempotency key"))) {
    io.say("Whether it took effect is unknown. To learn or complete it, repeat it under its key.");
  }
  if (inDoubt.length > 0) io.exitCode = exitCodes.unknownOutcome;
}

/** A delivery is signed for the path that it came to; on another one whoever verifies it again refuses it. */
function warnOfPath(io: Io, { pathname, search }: URL, listen: Flags["listen"]): void {
  const path = `${pathname}${search}`;
  if (path === "/" || path === listen) return;
  const when = typeof listen === "string" ? `is signed for ${listen}` : "may be signed for another path";
  io.say(
    `warning: --forward has the path ${path}, and what it passes on ${when}; a server that verifies it refuses it then. Without the path in --forward each delivery keeps its own.`,
  );
}

/** What is in flight ends by itself, or on the second Ctrl-C, or with the time: then closing answers it. */
async function letFinish(io: Io, running: Proxy, again: AbortSignal): Promise<void> {
  const finished = running.finish();
  const waiting = running.inFlight();
  if (waiting.call + waiting.delivery === 0) return;
  io.say(`\nwaiting up to ${PATIENCE / 1_000} s for ${inWords(waiting)}; Ctrl-C again ends at once`);
  const patience = setTimeout(PATIENCE, undefined, { signal: again, ref: false });
  await Promise.race([finished, patience.catch(() => undefined)]);
}

function inWords({ call, delivery }: Readonly<Record<Entry["kind"], number>>): string {
  const calls = `${call} ${call === 1 ? "call" : "calls"}`;
  const deliveries = `${delivery} ${delivery === 1 ? "delivery" : "deliveries"}`;
  if (delivery === 0) return calls;
  return call === 0 ? deliveries : `${calls} and ${deliveries}`;
}

async function start(
  io: Io,
  {
    client,
    port,
    listen,
    forward,
    inspect,
  }: Flags & { readonly client: Awaited<ReturnType<typeof clientOptions>> },
  onEntry: (entry: Entry) => void,
): Promise<Proxy> {
  io.progress("starting ...");
  // Loaded here alone: no other command wants it.
  const { startProxy } = await import("../../proxy/proxy.js");
  try {
    return await startProxy(
      {
        client,
        ...(port !== undefined && { port }),
        ...(listen !== undefined && { listen }),
        ...(forward !== undefined && { forward }),
        ...(inspect !== undefined && { inspector: inspect }),
      },
      onEntry,
    );
  } catch (error) {
    if (error instanceof TypeError) throw new CliError(error.message, { cause: error });
    const taken = takenPort(error, {
      "--port": port,
      "--listen": typeof listen === "number" ? listen : undefined,
      "--inspect": inspect === true ? undefined : inspect?.port,
    });
    throw taken ?? error;
  }
}

function pathOrPort(text: string): string | number {
  if (text.startsWith("/")) return text;
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a path such as /hooks, or a port.");
}

/** Where a line goes on: under the method, after time and status. */
const INDENT = " ".repeat(15);

/** One call as one line: when, what was answered, what was asked, what became of it, how often and how long. */
function lineOf(entry: Entry): string {
  const { at, status, method, target, operation, attempts, ms, outcome } = entry;
  const tries = attempts.filter(isTry).length;
  const facts = [
    ...(operation === undefined ? [] : [operation]),
    ...(outcome === undefined
      ? []
      : [`${outcome.kind === "outcome unknown" ? "OUTCOME UNKNOWN" : outcome.kind}: ${outcome.reason}`]),
    ...(tries > 1 ? [`${tries} attempts`] : []),
    ...(ms === undefined ? [] : [`${ms} ms`]),
  ];
  return `${new Date(at).toTimeString().slice(0, 8)}  ${status}  ${method} ${target}  ${facts.join(", ")}`;
}

const colourOf = ({ status }: Entry): "red" | undefined =>
  typeof status === "number" && status < 400 ? undefined : "red";

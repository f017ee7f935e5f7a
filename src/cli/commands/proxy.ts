import { once } from "node:events";
import { InvalidArgumentError, type Command } from "commander";
import type { Entry } from "../../inspector/entry.js";
import type { Proxy } from "../../proxy/proxy.js";
import { whole } from "../arguments.js";
import { clientOptions, takeEnv, type EnvFlag } from "../environment.js";
import { CliError } from "../exit-codes.js";
import type { Io } from "../io.js";
import { inspectFlag, type InspectFlag } from "../inspect-flag.js";

interface Flags extends EnvFlag, InspectFlag {
  readonly port?: number;
  readonly listen?: string | number;
  readonly forward?: string;
  readonly quiet?: boolean;
}

const examples = `
Examples:
  upvest-client proxy --port 3000 --inspect     then: curl 'http://127.0.0.1:3000/accounts?limit=2'
  upvest-client proxy --listen 3001 --forward http://127.0.0.1:8080

It acts with your credentials for whoever can reach it: so it listens on 127.0.0.1 alone, and refuses what a web page
or a tunnel sent. A tunnel for webhooks leads to the port of --listen, which signs nothing.`;

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

async function proxy(io: Io, flags: Flags): Promise<void> {
  const client = await clientOptions(io, flags);
  const shown = new Set<string>();
  const running = await start(io, { ...flags, client }, (entry) => {
    if (flags.quiet === true || entry.status === "pending" || shown.has(entry.id)) return;
    shown.add(entry.id);
    io.say(lineOf(entry), isGood(entry) ? undefined : "red");
  });
  try {
    const { baseUrl, environment } = client;
    io.say(
      `The proxy listens at ${running.url}, in front of ${baseUrl ?? `Upvest (${String(environment)})`}. Ctrl-C ends it.`,
    );
    if (running.webhooks !== undefined) io.say(`Webhook deliveries are received at ${running.webhooks}`);
    if (running.inspector !== undefined) io.say(`Calls and deliveries are shown at ${running.inspector}`);
    io.say(`\n  curl '${running.url}/accounts?limit=2'\n`);
    if (!io.signal.aborted) await once(io.signal, "abort");
  } finally {
    await running.close();
  }
  io.say(`\n${shown.size} calls and deliveries; the proxy is closed`);
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
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
      throw new CliError(`${error.message}: name another port`, { cause: error });
    }
    throw error;
  }
}

function pathOrPort(text: string): string | number {
  if (text.startsWith("/")) return text;
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a path such as /hooks, or a port.");
}

/** One call as one line: when, what was answered, what was asked, how often and how long. */
function lineOf(entry: Entry): string {
  const { at, status, method, target, operation, attempts, ms } = entry;
  const tries = attempts.filter(({ label }) => label.startsWith("attempt")).length;
  const facts = [
    operation ?? "not sent",
    ...(tries > 1 ? [`${tries} attempts`] : []),
    ...(ms === undefined ? [] : [`${ms} ms`]),
  ];
  return `${new Date(at).toTimeString().slice(0, 8)}  ${status}  ${method} ${target}  ${facts.join(", ")}`;
}

const isGood = ({ status }: Entry): boolean => typeof status === "number" && status < 400;

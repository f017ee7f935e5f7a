import { isatty, type WriteStream } from "node:tty";
import { styleText } from "node:util";
import { clean } from "./clean.js";
import { CliError } from "./exit-codes.js";
import { Interrupt, type Io } from "./io.js";
import { askSecret } from "./prompt.js";

/** ms in which a signal that comes again is the same Ctrl-C: the terminal sends it, and npx passes it on once more. */
const SAME_KEY = 500;

/** The real thing: this process's streams, environment and signals. */
export function processIo(): Io {
  const { stdin, stdout, stderr, env } = process;
  const ending = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    // Once: a second Ctrl-C ends the process at once, as it would without us.
    process.once(signal, () => ending.abort(new Interrupt(signal)));
  }
  for (const stream of [stdout, stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      // `| head` has read enough: no failure of ours.
      if (error.code !== "EPIPE") throw error;
      ending.abort(new Interrupt("SIGPIPE"));
    });
  }
  const colours = (stream: WriteStream): boolean =>
    stream.isTTY && !env["NO_COLOR"] && env["TERM"] !== "dumb";
  let shown = false;
  const progress = (line: string): void => {
    if (!stderr.isTTY || (line === "" && !shown)) return;
    stderr.write(`\r\u001B[K${clean(line).slice(0, Math.max(20, stderr.columns - 1))}`);
    shown = line !== "";
  };
  return {
    print(data) {
      // Both may be the same terminal.
      if (stdout.isTTY) progress("");
      return write(stdout, data, ending.signal);
    },
    say: (text, colour) => {
      progress("");
      const line = clean(text);
      stderr.write(`${colour === undefined || !colours(stderr) ? line : styleText(colour, line)}\n`);
    },
    progress,
    async input() {
      const chunks: Buffer[] = [];
      for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Uint8Array));
      return Buffer.concat(chunks);
    },
    async askSecret(question) {
      if (!stdin.isTTY || !stderr.isTTY) throw new CliError("this needs a terminal to ask on");
      return askSecret(stdin, (text) => stderr.write(text), question, ending.signal);
    },
    isTTY: { stdin: isatty(0), stdout: isatty(1), stderr: isatty(2) },
    colour: { stdout: colours(stdout), stderr: colours(stderr) },
    // 0 where the terminal does not tell.
    width: (stdout.isTTY && stdout.columns) || undefined,
    env,
    cwd: process.cwd(),
    signal: ending.signal,
    secondInterrupt,
    columns: () => (stderr.isTTY ? stderr.columns : undefined),
    argv: process.argv.slice(2),
    exitCode: 0,
  };
}

function secondInterrupt(): AbortSignal {
  const second = new AbortController();
  let first: { readonly signal: string; readonly at: number } | undefined;
  const heard = (signal: "SIGINT" | "SIGTERM"): void => {
    const at = performance.now();
    if (first === undefined) first = { signal, at };
    else if (signal === first.signal && at - first.at < SAME_KEY) return;
    else end(signal);
  };
  const end = (signal: "SIGINT" | "SIGTERM"): void => {
    // A third one ends the process, as it would without us.
    process.off("SIGINT", heard).off("SIGTERM", heard);
    second.abort(new Interrupt(signal));
  };
  process.on("SIGINT", heard).on("SIGTERM", heard);
  return second.signal;
}

async function write(
  stream: NodeJS.WritableStream,
  data: string | Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve) => {
    stream.write(data, () => resolve());
  });
  // A pipe whose reader has gone fails with the write that comes after.
  signal.throwIfAborted();
}

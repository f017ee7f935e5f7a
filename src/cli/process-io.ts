import { addAbortSignal } from "node:stream";
import { isatty, type WriteStream } from "node:tty";
import { styleText } from "node:util";
import { clean } from "./clean.js";
import { CliError, exitCodes } from "./exit-codes.js";
import { Interrupt, type Io } from "./io.js";
import { askSecret } from "./prompt.js";
import { hearSignals } from "./signals.js";

/** The real thing: this process's streams, environment and signals. */
export function processIo(): Io {
  const { stdin, stdout, stderr, env } = process;
  const ending = new AbortController();
  const secondInterrupt = hearSignals(process, (interrupt) => ending.abort(interrupt));
  stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
    // `| head` has read enough: no failure of ours.
    const reason =
      code === "EPIPE"
        ? new Interrupt("SIGPIPE")
        : new CliError(`stdout cannot be written: ${message}`, { exitCode: exitCodes.output });
    ending.abort(reason);
  });
  // What is told there is not the work: a log on a full disk, or one that nobody reads, ends no write half-way.
  stderr.on("error", () => undefined);
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
      try {
        // Else Ctrl-C would wait for the end of the input.
        for await (const chunk of addAbortSignal(ending.signal, stdin))
          chunks.push(Buffer.from(chunk as Uint8Array));
      } catch (error) {
        ending.signal.throwIfAborted();
        throw error;
      }
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

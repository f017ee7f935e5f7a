import { Command, CommanderError } from "commander";
import { addDoctor } from "./commands/doctor.js";
import { addKeygen } from "./commands/keygen.js";
import { addProxy } from "./commands/proxy.js";
import { addRequest } from "./commands/request.js";
import { addSandbox } from "./commands/sandbox.js";
import { addToken } from "./commands/token.js";
import { exitCodeOf } from "./exit-codes.js";
import type { Io } from "./io.js";
import { explainError } from "./explain-error.js";
import { VERSION } from "../version.js";

/** Adds one command to the program; each is a file under commands/. */
export type AddCommand = (program: Command, io: Io) => void;

const commands: readonly AddCommand[] = [addKeygen, addDoctor, addToken, addRequest, addSandbox, addProxy];

const ends = `
Exit codes:
  0  done
  1  the API refused (or doctor found something)
  2  something given cannot work; nothing was sent
  3  a write was sent, and whether it took effect is unknown
  4  no answer: connection, name, time
Ctrl-C is the ordinary end of sandbox and proxy: 0. It ends any other command
with 130.

Credentials come from UPVEST_API_* variables, or from .env in the working
directory. No secret is an argument, and none is shown unless you ask for it
(token --show).`;

/** Of help that goes to no terminal. What stands below the options is broken for it by hand. */
const COLUMNS = 80;

/** The program with its commands, not yet run. */
export function createProgram(io: Io): Command {
  const program = new Command("upvest-client")
    .description("Command line for the Upvest Investment API: signed, authenticated, safe to repeat.")
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      // Help that nobody reads to its end (`--help | head`) is no failure.
      writeOut: (text) => void io.print(text).catch(() => undefined),
      writeErr: (text) => io.say(text.trimEnd()),
      getOutHelpWidth: () => io.width ?? COLUMNS,
      getErrHelpWidth: () => io.columns() ?? COLUMNS,
      getOutHasColors: () => io.colour.stdout,
      getErrHasColors: () => io.colour.stderr,
    })
    .showHelpAfterError("(add --help to see what it takes)")
    .addHelpText("after", ends);
  for (const add of commands) add(program, io);
  return program;
}

/** Runs what was typed. Never rejects: `io.exitCode` tells how it went. */
export async function run(io: Io): Promise<void> {
  try {
    await createProgram(io).parseAsync([...io.argv], { from: "user" });
  } catch (error) {
    io.progress("");
    io.exitCode = exitCodeOf(error);
    // Commander has said its own already.
    if (!(error instanceof CommanderError)) explainError(io, error);
  }
}

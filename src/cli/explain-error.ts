import { inspect } from "node:util";
import { UpvestApiError, UpvestError } from "upvest-client";
import { CliError } from "./exit-codes.js";
import { Interrupt, type Io } from "./io.js";

/** Says what went wrong, for a person: no stack trace where it is the world's fault, unless `DEBUG` is set. */
export function explainError(io: Io, error: unknown): void {
  if (error instanceof Interrupt) {
    if (error.signal !== "SIGPIPE") io.say("interrupted");
    return;
  }
  const expected = error instanceof UpvestError || error instanceof CliError;
  const message = error instanceof Error ? error.message : String(error);
  io.say(`${expected ? "error" : "unexpected error (a mistake of this program)"}: ${message}`);
  if (error instanceof UpvestApiError && error.status === 401) io.say(`\n${error.explain()}`);
  if (io.env["DEBUG"]) io.say(`\n${inspect(error, { depth: 6 })}`);
  else if (!expected) io.say("DEBUG=1 shows where.");
}

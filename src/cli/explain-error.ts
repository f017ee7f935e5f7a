import { inspect } from "node:util";
import { UpvestApiError, UpvestError } from "upvest-client";
import { adviceFor, blameOf, concernsSignature } from "./blame.js";
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
  if (error instanceof UpvestApiError && error.status === 401) {
    const blame = blameOf(error);
    io.say(concernsSignature(blame) ? `\n${error.explain()}` : `What to do: ${adviceFor[blame]}.`);
  }
  if (io.env["DEBUG"]) io.say(`\n${inspect(error, { depth: 6 })}`);
  else if (!expected) io.say("DEBUG=1 shows where.");
}

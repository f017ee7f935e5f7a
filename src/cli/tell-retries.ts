import type { Logger, RetryDiagnostics } from "upvest-client";
import type { Io } from "./io.js";

/** What the client's logger is told of a retry: errors by name and code. */
type Told = Omit<RetryDiagnostics, "error"> & { readonly error?: string; readonly code?: string };

const silent = (): void => undefined;

/** A logger that says what is waited for, where stderr is a terminal; else a client that waits looks as if it hung. */
export function tellRetries(io: Pick<Io, "progress">): Logger {
  return {
    debug: silent,
    error: silent,
    warn(fields, message) {
      if (message !== "upvest-client:retry") return;
      const { status, error, code, delay, attempt } = fields as Told;
      const why = status ?? code ?? error ?? "no answer";
      const seconds = Math.max(0.1, Math.round(delay / 100) / 10);
      io.progress(`${why}, waiting ${seconds} s (then attempt ${attempt + 1})`);
    },
  };
}

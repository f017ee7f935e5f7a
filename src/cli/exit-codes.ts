import { CommanderError } from "commander";
import {
  UpvestApiError,
  UpvestConfigError,
  UpvestConnectionError,
  UpvestError,
  UpvestTimeoutError,
  UpvestUnknownOutcomeError,
} from "upvest-client";
import { Interrupt } from "./io.js";

/** Documented in docs/command-line.md and in the help: scripts go by them. */
export const exitCodes = {
  done: 0,
  /** The API answered and refused, or its pages are of no use; or `doctor` found something. */
  refused: 1,
  /** Something given cannot work: an argument, a variable, a key. Nothing was sent. */
  usage: 2,
  /** A write was sent, and whether it took effect is unknown. */
  unknownOutcome: 3,
  /** No answer: connection, name, time. */
  noAnswer: 4,
  /** A mistake of this program. */
  internal: 70,
  /** stdout could not be written: what was to go there is lost, and not what was done. */
  output: 74,
} as const;

/** What a command tells the person who typed it: most often an argument or a setting that cannot work. */
export class CliError extends Error {
  /** Default: {@link exitCodes.usage}. */
  readonly exitCode: number;

  constructor(message: string, options: ErrorOptions & { readonly exitCode?: number } = {}) {
    super(message, options);
    this.exitCode = options.exitCode ?? exitCodes.usage;
  }
}

/** What the process ends with after this error. Signals: 128 and their number, as shells have it. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode;
  // Commander's own: 0 after --help and --version, 1 after a usage error.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (error instanceof UpvestConfigError) return exitCodes.usage;
  if (error instanceof UpvestUnknownOutcomeError) return exitCodes.unknownOutcome;
  if (error instanceof UpvestApiError) return exitCodes.refused;
  if (error instanceof UpvestConnectionError || error instanceof UpvestTimeoutError)
    return exitCodes.noAnswer;
  // Of a walk: pages that cannot be used, or that change too much to be verified.
  if (error instanceof UpvestError) return exitCodes.refused;
  if (error instanceof Interrupt) return { SIGINT: 130, SIGTERM: 143, SIGPIPE: exitCodes.done }[error.signal];
  return exitCodes.internal;
}

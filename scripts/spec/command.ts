/** What the commands have in common: where they write, and how they end. */

/** Where a command writes, line by line or in one piece. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

export const EXIT = { ok: 0, failed: 1, usage: 2, breaking: 3 } as const;

/** The command was called wrongly; the message is followed by how to call it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Runs a command: `--help` is answered, a wrong call ends with 2, a failure with 1 and its message alone.
 *
 * @returns the exit code
 */
export async function runCommand(
  help: string,
  args: readonly string[],
  terminal: Terminal,
  run: () => Promise<number>,
): Promise<number> {
  const end = args.indexOf("--");
  const options = end < 0 ? args : args.slice(0, end);
  if (options.includes("--help") || options.includes("-h")) {
    terminal.out(help);
    return EXIT.ok;
  }
  try {
    return await run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!isUsage(error)) {
      terminal.error(message);
      return EXIT.failed;
    }
    terminal.error(`${message}\n\n${help}`);
    return EXIT.usage;
  }
}

/** Of `parseArgs`, an option that is not known or lacks its value. */
const isUsage = (error: unknown): boolean =>
  error instanceof UsageError ||
  (error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS"));

export const terminal: Terminal = {
  out: (text) => {
    console.log(text.trimEnd());
  },
  error: (text) => {
    console.error(text.trimEnd());
  },
};

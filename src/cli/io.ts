/** All that a command touches of the world around it, so that tests can run it in their own process. */
export interface Io {
  /** Data, to stdout. Resolves when there is room for more. */
  readonly print: (data: string | Uint8Array) => Promise<void>;
  /**
   * Talk, to stderr: one or more whole lines. Secrets and control characters do not get through; the colour is for where
   * there are colours.
   */
  readonly say: (text: string, colour?: "red") => void;
  /** One line on stderr that the next one takes the place of; "" takes it away. Nothing where stderr is no terminal. */
  readonly progress: (line: string) => void;
  /** All of stdin. */
  readonly input: () => Promise<Buffer>;
  /** Asks on the terminal, without echo. Only where stdin and stderr are terminals. */
  readonly askSecret: (question: string) => Promise<string>;
  /** Which of the three are terminals. */
  readonly isTTY: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
  /** Which of the two take colours (terminals, unless `NO_COLOR` is set). */
  readonly colour: { readonly stdout: boolean; readonly stderr: boolean };
  /** Characters in a line of stdout; undefined where it is no terminal. */
  readonly width?: number | undefined;
  readonly env: Environment;
  readonly cwd: string;
  /** Aborts on SIGINT and SIGTERM, with an {@link Interrupt}, and when nobody reads stdout any more. */
  readonly signal: AbortSignal;
  /**
   * For a command that has something to finish after {@link Io.signal}: aborts on the next SIGINT or SIGTERM, which without
   * it would end the process. To be asked for before the first.
   */
  readonly secondInterrupt: () => AbortSignal;
  /** The width of stderr; undefined where it is no terminal. */
  readonly columns: () => number | undefined;
  /** What was typed after the program's name. */
  readonly argv: readonly string[];
  /** See exit-codes.ts. An error that a command throws sets it; a command whose bad news is no error sets it itself. */
  exitCode: number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The reason that {@link Io.signal} aborts with. */
export class Interrupt extends Error {
  readonly signal: "SIGINT" | "SIGTERM" | "SIGPIPE";

  constructor(signal: "SIGINT" | "SIGTERM" | "SIGPIPE") {
    super(`ended by ${signal}`);
    this.signal = signal;
  }
}

import { run } from "../../../src/cli/program.js";
import { clean } from "../../../src/cli/clean.js";
import type { Environment, Io } from "../../../src/cli/io.js";

/** What a command wrote and ended with. */
export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** The world that a command is given; what is left out is that of a pipe: no terminal, no input, no environment. */
export interface World {
  readonly env?: Environment;
  readonly cwd?: string;
  readonly input?: string;
  readonly isTTY?: Partial<Io["isTTY"]>;
  readonly colour?: boolean;
  /** Answers to what is asked without echo, in order. */
  readonly secrets?: readonly string[];
  readonly signal?: AbortSignal;
  /** Called with all of stdout, and of stderr, after each write. */
  readonly onWrite?: (stdout: string, stderr: string) => void;
}

/** Runs a command in this process, as `main.ts` would in one of its own. */
export async function runCli(argv: readonly string[], world: World = {}): Promise<Ran> {
  let stdout = "";
  let stderr = "";
  const secrets = [...(world.secrets ?? [])];
  const wrote = (): void => world.onWrite?.(stdout, stderr);
  const terminal = { stdin: false, stdout: false, stderr: false, ...world.isTTY };
  const io: Io = {
    async print(data) {
      stdout += typeof data === "string" ? data : Buffer.from(data).toString("latin1");
      wrote();
      await Promise.resolve();
    },
    say(text) {
      stderr += `${clean(text)}\n`;
      wrote();
    },
    progress(line) {
      if (terminal.stderr && line !== "") stderr += `[progress] ${line}\n`;
    },
    input: () => Promise.resolve(Buffer.from(world.input ?? "")),
    askSecret(question) {
      stderr += `${question}\n`;
      const secret = secrets.shift();
      if (secret === undefined) throw new Error(`nobody answers: ${question}`);
      return Promise.resolve(secret);
    },
    isTTY: terminal,
    colour: { stdout: world.colour ?? false, stderr: world.colour ?? false },
    env: world.env ?? {},
    cwd: world.cwd ?? process.cwd(),
    signal: world.signal ?? new AbortController().signal,
    argv,
    exitCode: 0,
  };
  await run(io);
  return { stdout, stderr, exitCode: io.exitCode };
}

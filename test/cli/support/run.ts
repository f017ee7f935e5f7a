import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { look } from "../../support/canary.js";
import { run } from "../../../src/cli/program.js";
import { clean } from "../../../src/cli/clean.js";
import type { Environment, Io } from "../../../src/cli/io.js";

/** What no command may ever write. */
const secretsOf = (env: Environment, typed: readonly (string | Error)[] = []): readonly string[] => [
  ...Object.entries(env).flatMap(([name, value]) =>
    /SECRET|PASSPHRASE|PRIVATE_KEY(?:_BASE64)?$/.test(name) && value ? [value] : [],
  ),
  ...typed.filter((text): text is string => typeof text === "string" && text !== ""),
];

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
  readonly width?: number;
  /** Answers to what is asked without echo, in order; an error stands for Ctrl-C. */
  readonly secrets?: readonly (string | Error)[];
  readonly signal?: AbortSignal;
  /** Aborts with the second Ctrl-C. */
  readonly second?: AbortSignal;
  /** The width of the terminal that stderr is. */
  readonly columns?: number;
  /** Called with all of stdout, and of stderr, after each write. */
  readonly onWrite?: (stdout: string, stderr: string) => void;
}

/** Runs a command in this process, as `main.ts` would in one of its own, and looks for secrets in what it writes. */
export async function runCli(argv: readonly string[], world: World = {}): Promise<Ran> {
  let stdout = "";
  let stderr = "";
  const secrets = [...(world.secrets ?? [])];
  const wrote = (): void => world.onWrite?.(stdout, stderr);
  const terminal = { stdin: false, stdout: false, stderr: false, ...world.isTTY };
  const io: Io = {
    ...silentIo(),
    async print(data) {
      world.signal?.throwIfAborted();
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
      return secret instanceof Error ? Promise.reject(secret) : Promise.resolve(secret);
    },
    isTTY: terminal,
    colour: { stdout: world.colour ?? false, stderr: world.colour ?? false },
    width: world.width,
    env: world.env ?? {},
    cwd: world.cwd ?? nowhere,
    signal: world.signal ?? new AbortController().signal,
    secondInterrupt: () => world.second ?? new AbortController().signal,
    columns: () => world.columns,
    argv,
  };
  await run(io);
  look(stdout, "stdout");
  look(stderr, "stderr");
  for (const secret of secretsOf(io.env, world.secrets)) expect(`${stdout}${stderr}`).not.toContain(secret);
  return { stdout, stderr, exitCode: io.exitCode };
}

/** No `.env` of whoever runs the tests gets in. */
const nowhere = fileURLToPath(new URL(".", import.meta.url));

/** A world in which nothing is written and nothing can be read. */
export const silentIo = (): Io => ({
  print: () => Promise.resolve(),
  say: () => undefined,
  progress: () => undefined,
  input: () => Promise.resolve(Buffer.alloc(0)),
  askSecret: () => Promise.reject(new Error("nobody answers")),
  isTTY: { stdin: false, stdout: false, stderr: false },
  colour: { stdout: false, stderr: false },
  env: {},
  cwd: nowhere,
  signal: new AbortController().signal,
  secondInterrupt: () => new AbortController().signal,
  columns: () => undefined,
  argv: [],
  exitCode: 0,
});

import { spawn, type ChildProcess } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { place } from "./documents.js";
import type { Module, Modules } from "./modules.js";

export type Environment = Readonly<Record<string, string>>;

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program with tsx in a process of its own; two minutes at most. */
export function runProgram(args: readonly string[], env: Environment = {}): Promise<Ended> {
  return ended(start(args, env));
}

/** This process's environment, without what is ours or the test runner's. */
export function cleanEnvironment(): Record<string, string | undefined> {
  const ours = /^(?:UPVEST_|VITEST|NODE_OPTIONS|NODE_ENV)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

function start(args: readonly string[], env: Environment, cwd = place): ChildProcess {
  return spawn(process.execPath, ["--import", "tsx", ...args], {
    cwd,
    env: { ...cleanEnvironment(), ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    timeout: 120_000,
  });
}

/** What a process said, and how it ended. */
export function ended(child: ChildProcess): Promise<Ended> {
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) =>
      resolve({ code, output: signal === null ? output : `${output}\n(ended by ${signal})` }),
    );
  });
}

const runner = fileURLToPath(new URL("run-blocks.ts", import.meta.url));

/** What became of blocks that ran: by file, what failed. */
export interface Ran {
  readonly output: string;
  readonly failed: ReadonlyMap<string, readonly string[]>;
}

/** Runs the blocks of one document in one process, in their order. */
export async function runModules(
  modules: readonly Module[],
  { config }: Modules,
  env: Environment,
): Promise<Ran> {
  const files = modules.map(({ file }) => file);
  // What they write to the disk goes away with them.
  const child = start([runner, ...files], { ...env, TSX_TSCONFIG_PATH: config }, dirname(config));
  const failed = new Map<string, readonly string[]>(
    files.map((file) => [file, ["it never came to its end"]]),
  );
  child.on("message", (message) => {
    const told = message as { readonly file: string; readonly failed: readonly string[] };
    failed.set(told.file, told.failed);
  });
  const { output } = await ended(child);
  return { output, failed };
}

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Runtime } from "./runtimes.js";
import { programs } from "./scratch.js";

export interface Surroundings {
  readonly scratch: string;
  /** The driver's address. */
  readonly control: string;
  /** The bundle. */
  readonly worker: string;
  /** For `fromEnv`, the key as a file. */
  readonly environment: Readonly<Record<string, string>>;
  readonly keyFile: string;
  /** The same for a worker, the key as text. */
  readonly bindings: Readonly<Record<string, string>>;
}

/** A script under way. */
export interface Started {
  /** Resolves when it ended without a report: with what it wrote. */
  readonly ended: Promise<string>;
  readonly stop: () => void;
}

export const programOf = ({ program }: Runtime): string => join(programs, "node_modules", program);

/** The version that the runtime tells of itself on the command line: `20.19.0`, of workerd `2026-11-17`. */
export function versionOf(runtime: Runtime): string {
  const told = execFileSync(programOf(runtime), runtime.versionArguments, { encoding: "utf8" });
  const version = /\d[\d.-]*\d/.exec(told)?.[0];
  if (version === undefined) throw new Error(`${runtime.name} does not tell its version: ${told}`);
  return version;
}

export function start(runtime: Runtime, surroundings: Surroundings): Started {
  return runtime.form === "worker" ? startWorker(runtime, surroundings) : startScript(runtime, surroundings);
}

function startScript(runtime: Runtime, { scratch, control, environment, keyFile }: Surroundings): Started {
  const file = join(scratch, runtime.form, "subject", `${runtime.entry}.js`);
  const before = runtime.arguments?.({ keyFile }) ?? [];
  const child = spawn(programOf(runtime), [...before, file, control], {
    cwd: scratch,
    // Nothing of the caller's own environment, which may change what a runtime does.
    env: { PATH: process.env["PATH"] ?? "", HOME: scratch, NO_COLOR: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return follow(child);
}

/** Serves the bundle on a port of its choice, and asks it once to go through the script. */
function startWorker(
  { name, program, worker, ...runtime }: Runtime,
  { scratch, control, worker: bundle, bindings }: Surroundings,
): Started {
  if (worker === undefined) throw new Error(`${name} has no compatibility date`);
  const config = join(scratch, "worker.capnp");
  writeFileSync(
    config,
    workerConfig({
      ...worker,
      bundle: bundle.slice(scratch.length + 1),
      bindings: { ...bindings, ...(worker.tellsDrops && { SHARE_CLIENT: "yes" }) },
    }),
  );
  const child = spawn(programOf({ name, program, ...runtime }), ["serve", config, "--control-fd=3"], {
    cwd: scratch,
    env: {},
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const started = follow(child);
  child.stdio[3]?.on("data", (chunk: Buffer) => {
    const { port } = JSON.parse(chunk.toString()) as { readonly port?: number };
    if (port === undefined) return;
    void askWorker(`http://127.0.0.1:${port}/?control=${encodeURIComponent(control)}`, started.fail);
  });
  return started;
}

async function askWorker(url: string, fail: (why: string) => void): Promise<void> {
  try {
    const response = await fetch(url);
    const text = await response.text();
    if (text !== "reported") fail(`the worker answered ${response.status}: ${text}`);
  } catch (error) {
    fail(String(error));
  }
}

function workerConfig(worker: {
  readonly date: string;
  readonly flags: readonly string[];
  readonly bundle: string;
  readonly bindings: Readonly<Record<string, string>>;
}): string {
  const bindings = Object.entries(worker.bindings).map(
    ([name, value]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(value)})`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "loopback", network = (allow = ["127.0.0.1/32"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed ${JSON.stringify(worker.bundle)})],
  compatibilityDate = ${JSON.stringify(worker.date)},
  compatibilityFlags = ${JSON.stringify(worker.flags)},
  bindings = [${bindings.join(", ")}],
  globalOutbound = "loopback",
);
`;
}

function follow(child: ChildProcess): Started & { readonly fail: (why: string) => void } {
  let written = "";
  const note = (chunk: Buffer): void => {
    written = `${written}${chunk.toString()}`.slice(-4_000);
  };
  child.stdout?.on("data", note);
  child.stderr?.on("data", note);
  let fail: (why: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => {
    fail = (why) => resolve(`${why}\n${written}`);
    child.on("error", (error) => fail(error.message));
    child.on("close", (code, signal) => fail(`it ended with ${signal ?? `code ${code}`}`));
  });
  return { ended, stop: () => child.kill("SIGKILL"), fail: (why) => fail(why) };
}

import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { UpvestClientOptions } from "upvest-client";

/** What the callers are told. */
export interface Plan {
  readonly connection: Pick<UpvestClientOptions, "baseUrl" | "clientId" | "clientSecret" | "signingKey">;
  readonly requestsPerSecond: number;
  readonly callers: number;
  readonly seconds: number;
}

/** What the callers saw. */
export interface CallersReport {
  readonly calls: number;
  readonly orders: number;
  /** How often each kind of failure reached a caller while the limiter had room for all. */
  readonly failures: Readonly<Record<string, number>>;
  /** Twice as many calls at once as may wait: what came of them. */
  readonly crowd: Readonly<Record<string, number>>;
  /** Attempts beyond the first of each call. */
  readonly repeats: number;
  /** Bytes after a forced garbage collection, at even times while all callers were at work. */
  readonly heap: readonly number[];
  readonly longestCall: number;
  /** Abort listeners on the one signal that every call shares: the most that were there, and those left at the end. */
  readonly listeners: { readonly most: number; readonly left: number };
  /** What kept the process alive at the end, but for the pipe to its parent. */
  readonly resources: readonly string[];
}

/** What the server counted. */
export interface ServerReport {
  readonly admitted: number;
  readonly refused: number;
  /** Admitted requests in the first `seconds` after the first one. */
  readonly used: number;
  /** The most that were admitted in any second. */
  readonly peak: number;
  /** Orders that took effect. */
  readonly orders: number;
}

export interface Child {
  /** Sends a message and waits for the answer to it. */
  readonly ask: (message: unknown) => Promise<unknown>;
  /** Lets go of it; resolves with its exit code when it has ended by itself. */
  readonly end: () => Promise<number | null>;
  readonly kill: () => void;
}

/** Runs a program of this folder in a process of its own, so that the parts of a load test share no event loop. */
export async function startChild(name: string): Promise<Child> {
  const child = fork(fileURLToPath(new URL(name, import.meta.url)), {
    execArgv: ["--expose-gc", "--import", "tsx"],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  const exited = once(child, "exit");
  const next = async (): Promise<unknown> => {
    const [first] = (await Promise.race([
      once(child, "message"),
      exited.then(([code]) => {
        throw new Error(`${name} ended with exit code ${String(code)}`);
      }),
    ])) as readonly unknown[];
    return first;
  };
  // Its first message says that it is ready.
  await next();
  return {
    ask: (message) => {
      const answer = next();
      child.send(message as object);
      return answer;
    },
    end: async () => {
      if (child.connected) child.disconnect();
      const [code] = (await exited) as [number | null];
      return code;
    },
    kill: () => child.kill(),
  };
}

/** In the child: answers what the parent asks until it lets go. */
export function serveParent(answer: (message: never) => unknown): void {
  process.on("message", (message) => {
    void (async () => process.send?.(await answer(message as never)))();
  });
  process.send?.("ready");
}

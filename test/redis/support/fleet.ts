import { fork, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Order } from "./process.js";

/** Processes that do as they are told, all at the same time. */
export interface Fleet {
  /** Gives the order to all of them, and their answers, in their order. */
  tell(order: Order): Promise<readonly unknown[]>;
  end(): Promise<void>;
}

/** Starts so many processes and waits until each is connected to Redis. They are bundled once: plain Node is cheap. */
export async function startFleet(size: number, redisUrl: string): Promise<Fleet> {
  const folder = mkdtempSync(join(tmpdir(), "upvest-client-fleet-"));
  const bundle = join(folder, "process.cjs");
  await build({
    entryPoints: [fileURLToPath(new URL("process.ts", import.meta.url))],
    outfile: bundle,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    logLevel: "error",
  });
  const answers = new Map<number, (answer: unknown) => void>();
  const processes = await Promise.all(
    Array.from(
      { length: size },
      () =>
        new Promise<ChildProcess>((resolve, reject) => {
          const one = fork(bundle, [redisUrl], { execArgv: [] });
          one.on("message", ({ id, answer }: { id: number; answer: unknown }) => {
            if (id === 0) resolve(one);
            else answers.get(id)?.(answer);
            answers.delete(id);
          });
          one.once("exit", (code) => reject(new Error(`a process of the fleet ended with ${code}`)));
        }),
    ),
  );
  let last = 0;
  return {
    tell: (order) =>
      Promise.all(
        processes.map((one) => {
          last += 1;
          const id = last;
          return new Promise((resolve) => {
            answers.set(id, resolve);
            one.send({ id, order });
          });
        }),
      ),
    async end() {
      await Promise.all(
        processes.map((one) => {
          const ended = new Promise((resolve) => one.once("exit", resolve));
          one.disconnect();
          return ended;
        }),
      );
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

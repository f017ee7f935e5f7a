import { fork } from "node:child_process";
import { once } from "node:events";
import type { Ask, Commands, Told } from "./process.js";

export interface Servers extends Commands {
  /** Ends the process, and waits for that. */
  readonly stop: () => Promise<void>;
}

/** Starts the process in which server and edge live, so that they and the client each have a core. */
export function startServers(): Servers {
  const child = fork(new URL("process.ts", import.meta.url), [], { execArgv: ["--import", "tsx"] });
  const waiting = new Map<number, (told: Told) => void>();
  let asked = 0;
  child.on("message", (told: Told) => {
    waiting.get(told.id)?.(told);
    waiting.delete(told.id);
  });
  child.on("exit", (code) => {
    for (const [id, tell] of waiting) tell({ id, error: `the servers ended with code ${code}` });
  });
  const ask =
    <C extends keyof Commands>(command: C) =>
    async (...args: Parameters<Commands[C]>): Promise<Awaited<ReturnType<Commands[C]>>> => {
      const message: Ask = { id: (asked += 1), command, args };
      const told = await new Promise<Told>((resolve) => {
        waiting.set(message.id, resolve);
        child.send(message, (error) => {
          if (error !== null) resolve({ id: message.id, error: error.message });
        });
      });
      if (told.error !== undefined) throw new Error(told.error);
      return told.result as Awaited<ReturnType<Commands[C]>>;
    };
  return {
    open: ask("open"),
    seen: ask("seen"),
    stayed: ask("stayed"),
    close: ask("close"),
    async stop() {
      if (!child.connected) return;
      const exit = once(child, "exit");
      child.disconnect();
      await exit;
    },
  };
}

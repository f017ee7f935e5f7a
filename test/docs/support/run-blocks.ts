/**
 * Runs the blocks of one document one after the other in this process: imports each and waits until its top level is
 * through. Says what became of each as a line of JSON on the channel to its parent. Nothing reaches another host, and
 * whatever port a block listens on, it gets a free one of loopback.
 */
import { Server } from "node:net";
import { inspect } from "node:util";
import { pathToFileURL } from "node:url";

/** ms that a block may take; the machine may be busy. */
const PATIENCE = 60_000;

const { fetch } = globalThis;
globalThis.fetch = (input, init) => {
  const { hostname, origin } = new URL(input instanceof Request ? input.url : input);
  if (hostname !== "127.0.0.1") throw new Error(`a block of the documents wanted to reach ${origin}`);
  return fetch(input, init);
};

const listen = Server.prototype.listen;
Server.prototype.listen = function (this: Server, ...given: unknown[]) {
  const done = given.find((one): one is () => void => typeof one === "function");
  return listen.call(this, { port: 0, host: "127.0.0.1" }, done);
};

let failed: unknown[] = [];
process.on("uncaughtException", (error) => failed.push(error));
process.on("unhandledRejection", (error) => failed.push(error));

for (const file of process.argv.slice(2)) {
  failed = [];
  process.exitCode = 0;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`its top level did not end within ${PATIENCE} ms`)), PATIENCE);
  });
  try {
    await Promise.race([import(pathToFileURL(file).href), over]);
    // What it started without waiting may fail: let it.
    await new Promise((resolve) => setImmediate(resolve));
  } catch (error) {
    failed.push(error);
  }
  clearTimeout(timer);
  if (process.exitCode !== 0) failed.push(`it set process.exitCode to ${process.exitCode}`);
  process.send?.({ file, failed: failed.map((error) => inspect(error)) });
}
process.exit(0);

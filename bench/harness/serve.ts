import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface Served {
  readonly url: string;
  readonly close: () => void;
}

/**
 * Starts the server of support/server.ts beside this process.
 *
 * @param latency ms before each answer
 * @param total items in its collection
 */
export async function serve({ latency = 0, total = 0 } = {}): Promise<Served> {
  // Compiled measurements lie beside the compiled server, whatever file this function has ended up in.
  const file = fileURLToPath(new URL("server.mjs", import.meta.url));
  const child = fork(file, [String(latency), String(total)], { execArgv: [] });
  const [port] = (await once(child, "message")) as [number];
  return { url: `http://127.0.0.1:${port}`, close: () => child.disconnect() };
}

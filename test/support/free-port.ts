import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * A port of loopback where nobody listens. It is below those that the system gives to whoever asks for any, so nobody
 * gets it while a test goes by its being free.
 */
export async function freePort(): Promise<number> {
  const port = randomInt(11_000, 32_000);
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
  });
  if (!free) return freePort();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

import { createUpvestClient, fromEnv, type UpvestClient } from "upvest-client";
import { startSandbox, type Sandbox, type SandboxOptions } from "upvest-client/sandbox";

export interface Connection {
  readonly client: UpvestClient;
  /** The local sandbox, where the environment has no credentials. */
  readonly sandbox: Sandbox | undefined;
  readonly close: () => Promise<void>;
}

/**
 * A client for the sandbox that the credentials in the environment belong to, or else for a local one. Examples create
 * users and place orders: never with real money.
 */
export async function connect(options: SandboxOptions = {}): Promise<Connection> {
  if (process.env["UPVEST_API_CLIENT_ID"] === undefined) {
    const sandbox = await startSandbox(options);
    console.log(`The local sandbox listens on ${sandbox.url}.`);
    console.log("It answers with the examples of the description.");
    const client = createUpvestClient({ baseUrl: sandbox.url, ...sandbox.credentials });
    return { client, sandbox, close: sandbox.close };
  }
  const given = fromEnv();
  const client = createUpvestClient(given);
  // The URL's own reading: a host may be written in capitals, with a port, or with a dot at its end.
  if (given.baseUrl !== undefined && new URL(given.baseUrl).hostname.startsWith("api.")) {
    console.error(`${given.baseUrl} is the live environment: examples create users and place orders.`);
    process.exit(1);
  }
  console.log(`Credentials from the environment, for ${given.baseUrl ?? "Upvest's sandbox"}.`);
  return { client, sandbox: undefined, close: async () => undefined };
}

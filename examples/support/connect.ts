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
    console.log(
      `The local sandbox listens on ${sandbox.url}. It answers with the examples of the description.`,
    );
    const client = createUpvestClient({ baseUrl: sandbox.url, ...sandbox.credentials });
    return { client, sandbox, close: sandbox.close };
  }
  const given = fromEnv();
  if (given.baseUrl?.startsWith("https://api.")) throw new Error("examples are not for the live environment");
  console.log(`Credentials from the environment, for ${given.baseUrl ?? "Upvest's sandbox"}.`);
  return { client: createUpvestClient(given), sandbox: undefined, close: async () => undefined };
}

import { afterAll, beforeAll } from "vitest";
import type { UpvestClientOptions } from "upvest-client";
import { startSandbox, type Sandbox, type SandboxOptions } from "upvest-client/sandbox";
import type { Environment } from "../../../src/cli/io.js";

/** The variables that describe these options. */
export function envOf({ baseUrl, clientId, clientSecret, signingKey }: UpvestClientOptions): Environment {
  if (!("privateKey" in signingKey)) throw new TypeError("a key is wanted here");
  return {
    UPVEST_API_BASE_URL: baseUrl,
    UPVEST_API_CLIENT_ID: clientId,
    UPVEST_API_CLIENT_SECRET: clientSecret,
    UPVEST_API_KEY_ID: signingKey.keyId,
    UPVEST_API_HTTP_SIGN_PRIVATE_KEY_BASE64: Buffer.from(String(signingKey.privateKey)).toString("base64"),
  };
}

/** A sandbox for all tests of a file, and the variables that lead to it. */
export function useSandbox(options?: SandboxOptions): {
  readonly sandbox: Sandbox;
  readonly env: Environment;
} {
  let running: Sandbox | undefined;
  beforeAll(async () => {
    running = await startSandbox(options);
  });
  afterAll(() => running?.close());
  const started = (): Sandbox => {
    if (running === undefined) throw new Error("the sandbox is not there yet");
    return running;
  };
  return {
    get sandbox() {
      return started();
    },
    get env() {
      return envOf({ baseUrl: started().url, ...started().credentials });
    },
  };
}

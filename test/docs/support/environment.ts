import type { Sandbox } from "../../../src/sandbox/index.js";

/** A sandbox as `fromEnv()` reads it. */
export function environmentOf({ url, credentials }: Sandbox): Record<string, string> {
  return {
    UPVEST_API_BASE_URL: url,
    UPVEST_API_CLIENT_ID: credentials.clientId,
    UPVEST_API_CLIENT_SECRET: credentials.clientSecret,
    UPVEST_API_KEY_ID: credentials.signingKey.keyId,
    UPVEST_API_HTTP_SIGN_PRIVATE_KEY_BASE64: Buffer.from(credentials.signingKey.privateKey).toString(
      "base64",
    ),
  };
}

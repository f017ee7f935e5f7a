import { createUpvestClient, type UpvestClient, type UpvestClientOptions } from "upvest-client";
import { undiciFetch } from "upvest-client/undici";
import { testKey } from "../support/api.js";

/** `UPVEST_CHAOS_TRANSPORT=undici` sends the same storm through the other transport. */
const transport = process.env["UPVEST_CHAOS_TRANSPORT"] === "undici" ? { fetch: undiciFetch() } : {};

/** A client of whatever listens on that port of loopback, with waits that suit a test. */
export const clientAt = (port: number, options: Partial<UpvestClientOptions>): UpvestClient =>
  createUpvestClient({
    baseUrl: `http://127.0.0.1:${port}`,
    clientId: "ebabcf4d-61c3-4942-875c-e265a7c2d062",
    clientSecret: "canary-client-secret",
    signingKey: testKey,
    // Never reached; its timer would be seen if it were left behind.
    deadline: 300_000,
    retry: { maxAttempts: 5, baseDelay: 1, maxDelay: 4, maxRetryAfter: 1_500 },
    ...transport,
    ...options,
  });

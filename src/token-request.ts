import { apiError, unusableAnswer } from "./pipeline/api-error.js";
import { textOf } from "./pipeline/collect.js";
import { prepare, type Surroundings } from "./pipeline/prepare.js";
import type { Handler, Operation, PipelineRequest } from "./pipeline/request.js";
import { bearerToken, type StoredToken } from "./token-store.js";

export interface TokenRequestOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly operation: Operation;
  readonly surroundings: Surroundings;
  readonly limits: Pick<PipelineRequest, "timeout" | "deadline" | "retry" | "maxResponseSize">;
  /** ms */
  readonly clock: () => number;
}

/**
 * Asks for an access token and checks the answer (RFC 6749 section 5.1): JSON, `token_type` bearer in any case, a
 * positive `expires_in`, a token that can travel in a header. The lifetime is always the one that was answered.
 *
 * @throws UpvestApiError for a refusal, and for an answer that is no token (code `invalid_response`)
 */
export const requestToken =
  (handler: Handler, options: TokenRequestOptions) =>
  async (scope: string): Promise<StoredToken> => {
    const { clientId, clientSecret, operation, surroundings, limits, clock } = options;
    const { timeout, deadline, retry, maxResponseSize } = limits;
    const form = {
      client_id: clientId,
      client_secret: clientSecret,
      grant_type: "client_credentials",
      scope,
    };
    const request = prepare(operation, { params: {}, headers: undefined, body: form }, surroundings, {
      signal: undefined,
      timeout,
      deadline,
      retry,
      maxResponseSize,
      stream: false,
      trace: { attempts: 0, pending: false, secret: clientSecret },
    });
    // Taken before the request leaves: the lifetime can only be shorter than it looks, never longer.
    const issuedAt = clock();
    const response = await handler(request);
    if (!response.ok) throw apiError(request, response, clock());
    const refuse = (detail: string): Error => unusableAnswer(request, response, detail);
    if (request.trace.tooLarge === true) {
      throw refuse(`The token answer is larger than maxResponseSize, ${maxResponseSize} bytes`);
    }
    const mediaType = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
    if (mediaType !== "application/json") {
      throw refuse(
        `The token answer should be application/json and is ${mediaType ?? "without a content-type"}`,
      );
    }
    const token = parsed(textOf(request.trace));
    if (typeof token !== "object" || token === null) throw refuse("The token answer is not a JSON object");
    const member = (name: string): unknown =>
      Object.hasOwn(token, name) ? Reflect.get(token, name) : undefined;
    const [accessToken, expiresIn, tokenType] = [
      member("access_token"),
      member("expires_in"),
      member("token_type"),
    ];
    if (typeof accessToken !== "string" || !bearerToken.test(accessToken)) {
      throw refuse("access_token is missing, or holds characters that no bearer token has");
    }
    if (typeof tokenType !== "string" || tokenType.toLowerCase() !== "bearer") {
      throw refuse(`token_type should be "bearer" and is ${JSON.stringify(tokenType)}`);
    }
    if (typeof expiresIn !== "number" || !(expiresIn > 0)) {
      throw refuse(`expires_in should be a positive number of seconds and is ${JSON.stringify(expiresIn)}`);
    }
    const granted = member("scope");
    return {
      accessToken,
      // RFC 6749 section 5.1: left out, it is the one that was asked for.
      scope: typeof granted === "string" ? granted : scope,
      issuedAt,
      expiresAt: issuedAt + expiresIn * 1000,
    };
  };

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

import type { TokenSource } from "../token.js";
import { discard } from "./collect.js";
import { withHeaders, type Layer, type PipelineRequest } from "./request.js";

const withToken = (request: PipelineRequest, accessToken: string): PipelineRequest => ({
  ...request,
  headers: withHeaders(request.headers, { authorization: `Bearer ${accessToken}` }),
});

/** Tokens of other processes are tried before one of our own settles it: the last attempt is made with none else. */
const ATTEMPTS = 4;

/**
 * Puts the access token on the request. A 401 may mean that the token has ended before its time: it is dropped and the
 * request made once more with a new one. Where that one is another process's, out of the store, it may have been revoked
 * together with ours: then again. The API does nothing on a 401, so this is safe for every method.
 */
export const authorize =
  (tokens: TokenSource): Layer =>
  (next) =>
  async (request) => {
    if (request.operation.scopes.length === 0) return next(request);
    for (let attempt = 1; ; attempt += 1) {
      const last = attempt === ATTEMPTS;
      const token = await tokens.get(request.operation, request.signal, last).catch((error: unknown) => {
        request.trace.tokenRefusal = error;
        throw error;
      });
      request.trace.secret = token.accessToken;
      const response = await next(withToken(request, token.accessToken));
      const settled = attempt > 1 && tokens.isOwn(token);
      if (response.status !== 401 || settled) return response;
      tokens.invalidate(token);
      await discard(response);
    }
  };

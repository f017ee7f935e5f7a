import type { TokenSource } from "../token.js";
import { discard } from "./collect.js";
import type { Layer, PipelineRequest } from "./request.js";

const withToken = (request: PipelineRequest, accessToken: string): PipelineRequest => ({
  ...request,
  headers: { ...request.headers, authorization: `Bearer ${accessToken}` },
});

/**
 * Puts the access token on the request. A 401 may mean that the token has ended before its time: it is dropped and the
 * request made once more with a new one. The API does nothing on a 401, so this is safe for every method.
 */
export const authorize =
  (tokens: TokenSource): Layer =>
  (next) =>
  async (request) => {
    if (request.operation.scopes.length === 0) return next(request);
    const token = await tokens.get(request.operation, request.signal);
    const response = await next(withToken(request, token.accessToken));
    if (response.status !== 401) return response;
    tokens.invalidate(token);
    await discard(response);
    const fresh = await tokens.get(request.operation, request.signal);
    return next(withToken(request, fresh.accessToken));
  };

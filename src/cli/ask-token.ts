import type { CallResult, UpvestClient, UpvestClientOptions } from "upvest-client";

/** What the token endpoint answers. The token is a secret. */
export interface TokenAnswer {
  readonly access_token: string;
  /** s */
  readonly expires_in: number;
  /** Granted scopes, space-separated. */
  readonly scope: string;
}

/** Asks the token endpoint for one token with all of these scopes; the client signs the request. */
export function askToken(
  client: UpvestClient,
  { clientId, clientSecret }: UpvestClientOptions,
  scopes: readonly string[],
  signal: AbortSignal,
): Promise<CallResult<TokenAnswer>> {
  return client.POST("/auth/token", {
    body: {
      client_id: clientId,
      client_secret: clientSecret,
      grant_type: "client_credentials",
      scope: scopes.join(" "),
    },
    signal,
  });
}

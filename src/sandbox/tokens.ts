import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

export interface TokensOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Configured for the client; another one is refused. */
  readonly scopes: ReadonlySet<string>;
  /** s */
  readonly lifetime: number;
  /** ms */
  readonly clock: () => number;
}

export type Issued =
  | { readonly token: Readonly<Record<string, string | number>> }
  | { readonly refused: "invalid_request" | "unauthorised"; readonly why: string };

export interface Tokens {
  /** Answers the form of a token request: a token in the shape of the API, or why there is none. */
  readonly issue: (form: string, clientId: string) => Issued;
  /** The scopes of the bearer token in an `authorization` header; undefined when it is unknown or has expired. */
  readonly scopesOf: (authorization: string | undefined) => ReadonlySet<string> | undefined;
}

const FIELDS = ["client_id", "client_secret", "grant_type", "scope"] as const;

export function createTokens(options: TokensOptions): Tokens {
  const issued = new Map<string, { readonly scopes: ReadonlySet<string>; readonly expires: number }>();

  const forgetExpired = (): void => {
    // Issued in the order of their expiry, as all live equally long.
    for (const [token, { expires }] of issued) {
      if (expires > options.clock()) return;
      issued.delete(token);
    }
  };

  return {
    issue: (form, clientId) => {
      const fields = new URLSearchParams(form);
      const wrong = checkFields(fields);
      if (wrong !== undefined) return { refused: "invalid_request", why: wrong };
      const ours =
        same(fields.get("client_id") ?? "", options.clientId) &&
        same(fields.get("client_secret") ?? "", options.clientSecret) &&
        clientId === options.clientId;
      if (!ours) return { refused: "unauthorised", why: "The client credentials are not accepted" };
      const scope = fields.get("scope") ?? "";
      const asked = scope.split(" ").filter((name) => name !== "");
      const missing = asked.filter((name) => !options.scopes.has(name));
      if (missing.length > 0) {
        return { refused: "unauthorised", why: `Not configured for this client: ${missing.join(" ")}` };
      }
      forgetExpired();
      // The look of the tokens that Upvest issues (Ory Hydra); clients must not read anything into it.
      const token = `ory_at_${randomBytes(32).toString("base64url")}.${randomBytes(32).toString("base64url")}`;
      issued.set(token, { scopes: new Set(asked), expires: options.clock() + options.lifetime * 1000 });
      return { token: { access_token: token, expires_in: options.lifetime, scope, token_type: "bearer" } };
    },
    scopesOf: (authorization) => {
      const token = /^Bearer ([a-zA-Z0-9\-._~+/]+=*)$/.exec(authorization ?? "")?.[1];
      const found = token === undefined ? undefined : issued.get(token);
      return found !== undefined && found.expires > options.clock() ? found.scopes : undefined;
    },
  };
}

/** Upvest docs, issue_token: these four fields, each once, and no other. */
function checkFields(fields: URLSearchParams): string | undefined {
  for (const name of FIELDS) {
    const values = fields.getAll(name);
    if (values.length === 0 || values[0]?.trim() === "") return `(root): field '${name}' was not filled`;
    if (values.length > 1) return `(root): field '${name}' was given more than once`;
  }
  const known: readonly string[] = FIELDS;
  const unknown = [...fields.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) return `(root): field '${unknown}' is not allowed`;
  if (fields.get("grant_type") !== "client_credentials")
    return "(root): field 'grant_type' must be client_credentials";
  return undefined;
}

/** In the same time whatever the first difference is. */
function same(given: string, wanted: string): boolean {
  return timingSafeEqual(digest(given), digest(wanted));
}

function digest(value: string): Buffer {
  return createHash("sha256").update(value).digest();
}

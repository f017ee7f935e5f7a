/** One operation of the description, as the client must know it at run time (generated/operations.ts). */
export interface Operation {
  readonly id: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** The path template, `/accounts/{account_id}`. */
  readonly path: string;
  /** Alternatives: any one of them admits the call. Empty for the token endpoint. */
  readonly scopes: readonly string[];
  /** The description requires an `idempotency-key`. */
  readonly idempotencyKey: boolean;
  /** The answer is a page: `offset` and `limit` in the query, `meta` and `data` in the body. */
  readonly paged: boolean;
  /** Media type of the request body, when there is one. */
  readonly requestBody?: string;
  /** Media types of the successful answer; empty when it has no body. */
  readonly responseBody: readonly string[];
}

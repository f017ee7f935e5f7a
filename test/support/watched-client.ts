import { createUpvestClient as create, type CallResult, type UpvestClient } from "../../src/index.js";
import { look } from "./canary.js";

export * from "../../src/index.js";

type Method = (path: string, init?: unknown) => Promise<CallResult<unknown>>;

/** The client as the tests get it: each error that ends a call is searched for secrets. */
export const createUpvestClient: typeof create = (options) => {
  const client = create(options);
  look(client, "the client");
  const watched = (name: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"): Method => {
    const method = client[name] as Method;
    return async (path, init) => {
      try {
        const result = await method(path, init);
        if (result.error !== undefined) look(result.error, `the error of ${name} ${path}`);
        return result;
      } catch (error) {
        look(error, `what ${name} ${path} threw`);
        throw error;
      }
    };
  };
  return {
    ...client,
    GET: watched("GET"),
    POST: watched("POST"),
    PUT: watched("PUT"),
    PATCH: watched("PATCH"),
    DELETE: watched("DELETE"),
  } as UpvestClient;
};

/**
 * The only module that knows openapi-fetch, whose rules put parameters into a query. The library is final
 * (openapi-ts/openapi-typescript#2874), so whatever replaces it one day is written here. Its own request loop is not
 * used: it makes a Request and reads a Response of its own for each call, which costs more than signing does.
 */
import { createQuerySerializer } from "openapi-fetch";

const serialise = /* @__PURE__ */ createQuerySerializer();

/** Percent-encodes as a URL does, so that what is signed is what is sent (`'` among them). */
const normalise = (query: string): string => new URL(`http://localhost/?${query}`).search;

/**
 * The query of a call, with its `?`; empty where there is none. Lists repeat the name, members that are undefined or null
 * are left out.
 */
export function queryOf(parameters: Readonly<Record<string, unknown>> | undefined): string {
  const query = parameters === undefined ? "" : serialise(parameters);
  return query === "" ? "" : normalise(query);
}

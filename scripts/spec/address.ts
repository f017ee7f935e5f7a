/** Which addresses a description may come from. */

/** Where the publisher offers its description (protocol of the reference page, "Download OpenAPI description"). */
export const PUBLISHED = "https://docs.upvest.co/_bundle/api.yaml?download";

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

const isLoopback = (url: URL): boolean => url.protocol === "http:" && LOOPBACK.test(url.hostname);

/** Throws for what is no address, and for one that is not https; http is for a server on this machine. */
export function parseAddress(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new Error(`"${text}" is no address: expected one such as ${PUBLISHED}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new Error(`the address at ${url.host} must not hold a user name or password`);
  }
  if (url.protocol !== "https:" && !isLoopback(url)) {
    throw new Error(`${text}: only https is fetched from (http on this machine alone)`);
  }
  return url;
}

/** Where a redirect leads. Throws where that is off https, or to this machine from elsewhere. */
export function redirectTarget(from: URL, location: string | null): URL {
  if (location === null) throw new Error("redirected to nowhere: the answer has no Location");
  if (!URL.canParse(location, from)) throw new Error(`redirected to "${location}", which is no address`);
  const target = new URL(location, from);
  if (target.protocol === "https:" || (isLoopback(from) && isLoopback(target))) return target;
  throw new Error(`redirected to ${target.protocol}//${target.host}: only https is followed`);
}

/** The same description in JSON, which the publisher offers beside the YAML; `undefined` for another kind of address. */
export function jsonTwin(url: URL): URL | undefined {
  const path = url.pathname.replace(/\.ya?ml$/, ".json");
  if (path === url.pathname) return undefined;
  const twin = new URL(url);
  twin.pathname = path;
  return twin;
}

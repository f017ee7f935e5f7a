import type { IncomingMessage } from "node:http";

/** Set by whatever stands between this machine and the network: a request that has one does not come from here. */
const FORWARDED = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-real-ip",
  "cf-connecting-ip",
  "tailscale-user-login",
] as const;

/**
 * Why a request must not be served by a server that acts for the user of this machine; undefined when it may.
 *
 * Any web page that the user has open can send requests to loopback. Two things tell them apart: a browser says where
 * a request comes from (`origin`, `sec-fetch-site`), and a name that an attacker points at 127.0.0.1 (DNS rebinding)
 * still shows in `host`. A tunnel that leads here from the network leaves its own headers.
 */
export function foreign({ headers }: Pick<IncomingMessage, "headers">, own?: string): string | undefined {
  const { host = "", origin } = headers;
  if (!isLoopbackHost(host)) {
    return `the host header says ${JSON.stringify(host)}: call it by 127.0.0.1 or localhost`;
  }
  if (origin !== undefined && origin !== own) {
    return `it was sent by a web page (origin ${JSON.stringify(origin)})`;
  }
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "none" && site !== "same-origin") {
    return `it was sent by a web page of another site (sec-fetch-site ${JSON.stringify(site)})`;
  }
  const forwarded = FORWARDED.find((name) => headers[name] !== undefined);
  if (forwarded !== undefined) return `it was forwarded from elsewhere (it has the header ${forwarded})`;
  return undefined;
}

/** Of a `host` header, with or without a port. */
export function isLoopbackHost(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i.test(host);
}

import type { UpvestClientOptions } from "upvest-client";
import { endpointFault } from "../sandbox/endpoint.js";

export interface ProxyOptions {
  /** The client that signs: its credentials, its key, where it sends to, how it retries. */
  readonly client: UpvestClientOptions;
  /** Default 0: any free port. Always on 127.0.0.1. */
  readonly port?: number;
  /**
   * Where webhook deliveries are received: a path of the proxy ("/hooks"), or a port of its own on 127.0.0.1, which any
   * path leads to. Give a port where a tunnel leads to it: then the tunnel does not reach what signs.
   */
  readonly listen?: string | number;
  /**
   * Passes verified deliveries on, as they came: https, or http on loopback. Without a path in it the path of the
   * delivery is kept, which is the one that was signed.
   */
  readonly forward?: string;
  /** Default false. True: a page on a port of its own shows calls and deliveries as they come. With a port: there. */
  readonly inspector?: boolean | { readonly port: number };
}

export interface ProxySettings {
  readonly client: UpvestClientOptions;
  readonly port: number;
  readonly listenPath: string | undefined;
  readonly listenPort: number | undefined;
  readonly forward: URL | undefined;
  /** undefined: no inspector */
  readonly inspectorPort: number | undefined;
}

/** @throws TypeError naming the option, what it should be and what it is */
export function readProxyOptions(options: ProxyOptions): ProxySettings {
  const { client, listen, inspector = false } = options;
  const port = portOf("port", options.port ?? 0);
  const listenPort = typeof listen === "number" ? portOf("listen", listen) : undefined;
  const inspectorPort =
    typeof inspector === "boolean" ? (inspector ? 0 : undefined) : portOf("inspector.port", inspector.port);
  requireApart({ port, listen: listenPort, inspector: inspectorPort });
  return {
    client,
    port,
    listenPath: typeof listen === "string" ? pathOf(listen) : undefined,
    listenPort,
    forward: forwardOf(options.forward, listen !== undefined),
    inspectorPort,
  };
}

/** One port twice: the system would blame another program. 0 is any free one. */
function requireApart(ports: Readonly<Record<string, number | undefined>>): void {
  const named = Object.entries(ports).filter(([, port]) => port !== undefined && port !== 0);
  for (const [index, [name, port]] of named.entries()) {
    const twin = named.slice(0, index).find(([, other]) => other === port);
    if (twin !== undefined) {
      throw new TypeError(`${twin[0]} and ${name} are both ${String(port)}: each needs a port of its own.`);
    }
  }
}

function portOf(name: string, port: number): number {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new TypeError(`${name} must be a port, a whole number from 0 to 65535; it is ${String(port)}.`);
}

function pathOf(path: string): string {
  if (/^\/[\w\-./~]+$/.test(path)) return path;
  throw new TypeError(`listen must be a path such as "/hooks", or a port; it is ${JSON.stringify(path)}.`);
}

function forwardOf(forward: string | undefined, listens: boolean): URL | undefined {
  if (forward === undefined) return undefined;
  if (!listens) throw new TypeError("forward passes deliveries on, so it needs listen as well.");
  const fault = endpointFault(forward);
  if (fault === undefined) return new URL(forward);
  throw new TypeError(`forward ${fault}; it is ${JSON.stringify(forward)}.`);
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Answer } from "./problems.js";

/** A request as it came over the wire. */
export interface Received {
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: string;
  readonly path: string;
  /** Without its `?`; empty when there is none. */
  readonly query: string;
  /** Lower-case names; the values of a repeated header trimmed and joined by a comma and a space. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export type Outcome = { readonly answer: Answer; readonly truncate?: boolean } | "dropped";

/** A body larger than any that the API takes; the sandbox hangs up rather than hold it. */
const MAX_BODY = 16 * 1024 * 1024;

export interface Gateway {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Serves HTTP on the loopback address. `handle` must not reject. */
export async function openGateway(
  port: number,
  clock: () => number,
  handle: (received: Received) => Promise<Outcome>,
): Promise<Gateway> {
  const server = createServer((request, response) => {
    void receive(request)
      .then(handle)
      .then((outcome) => send(outcome, response, clock))
      // The caller hung up while sending.
      .catch(() => request.socket.destroy());
  });
  // A server that closes idle connections races with a client that is about to use one; here `close` ends them all.
  server.keepAliveTimeout = 0;
  await listen(server, port);
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function receive(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > MAX_BODY) throw new Error("The body is too large.");
    chunks.push(chunk);
  }
  const url = request.url ?? "/";
  const mark = url.indexOf("?");
  return {
    method: request.method ?? "GET",
    url,
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? "" : url.slice(mark + 1),
    headers: headersOf(request.rawHeaders),
    body: Buffer.concat(chunks),
  };
}

/** Node's own `headers` drop some repeated ones; a signature covers all that was sent (RFC 9421, section 2.1). */
function headersOf(raw: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? "").toLowerCase();
    const value = (raw[index + 1] ?? "").trim();
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return headers;
}

function send(outcome: Outcome, response: ServerResponse, clock: () => number): void {
  if (outcome === "dropped") {
    response.destroy();
    return;
  }
  const { status, headers, body } = outcome.answer;
  if (outcome.truncate === true && body.length === 0) {
    response.destroy();
    return;
  }
  response.sendDate = false;
  response.writeHead(status, {
    ...headers,
    date: new Date(clock()).toUTCString(),
    // RFC 9110 section 8.6: none with 204.
    ...(status === 204 ? {} : { "content-length": String(body.length) }),
  });
  if (outcome.truncate === true) {
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
    return;
  }
  response.end(body);
}

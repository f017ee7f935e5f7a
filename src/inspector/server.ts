import type { IncomingMessage, ServerResponse } from "node:http";
import { foreign } from "./guard.js";
import type { Change, Journal } from "./journal.js";
import { listen } from "./listen.js";
import { page } from "./page-files.js";

/** Where the calls that a page shows come from. */
export interface Source {
  /** "sandbox" or "proxy" */
  readonly name: string;
  /** What it is in front of: "http://127.0.0.1:3000, in front of https://sandbox.upvest.co". */
  readonly text: string;
  /** What to do to see a first call. */
  readonly hint: string;
}

export interface InspectorServer {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * Everything comes from this address and nothing is inline; no text becomes markup. What is shown was sent by others.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": POLICY,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;

/** Bytes that may wait for a page that does not read; then it is cut off, and asks again for what it missed. */
const MAX_WAITING = 32 * 1024 * 1024;

/** ms; a comment now and then, so that a connection that has ended is noticed. */
const KEEP_ALIVE = 15_000;

/**
 * Serves the page and its events on loopback.
 *
 * @param lookUp answers `GET /signatures/NONCE`: what is known of the signature with that nonce, as JSON
 */
export async function openServer(options: {
  /** 0: any free port */
  readonly port: number;
  readonly journal: Journal;
  readonly source: Source;
  readonly lookUp?: (nonce: string) => Promise<string | undefined>;
}): Promise<InspectorServer> {
  const { port, journal, source, lookUp } = options;
  const streams = new Set<ServerResponse>();

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? "/").replace(/\?.*$/s, "");
    const refusal = foreign(request, `http://${request.headers.host ?? ""}`);
    if (refusal !== undefined) {
      answer(response, 403, "text/plain; charset=utf-8", `Refused: ${refusal}.\n`);
    } else if (request.method !== "GET") {
      answer(response, 405, "text/plain; charset=utf-8", "GET only.\n");
    } else if (path === "/") {
      answer(response, 200, "text/html; charset=utf-8", page.html);
    } else if (path === "/page.css") {
      answer(response, 200, "text/css; charset=utf-8", page.css);
    } else if (path === "/page.js") {
      answer(response, 200, "text/javascript; charset=utf-8", page.js);
    } else if (path === "/events") {
      stream(request, response);
    } else {
      const nonce = /^\/signatures\/([\w-]{1,128})$/.exec(path)?.[1];
      const found = nonce === undefined ? undefined : await lookUp?.(nonce);
      if (found === undefined) answer(response, 404, "text/plain; charset=utf-8", "Not here.\n");
      else answer(response, 200, "application/json", found);
    }
  };

  const stream = (request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(200, { ...HEADERS, "content-type": "text/event-stream", "x-accel-buffering": "no" });
    const send = (change: Change): void => {
      response.write(`id: ${journal.run}-${change.sequence}\ndata: ${change.json}\n\n`);
      if (response.writableLength > MAX_WAITING) response.destroy();
    };
    const last = /^([\da-f]+)-(\d{1,15})$/.exec(String(request.headers["last-event-id"] ?? ""));
    const resumes = last?.[1] === journal.run;
    response.write("retry: 1000\n\n");
    if (!resumes) response.write(`event: start\ndata: ${JSON.stringify(source)}\n\n`);
    for (const change of journal.since(resumes ? Number(last[2]) : 0)) send(change);
    response.write("event: current\ndata: \n\n");

    const unsubscribe = journal.subscribe(send);
    const beat = setInterval(() => response.write(":\n\n"), KEEP_ALIVE);
    beat.unref();
    streams.add(response);
    response.on("close", () => {
      unsubscribe();
      clearInterval(beat);
      streams.delete(response);
    });
  };

  const server = await listen(port, serve);
  return {
    url: `${server.url}/`,
    close: async () => {
      for (const response of streams) response.end();
      await server.close();
    },
  };
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    ...HEADERS,
    "content-type": type,
    "content-length": String(Buffer.byteLength(body)),
  });
  response.end(body);
}

import { finished } from "node:stream/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Entry } from "../inspector/entry.js";
import { problemBody, refusal } from "./problem.js";

type Serve = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** What is being served now, so that a proxy that ends cuts nothing off unseen. */
export interface InFlight {
  /** Serves as the given one does, and counts it until its answer has left. Once stopped, it refuses. */
  readonly counted: (kind: Entry["kind"], serve: Serve) => Serve;
  readonly now: () => Readonly<Record<Entry["kind"], number>>;
  /** From now on what comes is refused. Resolves when nothing is in flight. */
  readonly stop: () => Promise<void>;
}

export function createInFlight(): InFlight {
  const count = { call: 0, delivery: 0 };
  let stopped = false;
  let waiting: (() => void)[] = [];
  const tell = (): void => {
    if (count.call + count.delivery > 0) return;
    for (const go of waiting) go();
    waiting = [];
  };

  return {
    counted: (kind, serve) => async (request, response) => {
      if (stopped) return refuse(response);
      count[kind] += 1;
      try {
        await serve(request, response);
        await finished(response).catch(() => undefined);
      } finally {
        count[kind] -= 1;
        tell();
      }
    },
    now: () => ({ ...count }),
    stop: () => {
      stopped = true;
      return new Promise((resolve) => {
        waiting.push(resolve);
        tell();
      });
    },
  };
}

/** Not cut without a word: whoever sent it is to know that it went no further. */
function refuse(response: ServerResponse): void {
  const told = refusal(503, "closing", "The proxy is closing", "The proxy is closing, so this was not sent.");
  const body = problemBody(told);
  response.writeHead(told.status, {
    "content-type": "application/problem+json",
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
  });
  response.end(body);
}

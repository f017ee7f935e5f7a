import { createServer } from "node:http";
import type { Delivered } from "./delivery-verifier.js";

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What an endpoint does with the nth delivery (from 0): answer it, hang up, or let it wait. */
export type Behaviour = (delivered: Delivered, n: number) => Reply | "hang up" | "wait";

export interface Endpoint {
  readonly url: string;
  readonly port: number;
  readonly received: readonly Delivered[];
  /** From now on. */
  behave: (behaviour: Behaviour) => void;
  readonly close: () => Promise<void>;
}

export interface Event {
  readonly id: string;
  readonly created_at: string;
  readonly type: string;
  readonly webhook_id: string;
  readonly object: unknown;
}

/** The events in a delivery; fails when its body is anything but a batch. */
export function eventsOf({ body }: Delivered): readonly Event[] {
  const { payload, ...others } = Object(JSON.parse(body.toString("utf8")));
  if (!Array.isArray(payload) || Object.keys(others).length > 0)
    throw new Error(`Not a batch: ${body.toString()}`);
  return payload;
}

/** Somebody's webhook endpoint: real HTTP on loopback; answers 200 unless told otherwise. */
export async function openEndpoint(port = 0): Promise<Endpoint> {
  const received: Delivered[] = [];
  let behaviour: Behaviour = () => ({ status: 200 });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url: target = "" } = request;
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      );
      const delivered = { method, target, headers, body: Buffer.concat(chunks) };
      received.push(delivered);
      const reply = behaviour(delivered, received.length - 1);
      if (reply === "hang up") request.socket.destroy();
      else if (reply !== "wait") response.writeHead(reply.status, { ...reply.headers }).end(reply.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  const bound = typeof address === "object" ? (address?.port ?? 0) : 0;
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    received,
    behave: (next) => {
      behaviour = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

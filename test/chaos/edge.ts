import { Agent, request as send } from "node:http";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { dice } from "./dice.js";
import type { Exchange, Fault } from "./fault.js";
import { endOfHead, readHead, whole, type Answer, type Heard } from "./message.js";
import { kinds, type Plan } from "./plan.js";

/** One request that came in: whose, which of theirs, and what was done to it. */
export interface Meeting {
  readonly call: string;
  readonly nth: number;
  readonly fault: string | undefined;
  /** What the server answered, where it was asked; the client may have seen something else. */
  status?: number;
}

export interface Edge {
  readonly port: number;
  readonly meetings: readonly Meeting[];
  /** Resolves when no request is at work and the server has seen all that it will see. */
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface EdgeOptions {
  readonly seed: number;
  readonly plan: Plan;
  /** Port of the server behind. */
  readonly upstream: number;
  /** Connections to the server behind are kept, which it must not end on its own. */
  readonly reuse: boolean;
}

/**
 * A TCP server between client and server. It reads requests whole, hands them on by HTTP, and writes the answers byte by
 * byte, so that anything can go wrong on the way.
 */
export async function openEdge({ seed, plan, upstream, reuse }: EdgeOptions): Promise<Edge> {
  const agent = new Agent({ keepAlive: reuse });
  const meetings: Meeting[] = [];
  const seen = new Map<string, number>();
  const sockets = new Set<Socket>();
  /** With a request at work, also after the client has gone. */
  const busy = new Map<Socket, Meeting>();
  /** Times at which the door is shut. */
  const atWork = new Set<Promise<void>>();
  /** Of the suite, not of the plan. */
  const failures: unknown[] = [];
  let closed = false;

  const meet = (
    heard: Omit<Heard, "body">,
  ): { readonly meeting: Meeting; readonly fault: Fault | undefined } => {
    const call = heard.headers["x-chaos-call"] ?? kinds.token;
    const nth = seen.get(call) ?? 0;
    seen.set(call, nth + 1);
    const fault = plan(call, nth);
    const meeting: Meeting = { call, nth, fault: fault?.name };
    meetings.push(meeting);
    return { meeting, fault };
  };

  const upstreamOptions = ({ method, url, headers }: Heard) => ({
    host: "127.0.0.1",
    port: upstream,
    agent,
    method,
    path: url,
    headers: { ...headers, connection: reuse ? "keep-alive" : "close" },
  });

  const forward = (heard: Heard): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const outgoing = send(upstreamOptions(heard), (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          const headers = Object.fromEntries(
            Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
          );
          resolve({ status: incoming.statusCode ?? 0, headers, body: Buffer.concat(chunks) });
        });
      });
      outgoing.on("error", reject);
      outgoing.end(heard.body);
    });

  /** Raw, because a client that speaks HTTP sends no half requests. */
  const forwardHalf = (request: Buffer): Promise<void> =>
    new Promise((resolve) => {
      const half = connect(upstream, "127.0.0.1", () => {
        half.end(request.subarray(0, request.length / 2));
      });
      half.on("error", () => resolve());
      half.on("close", () => resolve());
      half.resume();
    });

  const shut = (ms: number): void => {
    if (closed || !server.listening) return;
    const { port } = server.address() as AddressInfo;
    server.close();
    for (const socket of sockets) if (!busy.has(socket)) socket.destroy();
    const opened = wait(ms).then(() => void (!closed && server.listen(port, "127.0.0.1")));
    atWork.add(opened);
    void opened.finally(() => atWork.delete(opened));
  };

  const exchangeOn = (
    socket: Socket,
    { heard, bytes }: { readonly heard: Heard; readonly bytes: Buffer },
    meeting: Meeting,
    left: Promise<void>,
  ): Exchange => ({
    dice: dice(seed, "detail", meeting.call, meeting.nth),
    socket,
    left,
    shut,
    async forward() {
      const answer = await forward(heard);
      meeting.status = answer.status;
      return answer;
    },
    forwardHalf: () => forwardHalf(bytes),
    pause: (ms) => Promise.race([wait(ms), left]),
    send: async (bytes) => {
      if (socket.destroyed || socket.write(bytes)) return;
      await Promise.race([new Promise<void>((resolve) => void socket.once("drain", resolve)), left]);
    },
  });

  async function serve(socket: Socket): Promise<void> {
    const left = new Promise<void>((resolve) => void socket.once("close", () => resolve()));
    // Resets of the client's and of ours.
    socket.on("error", () => undefined);
    let unread = Buffer.alloc(0);
    const more = async (): Promise<void> => {
      await Promise.race([new Promise<void>((resolve) => void socket.once("data", () => resolve())), left]);
    };
    socket.on("data", (bytes: Buffer) => {
      unread = Buffer.concat([unread, bytes]);
    });
    while (!socket.destroyed) {
      const end = endOfHead(unread);
      if (end === undefined) {
        await more();
        continue;
      }
      const { length, ...heard } = readHead(unread.subarray(0, end));
      const { meeting, fault } = meet(heard);
      busy.set(socket, meeting);
      const needed = fault?.early === true ? end : end + length;
      while (unread.length < needed && !socket.destroyed) await more();
      if (unread.length < needed) break;
      const bytes = unread.subarray(0, end + length);
      unread = unread.subarray(end + length);
      const request = { heard: { ...heard, body: bytes.subarray(end) }, bytes };
      const exchange = exchangeOn(socket, request, meeting, left);
      await (fault === undefined
        ? exchange.forward().then((answer) => exchange.send(whole(answer)))
        : fault.perform(exchange));
      busy.delete(socket);
    }
  }

  const server = createServer((socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    serve(socket)
      .catch((error: unknown) => {
        failures.push(error);
        socket.destroy();
      })
      .finally(() => {
        sockets.delete(socket);
        busy.delete(socket);
      });
  });

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    meetings,
    async settled() {
      const since = performance.now();
      while (busy.size > 0 || atWork.size > 0) {
        await wait(5);
        if (performance.now() - since > 30_000) {
          throw new Error(
            `never settled: ${[...busy.values()].map((meeting) => JSON.stringify(meeting)).join()}`,
          );
        }
      }
      if (failures.length > 0) throw failures[0];
    },
    async close() {
      closed = true;
      for (const socket of sockets) socket.destroy();
      agent.destroy();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

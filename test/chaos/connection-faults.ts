import type { Fault } from "./fault.js";
import { head, whole } from "./message.js";

/** Chunked coding of a text (RFC 9112 section 7.1), without the last chunk. */
const chunk = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);

/** What connections do: end, break, stall, crawl. */
export const connectionFaults: readonly Fault[] = [
  {
    name: "closed before the server saw it",
    weight: 4,
    perform: ({ socket }) => void socket.destroy(),
  },
  {
    name: "reset before the server saw it",
    weight: 4,
    perform: ({ socket }) => void socket.resetAndDestroy(),
  },
  {
    name: "closed in the middle of the request",
    weight: 4,
    early: true,
    async perform({ socket, forwardHalf }) {
      socket.destroy();
      await forwardHalf();
    },
  },
  {
    name: "closed while the server acts",
    weight: 4,
    async perform({ socket, forward }) {
      const acting = forward();
      socket.destroy();
      await acting;
    },
  },
  {
    name: "closed after the server acted",
    weight: 5,
    async perform({ socket, forward }) {
      await forward();
      socket.destroy();
    },
  },
  {
    name: "reset after the server acted",
    weight: 5,
    async perform({ socket, forward }) {
      await forward();
      socket.resetAndDestroy();
    },
  },
  {
    name: "cut in the head of the answer",
    weight: 4,
    async perform({ socket, forward, send }) {
      const bytes = head(await forward());
      await send(bytes.subarray(0, bytes.length / 2));
      socket.destroy();
    },
  },
  {
    name: "cut in the body of the answer",
    weight: 5,
    async perform({ socket, forward, send, dice }) {
      const { body, ...answer } = await forward();
      await send(head(answer, { "content-length": Math.max(body.length, 1) }));
      await send(body.subarray(0, dice.below(body.length)));
      if (dice.chance(0.5)) socket.destroy();
      else socket.resetAndDestroy();
    },
  },
  {
    name: "cut between two chunks",
    weight: 3,
    async perform({ socket, forward, send }) {
      const { body, ...answer } = await forward();
      await send(head(answer, { "transfer-encoding": "chunked" }));
      await send(chunk(body.length === 0 ? Buffer.from(" ") : body));
      socket.destroy();
    },
  },
  {
    name: "cut where no length was told",
    weight: 3,
    async perform({ socket, forward, send, dice }) {
      // The client cannot see that anything is missing, but for the JSON.
      const { body, ...answer } = await forward();
      await send(head(answer, { connection: "close" }));
      await send(body.subarray(0, dice.below(body.length)));
      socket.end();
    },
  },
  {
    name: "kept alive, then reset",
    weight: 4,
    spreads: true,
    async perform({ socket, forward, send, pause, dice }) {
      await send(whole(await forward()));
      // The next request may be on the way already.
      await pause(dice.below(4));
      socket.resetAndDestroy();
    },
  },
  {
    name: "kept alive, then closed",
    weight: 4,
    spreads: true,
    async perform({ socket, forward, send, pause, dice }) {
      await send(whole(await forward()));
      await pause(dice.below(4));
      socket.end();
    },
  },
  {
    name: "nobody listening for a while",
    weight: 0.1,
    spreads: true,
    async perform({ socket, forward, send, shut }) {
      await send(whole(await forward()));
      shut(15);
      socket.destroy();
    },
  },
  {
    name: "stalled before the server saw it",
    weight: 1.5,
    perform: ({ left }) => left,
  },
  {
    name: "stalled after the server acted",
    weight: 1.5,
    async perform({ forward, left }) {
      await forward();
      await left;
    },
  },
  {
    name: "stalled in the middle of the answer",
    weight: 1.5,
    async perform({ forward, send, left }) {
      const { body, ...answer } = await forward();
      const bytes = Buffer.concat([head(answer, { "content-length": body.length + 1 }), body]);
      // Where there is no body it stalls in the head.
      await send(body.length === 0 ? bytes.subarray(0, bytes.length / 2) : bytes);
      await left;
    },
  },
  {
    name: "held back until the client had gone",
    weight: 2,
    async perform({ forward, left }) {
      await left;
      await forward();
    },
  },
  {
    name: "trickled, in time",
    weight: 4,
    async perform({ forward, send, pause }) {
      const bytes = whole(await forward());
      const size = Math.ceil(bytes.length / 12);
      for (let at = 0; at < bytes.length; at += size) {
        await send(bytes.subarray(at, at + size));
        await pause(3);
      }
    },
  },
  {
    name: "trickled, too slowly",
    weight: 1,
    async perform({ forward, send, pause, socket }) {
      const { body, ...answer } = await forward();
      const bytes = Buffer.concat([head(answer, { "content-length": 1_000_000 }), body]);
      // Where there is no body it is the head that never ends.
      const [start, drop] = body.length === 0 ? [bytes.subarray(0, -2), "x: y\r\n"] : [bytes, " "];
      await send(start);
      while (!socket.destroyed) {
        await pause(20);
        await send(drop);
      }
    },
  },
];

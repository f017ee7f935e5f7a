import type { Socket } from "node:net";
import type { Dice } from "./dice.js";
import type { Answer } from "./message.js";

/** One request on its way, in the hands of a fault. */
export interface Exchange {
  readonly dice: Dice;
  /** The connection to the client. */
  readonly socket: Socket;
  /** Hands the request to the server and brings its answer. */
  readonly forward: () => Promise<Answer>;
  /** Hands half of the request to the server, and hangs up on it. */
  readonly forwardHalf: () => Promise<void>;
  /** Resolves when the bytes are on their way, or the client has gone. */
  readonly send: (bytes: Buffer | string) => Promise<void>;
  /** Resolves when the client has gone. */
  readonly left: Promise<void>;
  /** ms, or until the client has gone. */
  readonly pause: (ms: number) => Promise<void>;
  /** For so many ms nobody listens at the address, and connections at rest are gone. */
  readonly shut: (ms: number) => void;
}

/** One way in which things go wrong. */
export interface Fault {
  readonly name: string;
  /** How often it comes up, beside the others. */
  readonly weight: number;
  /** The request is turned away by an answer that says that nothing was done: it may be sent again. */
  readonly refuses?: true;
  /** It strikes as soon as the head is read, while the body is on its way. */
  readonly early?: true;
  /** It may also strike calls that it was not meant for, which share a connection, the address or the processor. */
  readonly spreads?: true;
  /** Where it makes sense; default everywhere. */
  readonly only?: "writes" | "walks";
  readonly perform: (exchange: Exchange) => Promise<void> | void;
}

import { AsyncLocalStorage } from "node:async_hooks";
import {
  createUpvestClient,
  type CallResult,
  type UpvestClient,
  type UpvestClientOptions,
} from "upvest-client";
import type { Matched } from "./match.js";

/** What the middleware needs to know of a call, and what it brings back. */
export interface Exchange {
  /** With its `?`; as the caller sent it. */
  readonly search: string;
  readonly body: Uint8Array<ArrayBuffer>;
  /** Put on here, as a call without a body of its own has no use for it. */
  readonly contentType: string | undefined;
  /** An unsuccessful answer, whole: the client reads it for its error, the caller gets it as it is. */
  refused?: { readonly response: Response; readonly bytes: Uint8Array };
}

type Untyped = (path: string, init: object) => Promise<CallResult<unknown>>;

/** Makes calls with the bytes of others. */
export interface Relay {
  readonly client: UpvestClient;
  /** Makes the call; gives the answer, its body not yet read where it is a success. */
  readonly call: (
    matched: Matched,
    headers: Readonly<Record<string, string>>,
    exchange: Exchange,
    signal: AbortSignal,
  ) => Promise<{ readonly result: CallResult<unknown>; readonly body: AsyncIterable<Uint8Array> }>;
}

/** A client that signs, repeats and authorises what it is given, and changes neither its query nor its body. */
export function createRelay(options: UpvestClientOptions): Relay {
  const client = createUpvestClient(options);
  const exchanges = new AsyncLocalStorage<Exchange>();

  client.use({
    // The bytes of the caller's body and query, not what parsing and writing them again would make of them.
    onRequest: ({ request }) => {
      const exchange = exchanges.getStore();
      if (exchange === undefined) return undefined;
      const target = new URL(request.url);
      target.search = exchange.search;
      const { method } = request;
      const headers = new Headers(request.headers);
      if (exchange.contentType !== undefined) headers.set("content-type", exchange.contentType);
      const body = exchange.body.length === 0 ? null : exchange.body;
      return new Request(target, { method, headers, body, redirect: "manual" });
    },
    onResponse: async ({ response }) => {
      const exchange = exchanges.getStore();
      if (exchange === undefined || response.ok) return undefined;
      const bytes = new Uint8Array(await response.arrayBuffer());
      exchange.refused = { response, bytes };
      const { status, headers } = response;
      // For 304 a constructed Response refuses a body, even an empty one.
      return new Response(bytes.length === 0 ? null : bytes, { status, headers });
    },
  });

  const call: Relay["call"] = async ({ operation, values }, headers, exchange, signal) => {
    const method = client[operation.method] as Untyped;
    const init = { params: { path: values }, headers, parseAs: "stream", signal };
    const result = await exchanges.run(exchange, () => method(operation.path, init));
    const whole = exchange.refused?.bytes;
    const stream = result.data as (AsyncIterable<Uint8Array> & ReadableStream) | null | undefined;
    return { result, body: whole === undefined ? (stream ?? from([])) : from([whole]) };
  };
  return { client, call };
}

async function* from(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

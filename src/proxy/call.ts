import { AsyncLocalStorage } from "node:async_hooks";
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  createUpvestClient,
  type CallResult,
  type UpvestClient,
  type UpvestClientOptions,
} from "upvest-client";
import { curlOf } from "../inspector/curl.js";
import type { Attempt, Entry } from "../inspector/entry.js";
import { foreign } from "../inspector/guard.js";
import { bodyText, messageView, problemFacts } from "../inspector/message-view.js";
import { answerHeaders, readHeaders } from "./headers.js";
import { matchOperation, type Matched } from "./match.js";
import { problemBody, problemOfError, refusal, type ProxyProblem } from "./problem.js";
import { pass, readBytes } from "./bytes.js";
import type { Watch } from "./watch.js";

/** bytes; larger than any body that the API takes */
const MAX_REQUEST = 16 * 1024 * 1024;

/** What the middleware needs to know of a call, and what it brings back. */
interface Exchange {
  /** With its `?`; as the caller sent it. */
  readonly search: string;
  readonly body: Uint8Array<ArrayBuffer>;
  /** Put on here, as a call without a body of its own has no use for it. */
  readonly contentType: string | undefined;
  /** An unsuccessful answer, whole: the client reads it for its error, the caller gets it as it is. */
  refused?: { readonly response: Response; readonly bytes: Uint8Array };
}

type Untyped = (path: string, init: object) => Promise<CallResult<unknown>>;

/**
 * Serves calls: each request becomes one call of the client, with its token, signature, idempotency key and retries, and
 * the answer goes back as it came.
 */
export function createCallHandler(parts: {
  readonly client: UpvestClientOptions;
  readonly watch: Watch;
  readonly put: (entry: Entry) => void;
  /** The proxy's own address. */
  readonly url: () => string;
}): {
  readonly client: UpvestClient;
  readonly serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
} {
  const { watch, put, url } = parts;
  const { clientId } = parts.client;
  const client = createUpvestClient({ ...parts.client, fetch: watch.fetch });
  const exchanges = new AsyncLocalStorage<Exchange>();
  let count = 0;

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
      return new Response(bytes, { status, headers });
    },
  });

  /** Makes the call; gives the answer, its body not yet read where it is a success. */
  const call = async (
    { operation, values }: Matched,
    headers: Readonly<Record<string, string>>,
    exchange: Exchange,
    signal: AbortSignal,
  ): Promise<{ readonly result: CallResult<unknown>; readonly body: AsyncIterable<Uint8Array> }> => {
    const method = client[operation.method] as Untyped;
    const init = { params: { path: values }, headers, parseAs: "stream", signal };
    const result = await exchanges.run(exchange, () => method(operation.path, init));
    const whole = exchange.refused?.bytes;
    const stream = result.data as (AsyncIterable<Uint8Array> & ReadableStream) | null | undefined;
    return { result, body: whole === undefined ? (stream ?? from([])) : from([whole]) };
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "GET", url: target = "/" } = request;
    const at = Date.now();
    let entry: Entry = {
      id: `call-${(count += 1)}`,
      kind: "call",
      at,
      method,
      target,
      status: "pending",
      attempts: [],
    };
    const update = (more: Partial<Entry>): void => {
      entry = { ...entry, ...more };
      put(entry);
    };
    const refuse = (told: ProxyProblem, more: Partial<Entry> = {}): void => {
      const body = problemBody(told);
      const headers = {
        "content-type": "application/problem+json",
        "content-length": String(Buffer.byteLength(body)),
      };
      if (!response.headersSent) response.writeHead(told.status, { ...headers, ...told.headers, via: VIA });
      response.end(body);
      const notes = [`Answered by the proxy: ${told.detail}`];
      update({
        status: told.status,
        ms: Date.now() - at,
        ...more,
        notes: [...(entry.notes ?? []), ...notes],
      });
    };

    const fault = foreign(request);
    if (fault !== undefined) {
      refuse(
        refusal(
          403,
          "foreign_request",
          "Refused",
          `This proxy acts for you, so it serves this machine only: ${fault}.`,
        ),
      );
      return;
    }
    const mark = target.indexOf("?");
    const matched = matchOperation(method, mark < 0 ? target : target.slice(0, mark));
    if (!("operation" in matched)) return refuse(matched);
    const { operation } = matched;
    update({ operation: operation.id });
    const headers = readHeaders(request, operation, clientId);
    if (!("passed" in headers)) return refuse(headers);
    const body = await readBytes(request, MAX_REQUEST);
    if (body === undefined) {
      return refuse(
        refusal(413, "too_large", "Too large", `The body has more than ${MAX_REQUEST} bytes.`, {
          connection: "close",
        }),
      );
    }
    if (method === "GET" && body.length > 0) {
      return refuse(
        refusal(400, "bad_request", "The request cannot be sent", "A GET has no body: leave it out."),
      );
    }
    const kept = bodyText(body, body.length, headers.passed["content-type"]);
    update({
      notes:
        headers.dropped.length === 0
          ? []
          : [`Not passed on: ${headers.dropped.join(", ")}. The client sets its own.`],
      curl: curlOf({ method, target, headers: Object.entries(headers.passed), body: kept }, url(), true),
    });

    const gone = new AbortController();
    // A write is let go on: stopped half-way, nobody would know what became of it. Here its end can still be seen.
    if (method === "GET") response.on("close", () => gone.abort());
    const exchange: Exchange = {
      search: mark < 0 ? "" : target.slice(mark),
      body,
      contentType: headers.passed["content-type"],
    };
    let attempts: readonly Attempt[] = [];
    let last: Partial<Attempt> = {};
    /** The network tells of the attempts, also after the answer; how the last one ended is known here. */
    const seen = (): readonly Attempt[] =>
      attempts.map((each, index) => (index === attempts.length - 1 ? { ...each, ...last } : each));
    try {
      const { result, body: answer } = await watch.run(
        (told) => {
          attempts = told;
          update({ attempts: seen() });
        },
        () => call(matched, headers.passed, exchange, gone.signal),
      );
      const { error, idempotencyKey } = result;
      // The refusal is not of this call: there was no token to send it with.
      if (error !== undefined && exchange.refused === undefined) throw error;
      const source = exchange.refused?.response ?? result.response;
      const key = idempotencyKey === undefined ? {} : { "upvest-client-idempotency-key": idempotencyKey };
      response.writeHead(source.status, {
        ...answerHeaders(source.headers),
        "upvest-client-operation": operation.id,
        "upvest-client-attempts": String(result.attempts),
        ...key,
        via: VIA,
      });
      const shown = await pass(answer, response);
      last = {
        answer: messageView(source.headers, shown.beginning, shown.size),
        problem: source.ok ? undefined : problemFacts(new TextDecoder().decode(shown.beginning)),
      };
      update({
        status: source.status,
        ms: Date.now() - at,
        facts: idempotencyKey === undefined ? [] : [["idempotency key", idempotencyKey]],
        ...(error?.status === 401 && { explanation: error.explain() }),
        attempts: seen(),
      });
    } catch (error) {
      if (gone.signal.aborted) {
        update({
          status: "dropped",
          ms: Date.now() - at,
          notes: [...(entry.notes ?? []), "The caller hung up."],
        });
        return;
      }
      if (response.headersSent) {
        response.destroy();
        update({
          status: "failed",
          ms: Date.now() - at,
          notes: [...(entry.notes ?? []), "The answer broke off."],
        });
        return;
      }
      refuse(problemOfError(error));
    }
  };
  return { client, serve };
}

const VIA = "1.1 upvest-client";

async function* from(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { UpvestUnknownOutcomeError, type UpvestClient, type UpvestClientOptions } from "upvest-client";
import { withoutSlash } from "../near-operations.js";
import { curlOf } from "../inspector/curl.js";
import { isTry, type Attempt, type Entry, type Fact } from "../inspector/entry.js";
import { foreign } from "../inspector/guard.js";
import { messageView, problemFacts } from "../inspector/message-view.js";
import { isWrite, leavesDoubt } from "../pipeline/outcome.js";
import { answerHeaders, readHeaders } from "./headers.js";
import { matchOperation } from "./match.js";
import { outcomeOf, problemBody, problemOfError, refusal, type ProxyProblem } from "./problem.js";
import { pass, readBytes } from "./bytes.js";
import { createRelay, type Exchange } from "./relay.js";
import type { Watch } from "./watch.js";

/** bytes; larger than any body that the API takes */
const MAX_REQUEST = 16 * 1024 * 1024;

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
  /** Aborted when the proxy closes: then what is in flight is answered at once. */
  readonly closing: AbortSignal;
}): {
  readonly client: UpvestClient;
  readonly serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
} {
  const { watch, put, url, closing } = parts;
  const { clientId } = parts.client;
  const { client, call } = createRelay({ ...parts.client, fetch: watch.fetch });
  let count = 0;

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
    let key: string | undefined;
    /** What the proxy adds to an answer, as far as it is known by then. */
    const ownHeaders = (tries: number): Record<string, string> => ({
      ...(entry.operation !== undefined && { "upvest-client-operation": entry.operation }),
      "upvest-client-attempts": String(tries),
      ...(key !== undefined && { "upvest-client-idempotency-key": key }),
      via: VIA,
    });
    const refuse = (told: ProxyProblem): void => {
      const body = problemBody(told);
      const tries = entry.attempts.filter(isTry).length;
      response.writeHead(told.status, {
        "content-type": "application/problem+json",
        "content-length": String(Buffer.byteLength(body)),
        ...told.headers,
        ...ownHeaders(tries),
      });
      response.end(body);
      update({
        status: told.status,
        ms: Date.now() - at,
        outcome: outcomeOf(told, tries),
        notes: [...(entry.notes ?? []), `Answered by the proxy: ${told.detail}`],
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
    const path = mark < 0 ? target : target.slice(0, mark);
    const matched = matchOperation(method, path);
    if (!("operation" in matched)) return refuse(matched);
    const { operation } = matched;
    update({ operation: operation.id });
    const headers = readHeaders(request, operation, clientId);
    if (!("passed" in headers)) return refuse(headers);
    const body = await readBytes(request, MAX_REQUEST).catch((error: unknown) => {
      const reason = "the caller hung up before its body was there";
      update({ status: "dropped", ms: Date.now() - at, outcome: { kind: "not sent", reason } });
      throw error;
    });
    if (closing.aborted) return refuse(closed(0));
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
    // Made here and not by the client: whatever becomes of the call, its key can be told.
    if (operation.idempotencyKey) key = headers.passed["idempotency-key"] ?? randomUUID();
    const passed: Readonly<Record<string, string>> = {
      ...headers.passed,
      ...(key !== undefined && { "idempotency-key": key }),
    };
    const keyFacts: readonly Fact[] = key === undefined ? [] : [["idempotency key", key]];
    update({
      facts: keyFacts,
      notes: notesOf(path, headers.dropped),
      curl: curlOf({ method, target, headers: Object.entries(passed), body }, url()),
    });

    const gone = new AbortController();
    const close = (): void => {
      if (!response.headersSent) gone.abort(CLOSED);
      else if (!response.writableEnded) response.destroy();
    };
    closing.addEventListener("abort", close);
    // A write is let go on: stopped half-way, nobody would know what became of it. Here its end can still be seen.
    if (method === "GET") response.on("close", () => gone.abort());
    const exchange: Exchange = {
      search: mark < 0 ? "" : target.slice(mark),
      body,
      contentType: passed["content-type"],
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
        () => call(matched, passed, exchange, gone.signal),
      );
      // The refusal is not of this call: there was no token to send it with.
      if (result.error !== undefined && exchange.refused === undefined) throw result.error;
      const source = exchange.refused?.response ?? result.response;
      response.writeHead(source.status, {
        ...answerHeaders(source.headers),
        ...ownHeaders(result.attempts),
      });
      const shown = await pass(answer, response);
      last = {
        answer: messageView(source.headers, shown.beginning, shown.size),
        problem: source.ok ? undefined : problemFacts(new TextDecoder().decode(shown.beginning)),
      };
      update({
        status: source.status,
        ms: Date.now() - at,
        ...(result.error?.status === 401 && { explanation: result.error.explain() }),
        attempts: seen(),
      });
    } catch (error) {
      if (gone.signal.reason === CLOSED) {
        const tries = attempts.filter(isTry);
        const inDoubt = isWrite({ operation }) && tries.some(mayHaveArrived);
        const context = {
          operationId: operation.id,
          operation: `${operation.method} ${operation.path}`,
          idempotencyKey: key,
          attempts: tries.length,
        };
        refuse(
          inDoubt ? problemOfError(new UpvestUnknownOutcomeError(context, CLOSED)) : closed(tries.length),
        );
        return;
      }
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
    } finally {
      closing.removeEventListener("abort", close);
    }
  };
  return { client, serve };
}

/** The reason that a call in flight ends with when the proxy closes. */
const CLOSED = new Error("the proxy was closed before an answer came");

const closed = (tries: number): ProxyProblem =>
  refusal(
    503,
    "closed",
    "The proxy was closed",
    `The proxy was closed before an answer came${tries === 0 ? ", and before the call was sent" : ""}.`,
  );

/** Whether an attempt may have taken effect, going by what is known of it when the call is ended. */
const mayHaveArrived = ({ status }: Attempt): boolean => typeof status !== "number" || leavesDoubt(status);

const notesOf = (path: string, dropped: readonly string[]): readonly string[] => [
  ...(path === withoutSlash(path)
    ? []
    : ["Sent without the slash at the end of its path: no path of the description has one."]),
  ...(dropped.length === 0 ? [] : [`Not passed on: ${dropped.join(", ")}. The client sets its own.`]),
];

const VIA = "1.1 upvest-client";

import { demand, hasFunctions } from "./given.js";
import { parsedError } from "./message.js";
import type { DeliveryHeaders, RawBody } from "./message.js";
import { demandHandler } from "./once.js";
import type { WebhookHandler } from "./once.js";
import type { WebhookReceiver } from "./receiver.js";
import { collect, isBytes } from "./stream.js";

/** What is used of a request: `IncomingMessage` of node:http, and the requests of Express and its kin. */
export interface NodeRequest extends AsyncIterable<unknown> {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Express: the path before a router was mounted away from it. It is what was signed. */
  readonly originalUrl?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly rawHeaders?: readonly string[] | undefined;
  readonly readableDidRead?: boolean | undefined;
  /** Set by body parsers: bytes or text are taken as they are. */
  readonly body?: unknown;
  /** Set by some platforms beside the parsed body. */
  readonly rawBody?: unknown;
}

/** What is used of a response: `ServerResponse` of node:http. */
export interface NodeResponse {
  readonly destroyed?: boolean;
  readonly headersSent?: boolean;
  /** As `http.ServerResponse` has it. */
  writeHead(status: number, headers: Record<string, string>): unknown;
  /** As `http.ServerResponse` has it. */
  end(body?: string): unknown;
}

/**
 * A request listener for `http.createServer` and a route handler for Express. It needs the raw body: either nothing
 * has read it yet, or it lies as bytes or text in `req.rawBody` or `req.body`. When a parser got there first, the
 * answer is 500 and the receiver's `onError` gets an UpvestConfigError that says what to change.
 *
 * @throws UpvestConfigError for a receiver or a handler that is none
 */
export function toNodeHandler(
  receiver: Pick<WebhookReceiver, "receive">,
  onEvent: WebhookHandler,
): (request: NodeRequest, response: NodeResponse) => void {
  demand(hasFunctions(receiver, "receive"), "the receiver", "what createWebhookReceiver gives", receiver);
  demandHandler(onEvent);
  const respond = async (request: NodeRequest, response: NodeResponse): Promise<void> => {
    const { method = "", url = "", originalUrl: path = url } = request;
    const body = (limit: number): Promise<RawBody> => readNodeBody(request, limit);
    const answer = await receiver.receive({ method, path, headers: headersOf(request), body }, onEvent);
    // The sender may have left, or a time-out of the framework's may have answered.
    if (response.destroyed === true || response.headersSent === true) return;
    const { status, headers } = answer;
    // The rest of a body that is too large is not worth reading.
    response.writeHead(status, status === 413 ? { ...headers, connection: "close" } : { ...headers });
    response.end(answer.body);
  };
  return (request, response) => void respond(request, response);
}

/** The headers as they came: `headers` has dropped repeated ones, which would hide a forged second digest. */
const headersOf = ({ headers, rawHeaders = [] }: NodeRequest): DeliveryHeaders =>
  rawHeaders.length === 0
    ? headers
    : rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ""] as const] : []));

async function readNodeBody(request: NodeRequest, limit: number): Promise<RawBody> {
  const { rawBody, body, readableDidRead = body !== undefined, headers } = request;
  for (const raw of [rawBody, body]) if (typeof raw === "string" || isBytes(raw)) return raw;
  // A parser that did not feel responsible leaves an empty object behind, and the stream as it was.
  if (readableDidRead) throw parsedError("was read and parsed before");
  const chunks = request[Symbol.asyncIterator]();
  return collect(() => chunks.next(), headers["content-length"], limit);
}

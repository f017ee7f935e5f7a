import { UpvestConfigError } from "../base-errors.js";
import { parsedAdvice } from "./message.js";
import type { DeliveryHeaders, RawBody } from "./message.js";
import type { WebhookHandler } from "./once.js";
import type { WebhookReceiver } from "./receiver.js";
import { collect, requireLength } from "./stream.js";

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
 */
export function toNodeHandler(
  receiver: Pick<WebhookReceiver, "receive">,
  onEvent: WebhookHandler,
): (request: NodeRequest, response: NodeResponse) => void {
  const respond = async (request: NodeRequest, response: NodeResponse): Promise<void> => {
    const { method = "", url = "", originalUrl = url } = request;
    const { status, headers, body } = await receiver.receive(
      {
        method,
        path: originalUrl,
        headers: headersOf(request),
        body: (limit) => readNodeBody(request, limit),
      },
      onEvent,
    );
    // The rest of a body that is too large is not worth reading.
    const closing = status === 413 ? { connection: "close" } : {};
    // The sender may have left, or a time-out of the framework's may have answered.
    if (response.destroyed === true || response.headersSent === true) return;
    response.writeHead(status, { ...headers, ...closing });
    response.end(body);
  };
  return (request, response) => {
    void respond(request, response);
  };
}

/** The headers as they came: `headers` has dropped repeated ones, which would hide a forged second digest. */
function headersOf({ headers, rawHeaders = [] }: NodeRequest): DeliveryHeaders {
  if (rawHeaders.length === 0) return headers;
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    pairs.push([rawHeaders[at] ?? "", rawHeaders[at + 1] ?? ""]);
  }
  return pairs;
}

async function readNodeBody(request: NodeRequest, limit: number): Promise<RawBody> {
  const { rawBody, body, readableDidRead = body !== undefined } = request;
  if (isRaw(rawBody)) return rawBody;
  if (isRaw(body)) return body;
  // A parser that did not feel responsible leaves an empty object behind, and the stream as it was.
  if (readableDidRead) {
    throw new UpvestConfigError(`The body of this request was read and parsed before. ${parsedAdvice}`);
  }
  const [length] = [request.headers["content-length"]].flat();
  requireLength(length, limit);
  const chunks = request[Symbol.asyncIterator]();
  return collect(async () => {
    const { done, value } = await chunks.next();
    if (done === true) return undefined;
    return isRaw(value) && typeof value !== "string" ? value : refuseText();
  }, limit);
}

const isRaw = (body: unknown): body is Uint8Array | string =>
  typeof body === "string" || ArrayBuffer.isView(body);

function refuseText(): never {
  throw new UpvestConfigError(
    "The request gives its body as text (setEncoding was called): bytes that are no UTF-8 are lost that way. Remove the call.",
  );
}

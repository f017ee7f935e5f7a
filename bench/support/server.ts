/**
 * The smallest server that a signed client can talk to, in a process of its own. It asks for the signature headers and looks
 * at none of them closely: what is measured is the caller.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { texts } from "./fixtures.js";
import { pageAt } from "./pages.js";

/** ms before each answer to a call, and items in the collection. */
const [latency = 0, total = 0] = process.argv.slice(2).map(Number);

const server = createServer((request, response) => {
  request.on("end", () => {
    if (latency > 0 && request.url !== "/auth/token") setTimeout(() => answer(request, response), latency);
    else answer(request, response);
  });
  request.resume();
});

function answer({ url = "", headers }: IncomingMessage, response: ServerResponse): void {
  const isToken = url === "/auth/token";
  const signed = "signature" in headers && "signature-input" in headers;
  if (!signed || headers["upvest-signature-version"] !== "15" || !(isToken || "authorization" in headers)) {
    send(response, 401, '{"type":"https://docs.upvest.co/errors/unauthorized","status":401}');
  } else if (isToken) send(response, 200, texts.token);
  else if (url === "/orders") send(response, 200, texts.placed);
  else if (url.startsWith("/accounts?")) send(response, 200, pageAt(url, total));
  else send(response, 200, texts.account);
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
// Without the process that wants it there is nothing to serve.
process.on("disconnect", () => process.exit());

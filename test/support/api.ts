import { generateKeyPairSync } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { UpvestClientOptions } from "../../src/options.js";

/** One request as it came over the wire. */
export interface Received {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: unknown;
  /** Cuts the connection: before any answer, or after half of the body. */
  readonly cut?: "before" | "half";
}

export type Responder = (request: Received, nth: number) => Answer | Promise<Answer>;

/** A scripted HTTP server on loopback. It verifies nothing: what it is for is to answer in chosen ways. */
export interface TestApi {
  readonly url: string;
  /** API calls, token requests left out. */
  readonly calls: Received[];
  readonly tokenRequests: Received[];
  readonly options: UpvestClientOptions;
}

const { privateKey } = generateKeyPairSync("ed25519");
export const testKey = {
  keyId: "8d4997a8-cf7a-4e51-adbb-401656a3e5c2",
  privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
};

export const json = (
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({
  status,
  body,
  headers: { "content-type": "application/json", ...headers },
});

export const problem = (
  status: number,
  type: string,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({
  status,
  body: { type: `https://docs.upvest.co/errors/${type}`, status, title: type },
  headers: { "content-type": "application/problem+json", ...headers },
});

/** Grants what is asked for, as `token-1`, `token-2`, ... */
export const grant =
  (expiresIn = 1800): Responder =>
  (request, nth) =>
    json({
      access_token: `ory_at_token-${nth + 1}`,
      expires_in: expiresIn,
      token_type: "bearer",
      scope: new URLSearchParams(request.body).get("scope"),
    });

/** Starts a server that lives as long as the test that asks for it. */
export async function startApi(respond: Responder, issueToken: Responder = grant()): Promise<TestApi> {
  const calls: Received[] = [];
  const tokenRequests: Received[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const received: Received = {
      method: incoming.method ?? "",
      url: incoming.url ?? "",
      headers: incoming.headers,
      rawHeaders: incoming.rawHeaders,
      body: Buffer.concat(chunks).toString(),
    };
    const isToken = received.url === "/auth/token";
    const list = isToken ? tokenRequests : calls;
    list.push(received);
    send(outgoing, await (isToken ? issueToken : respond)(received, list.length - 1));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = {
    baseUrl: url,
    clientId: "ebabcf4d-61c3-4942-875c-e265a7c2d062",
    clientSecret: "canary-client-secret",
    signingKey: testKey,
    retry: { baseDelay: 1, maxDelay: 1 },
  };
  return { url, calls, tokenRequests, options };
}

function send(outgoing: ServerResponse, { status = 200, headers = {}, body, cut }: Answer): void {
  if (cut === "before") {
    outgoing.destroy();
    return;
  }
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const bytes = Buffer.from(text);
  outgoing.writeHead(status, { "content-length": String(bytes.length), ...headers });
  if (cut === "half") {
    outgoing.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => outgoing.destroy());
    return;
  }
  outgoing.end(bytes);
}

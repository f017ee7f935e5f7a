import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { UpvestConfigError } from "../../src/index.js";
import { createWebhookReceiver, toNodeHandler, WebhookVerificationError } from "../../src/webhooks/index.js";
import {
  anEvent,
  batch,
  clock,
  deliver,
  now,
  p521,
  publicKeys,
  withHeaders,
  type TestDelivery,
} from "./support.js";

interface Heard {
  readonly handled: string[];
  readonly errors: unknown[];
}

type Before = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** A server on loopback whose middleware runs before our handler, as Express would have it. */
async function listen(
  before: Before = () => undefined,
  maxBodySize = 100_000,
): Promise<Heard & { url: string }> {
  const handled: string[] = [];
  const errors: unknown[] = [];
  const receiver = createWebhookReceiver({
    keys: publicKeys,
    clock,
    maxBodySize,
    onError: (error) => errors.push(error),
  });
  const handler = toNodeHandler(receiver, ({ id }) => handled.push(id));
  const server = createServer(async (request, response) => {
    await before(request, response);
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, handled, errors };
}

/** Sends with node:http, which leaves headers and path as they are. */
function send(
  url: string,
  { method, path, headers, body }: Omit<TestDelivery, "headers"> & { readonly headers: OutgoingHttpHeaders },
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { method, path, headers }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe("over HTTP", () => {
  it("takes deliveries", async () => {
    const { url, handled } = await listen();
    expect(await send(url, deliver({ body: batch(anEvent(1), anEvent(2)) }))).toEqual({
      status: 200,
      body: "",
    });
    expect(await send(url, deliver({ key: p521, body: batch(anEvent(2), anEvent(3)) }))).toMatchObject({
      status: 200,
    });
    expect(handled).toEqual([anEvent(1).id, anEvent(2).id, anEvent(3).id]);
  });

  it("refuses what is forged", async () => {
    const { url, handled, errors } = await listen();
    const { status, body } = await send(url, withHeaders(deliver(), { "content-type": "text/plain" }));
    expect([status, JSON.parse(body)]).toEqual([401, expect.objectContaining({ reason: "bad_signature" })]);
    expect(handled).toEqual([]);
    expect(errors).toEqual([expect.any(WebhookVerificationError)]);
  });

  it("sees a header that was sent twice", async () => {
    const { url } = await listen();
    const { headers, ...rest } = deliver();
    const doubled = { ...headers, "content-type": ["application/json", "text/plain"] };
    // Node's own `headers` would show the first only.
    const { body } = await send(url, { ...rest, headers: doubled });
    expect(JSON.parse(body)).toMatchObject({ reason: "bad_signature" });
  });

  it("answers other methods with 405", async () => {
    const { url } = await listen();
    expect(await send(url, { method: "GET", path: "/hooks", headers: {}, body: "" })).toMatchObject({
      status: 405,
    });
  });

  it("does not take in more than it must", async () => {
    const { url } = await listen();
    const large = deliver({ body: "x".repeat(200_000) });
    expect(await send(url, large)).toMatchObject({ status: 413 });
    const chunked = withHeaders(large, { "content-length": undefined, "transfer-encoding": "chunked" });
    expect(await send(url, chunked)).toMatchObject({ status: 413 });
  });

  it.each([
    ["who names no key of ours", deliver({ keyid: "of-nobody" }), "unknown_key"],
    ["whose signature is old", deliver({ created: now - 301, expires: now + 60 }), "stale"],
    [
      "whose signature cannot be read",
      withHeaders(deliver(), { signature: "sig1=?" }),
      "malformed_signature",
    ],
  ])("waits for no body of a sender %s", async (_, { method, path, headers }, reason) => {
    const { url, handled } = await listen();
    const text = await new Promise<string>((resolve, reject) => {
      const sent = httpRequest(url, { method, path, headers: { ...headers, "content-length": "90000" } });
      onTestFinished(() => void sent.destroy());
      sent.on("response", async (response) => {
        const [chunk] = await response.take(1).toArray();
        resolve(String(chunk));
      });
      sent.on("error", reject);
      // The rest never comes.
      sent.write("{");
    });
    expect([JSON.parse(text), handled]).toEqual([expect.objectContaining({ reason }), []]);
  });

  it("takes a delivery that a proxy passed on in chunks, and dropped the signed content-length of", async () => {
    const { url, handled } = await listen();
    const chunked = { "content-length": undefined, "transfer-encoding": "chunked" };
    const delivery = withHeaders(deliver({ body: batch(anEvent(1)) }), chunked);
    expect(delivery.headers["signature-input"]).toContain('"content-length"');
    expect(await send(url, delivery)).toMatchObject({ status: 200 });
    // Signed for another length, it does not fit.
    const wrong = withHeaders(deliver({ headers: { "content-length": "7" } }), chunked);
    expect(await send(url, wrong)).toMatchObject({ status: 401 });
    expect(handled).toEqual([anEvent(1).id]);
  });

  it("survives a sender that leaves in the middle", async () => {
    const { url, handled, errors } = await listen();
    const { method, path, headers, body } = deliver();
    await new Promise<void>((resolve) => {
      const sent = httpRequest(url, { method, path, headers: { ...headers, "content-length": "1000" } });
      sent.on("error", () => resolve());
      sent.write(body, () => sent.destroy());
      sent.on("close", () => resolve());
    });
    expect(await send(url, deliver())).toMatchObject({ status: 200 });
    expect(handled).toHaveLength(1);
    expect(errors.every((error) => error instanceof Error)).toBe(true);
  });
});

describe("behind middleware", () => {
  it.each([
    ["express.raw", async (request: IncomingMessage) => ({ body: await read(request) })],
    ["express.text", async (request: IncomingMessage) => ({ body: (await read(request)).toString() })],
    [
      "a platform that keeps rawBody",
      async (request: IncomingMessage) => {
        const rawBody = await read(request);
        return { rawBody, body: JSON.parse(rawBody.toString()) as unknown };
      },
    ],
    ["a parser that did not feel responsible", () => ({ body: {} })],
    ["a router that cut the path", (request: IncomingMessage) => ({ originalUrl: request.url, url: "/" })],
  ])("%s", async (_, middleware) => {
    const { url, handled, errors } = await listen(async (request) => {
      Object.assign(request, await middleware(request));
    });
    expect(await send(url, deliver())).toMatchObject({ status: 200 });
    expect(handled).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  it("that parsed the body: 500, and onError hears what to do", async () => {
    const { url, handled, errors } = await listen(async (request) => {
      Object.assign(request, { body: JSON.parse((await read(request)).toString()) as unknown });
    });
    const { status, body } = await send(url, deliver());
    expect([status, JSON.parse(body)]).toEqual([500, expect.objectContaining({ reason: "misconfigured" })]);
    expect(handled).toEqual([]);
    expect(errors).toEqual([expect.any(UpvestConfigError)]);
    expect(String(errors[0])).toMatch(/parsed before.*express\.raw/s);
  });

  it("that decodes the bytes", async () => {
    const { url, errors } = await listen((request) => {
      request.setEncoding("latin1");
    });
    expect(await send(url, deliver())).toMatchObject({ status: 500 });
    expect(String(errors[0])).toContain("setEncoding");
  });

  it("that answered already", async () => {
    const { url } = await listen((_, response) => {
      response.writeHead(503).end();
    });
    expect(await send(url, deliver())).toMatchObject({ status: 503 });
  });
});

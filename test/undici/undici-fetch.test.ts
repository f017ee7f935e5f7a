import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSocketServer, type AddressInfo } from "node:net";
import { Agent } from "undici";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  createUpvestClient,
  UpvestConfigError,
  UpvestConnectionError,
  UpvestTimeoutError,
  UpvestUnknownOutcomeError,
} from "upvest-client";
import { startSandbox } from "upvest-client/sandbox";
import { undiciFetch } from "upvest-client/undici";
import { json, startApi, testKey } from "../support/api.js";
import { freePort } from "../support/free-port.js";

const id = "ad45b27f-c0e7-4cfb-b48c-a83670dbdfbd";
const path = { account_id: id };
const account = { user_id: id, account_group_id: id, type: "TRADING" } as const;

it("has no option but dispatcher: under another name a proxy would be left out", () => {
  const make = (options: object): unknown => undiciFetch(options);
  expect(() => make({ dispatchr: new Agent() })).toThrow(UpvestConfigError);
  expect(() => make({ dispatcher: undefined, other: undefined })).not.toThrow();
});

/** A server of Node's that answers as the test likes, whatever is asked. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const exchange = (url: string, init: RequestInit = {}): Promise<Response> =>
  undiciFetch()(url, { redirect: "manual", ...init });

describe("as the client's fetch", () => {
  it("its calls are verified by the sandbox, pages and writes among them", async () => {
    const sandbox = await startSandbox({ strict: true, collections: { list_accounts: 250 } });
    onTestFinished(sandbox.close);
    const dispatcher = new Agent({ connections: 4 });
    onTestFinished(() => dispatcher.close());
    const client = createUpvestClient({
      baseUrl: sandbox.url,
      ...sandbox.credentials,
      fetch: undiciFetch({ dispatcher }),
    });
    expect(await client.paginate("/accounts", { concurrency: 3 }).toArray({ max: 1_000 })).toHaveLength(250);
    const { data } = await client.POST("/accounts", { body: account });
    expect(data).toHaveProperty("id");
    expect(sandbox.requests.every(({ signature }) => signature?.verified === true)).toBe(true);
    expect(sandbox.effects("create_account")).toBe(1);
  });

  it("an answer that is cut off leaves a write open, and is tried again under its key", async () => {
    let calls = 0;
    const api = await startApi(() => {
      calls += 1;
      return calls < 3
        ? { ...json({ long: "x".repeat(4_000) }), cut: calls === 1 ? "before" : "half" }
        : json({ id });
    });
    const client = createUpvestClient({ ...api.options, fetch: undiciFetch() });
    const { attempts, idempotencyKey } = await client.POST("/accounts", {
      body: account,
    });
    expect(attempts).toBe(3);
    expect(api.calls.map(({ headers }) => headers["idempotency-key"])).toEqual(Array(3).fill(idempotencyKey));
    calls = 0;
    const lost = client.PATCH("/accounts/{account_id}", {
      params: { path },
      body: { name: "x" },
      retry: false,
    });
    await expect(lost).rejects.toBeInstanceOf(UpvestUnknownOutcomeError);
  });

  it("a connection that cannot be made is told as one that never was", async () => {
    const client = createUpvestClient({
      baseUrl: `http://127.0.0.1:${await freePort()}`,
      clientId: "c",
      clientSecret: "canary-client-secret",
      signingKey: testKey,
      fetch: undiciFetch(),
      retry: false,
    });
    const error: unknown = await client.GET("/accounts").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UpvestConnectionError);
    expect(error).toMatchObject({ code: "ECONNREFUSED", mayHaveArrived: false });
  });

  it("ends an attempt that takes too long, and a call that its caller leaves", async () => {
    const hung = await serve(() => undefined);
    const client = createUpvestClient({
      baseUrl: hung,
      clientId: "c",
      clientSecret: "canary-client-secret",
      signingKey: testKey,
      fetch: undiciFetch(),
      retry: false,
    });
    await expect(client.GET("/accounts", { timeout: 20 })).rejects.toBeInstanceOf(UpvestTimeoutError);
    const left = exchange(hung, {
      signal: AbortSignal.abort(
        new UpvestTimeoutError(
          { operation: "GET /", operationId: "x", attempts: 0 },
          { limit: "timeout", milliseconds: 1 },
        ),
      ),
    });
    await expect(left).rejects.toBeInstanceOf(UpvestTimeoutError);
  });

  it("keeps maxResponseSize, of answers in memory and of long ones", async () => {
    const api = await startApi(({ url }) =>
      json({ long: "x".repeat(url.endsWith("long") ? 3_000_000 : 3_000) }),
    );
    const client = createUpvestClient({ ...api.options, fetch: undiciFetch(), maxResponseSize: 2_000 });
    for (const account_id of ["short", "long"]) {
      const { error } = await client.GET("/accounts/{account_id}", { params: { path: { account_id } } });
      expect(error?.code).toBe("response_too_large");
    }
  });

  it("hands a long answer on as it comes", async () => {
    const bytes = Buffer.alloc(3_000_000, "ab");
    const api = await startApi(() => json(bytes.toString()));
    const client = createUpvestClient({ ...api.options, fetch: undiciFetch() });
    const { data } = await client.GET("/accounts/{account_id}", { params: { path }, parseAs: "stream" });
    expect(Buffer.from(await new Response(data ?? null).arrayBuffer()).equals(bytes)).toBe(true);
  });

  it("a long answer that is left ends its exchange, though the server says nothing more", async () => {
    const bytes = Buffer.alloc(3_000_000, "ab");
    let closed: Promise<unknown> | undefined;
    const stalling = await serve((_, response) => {
      closed = once(response, "close");
      response.write(bytes);
    });
    const reader = (await exchange(stalling)).body?.getReader();
    for (let size = 0; size < bytes.length; size += (await reader?.read())?.value?.byteLength ?? 0);
    const waiting = reader?.read();
    // Until the next chunk is really asked for.
    await new Promise(setImmediate);
    await reader?.cancel();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await closed;
  });

  it("shows middleware a Response as any other", async () => {
    const api = await startApi(() => json({ id, name: "Depot" }));
    const client = createUpvestClient({ ...api.options, fetch: undiciFetch() });
    const seen: unknown[] = [];
    client.use({
      async onResponse({ response }) {
        seen.push(await response.clone().json());
      },
    });
    const { data } = await client.GET("/accounts/{account_id}", { params: { path } });
    expect(seen).toEqual([{ id, name: "Depot" }]);
    expect(data).toEqual(seen[0]);
  });
});

describe("on its own", () => {
  it("gives what fetch gives: status, reason, headers, repeated ones too, and the body in every form", async () => {
    const url = await serve((request, response) => {
      response.writeHead(201, "Made", { "content-type": "text/plain", "set-cookie": ["a=1", "b=2"] });
      request.pipe(response);
    });
    const init = { method: "POST", body: "grün", headers: [["x-a", "1"]] satisfies [string, string][] };
    for (const read of ["text", "arrayBuffer", "blob"] as const) {
      const [ours, theirs] = await Promise.all([
        exchange(url, init),
        fetch(url, { ...init, redirect: "manual" }),
      ]);
      expect(ours.status).toBe(theirs.status);
      expect(ours.statusText).toBe("Made");
      expect(ours.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
      expect(ours.bodyUsed).toBe(false);
      expect(await ours[read]()).toEqual(await theirs[read]());
      expect(ours.bodyUsed).toBe(true);
    }
    expect(await (await exchange(url, { ...init, body: new TextEncoder().encode("bytes") })).text()).toBe(
      "bytes",
    );
  });

  it("an answer without a body has none", async () => {
    const url = await serve((_, response) => response.writeHead(204).end());
    const response = await exchange(url);
    expect(response.body).toBeNull();
    expect(await response.text()).toBe("");
  });

  it("follows no redirect", async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: "/elsewhere" }).end());
    expect((await exchange(url)).status).toBe(302);
    await expect(undiciFetch()(url)).rejects.toThrow('redirect: "manual"');
  });

  it("an odd reason phrase is left out, a status that HTTP does not have is a failure", async () => {
    const odd = createSocketServer((socket) => {
      socket.once("data", (request) => {
        const status = request.toString().startsWith("GET /999") ? "999 x" : "200 Жук";
        socket.end(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`);
      });
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => odd.once("listening", resolve));
    onTestFinished(async () => {
      await new Promise((resolve) => odd.close(resolve));
    });
    const url = `http://127.0.0.1:${(odd.address() as AddressInfo).port}`;
    await expect(exchange(`${url}/999`)).rejects.toBeInstanceOf(RangeError);
    expect(await exchange(`${url}/200`)).toMatchObject({ status: 200, statusText: "" });
  });

  it("refuses what it cannot send", async () => {
    const url = await serve((_, response) => response.end());
    await expect(undiciFetch()(new Request(url))).rejects.toThrow("not a Request");
    await expect(exchange(url, { method: "POST", body: new FormData() })).rejects.toThrow(
      "text or a Uint8Array",
    );
  });
});

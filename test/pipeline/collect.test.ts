import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  createUpvestClient,
  UpvestApiError,
  UpvestConnectionError,
  UpvestUnknownOutcomeError,
  type UpvestClient,
  type UpvestClientOptions,
} from "upvest-client";
import { testKey } from "../support/api.js";

const report = {
  type: "ORDER_EX_ANTE_COST",
  order: {
    user_id: "2dedfeb0-58cd-44f2-ae08-0e41fe0413d9",
    account_id: "debf2026-f2da-4ff0-bb84-92e45babb1e3",
    instrument_id: "US0378331005",
    instrument_id_type: "ISIN",
    side: "BUY",
    currency: "EUR",
    order_type: "MARKET",
    cash_amount: "10",
  },
} as const;

/** An operation that takes no idempotency key. */
const write = (client: UpvestClient) => client.POST("/reports", { body: report });

/** Answers that a well-behaved server library would not send, so nothing of it is helped along. */
async function setUp(respond: RequestListener, options: Partial<UpvestClientOptions> = {}) {
  let calls = 0;
  const server = createServer((request, response) => {
    // Or an answer would come before all of the request has.
    request.resume().on("end", () => {
      if (request.url !== "/auth/token") {
        calls += 1;
        respond(request, response);
        return;
      }
      const scope = "accounts:read reports:admin reports:create";
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ access_token: "t", expires_in: 1800, token_type: "bearer", scope }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const client = createUpvestClient({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clientId: "ebabcf4d-61c3-4942-875c-e265a7c2d062",
    clientSecret: "canary-client-secret",
    signingKey: testKey,
    retry: { baseDelay: 1, maxDelay: 1 },
    ...options,
  });
  return { client, calls: () => calls };
}

const page = JSON.stringify({ meta: { offset: 0, limit: 1, count: 0, total_count: 0 }, data: [] });

describe("an answer that the platform cannot hold", () => {
  it("a reason phrase in another alphabet changes nothing", async () => {
    const { client, calls } = await setUp((_, response) => {
      response.writeHead(200, "à la carte", { "content-type": "application/json" });
      response.end('{"id":"r-1"}');
    });
    expect(await write(client)).toMatchObject({ data: { id: "r-1" }, attempts: 1 });
    const { data } = await client.GET("/accounts", { parseAs: "stream" });
    expect(await new Response(data ?? null).text()).toBe('{"id":"r-1"}');
    expect(calls()).toBe(2);
  });

  it.each([600, 999])(
    "status %d is a lost answer: a write without a key is not sent again",
    async (status) => {
      const { client, calls } = await setUp((_, response) => void response.writeHead(status).end("{}"));
      await expect(write(client)).rejects.toBeInstanceOf(UpvestUnknownOutcomeError);
      expect(calls()).toBe(1);
      const read = client.GET("/accounts");
      await expect(read).rejects.toBeInstanceOf(UpvestConnectionError);
      await expect(read).rejects.toThrow(`status ${status}, which HTTP does not have`);
      expect(calls()).toBe(5);
    },
  );
});

describe("a body that nobody will read and that has failed already", () => {
  const failed = (status: number): Response => {
    const body = new ReadableStream({ start: (controller) => controller.error(new TypeError("terminated")) });
    return new Response(body, { status });
  };

  it.each([401, 429, 503])("does not get in the way of the next attempt: %d", async (status) => {
    let nth = 0;
    const failing: typeof fetch = async (input) => {
      if (String(input).endsWith("/auth/token")) {
        const token = { access_token: "t", expires_in: 1800, token_type: "bearer", scope: "accounts:read" };
        return Response.json(token);
      }
      nth += 1;
      return nth === 1 ? failed(status) : new Response(page);
    };
    const { client } = await setUp(() => undefined, { fetch: failing });
    expect(await client.GET("/accounts")).toMatchObject({ attempts: 2, data: { data: [] } });
  });
});

describe("an answer larger than maxResponseSize", () => {
  const MEGABYTE = 1_000_000;
  const limited = { maxResponseSize: MEGABYTE };
  const text = (bytes: number): string => JSON.stringify("x".repeat(bytes - 2));

  it("is read up to exactly that size", async () => {
    const { client } = await setUp((_, response) => void response.end(text(MEGABYTE)), limited);
    const { data } = await client.GET("/accounts", { parseAs: "text" });
    expect(data).toHaveLength(MEGABYTE);
  });

  it.each([
    ["of a known length", (response) => void response.end(text(MEGABYTE + 1))],
    [
      "without an end",
      (response) => {
        const piece = Buffer.alloc(64 * 1024, "[");
        const more = (): void => {
          while (!response.destroyed && response.write(piece));
          if (!response.destroyed) response.once("drain", more);
        };
        more();
      },
    ],
    [
      "that is small until it is unpacked",
      (response) => {
        response.writeHead(200, { "content-encoding": "gzip" });
        response.end(gzipSync(text(20 * MEGABYTE)));
      },
    ],
  ] satisfies [string, (response: Parameters<RequestListener>[1]) => void][])(
    "%s ends a read with an error that says so, and is not asked for again",
    async (_, respond) => {
      const { client, calls } = await setUp((_, response) => respond(response), limited);
      for (const parseAs of ["json", "text", "blob", "arrayBuffer"] as const) {
        const { error } = await client.GET("/accounts", { parseAs });
        expect(error).toBeInstanceOf(UpvestApiError);
        expect(error).toMatchObject({ status: 200, code: "response_too_large", attempts: 1 });
        expect(error?.message).toContain("larger than maxResponseSize, 1000000 bytes");
      }
      expect(calls()).toBe(4);
    },
  );

  it("leaves the outcome of a write unknown: the status may be anybody's", async () => {
    const { client, calls } = await setUp((_, response) => void response.end(text(2 * MEGABYTE)), limited);
    await expect(write(client)).rejects.toMatchObject({
      name: "UpvestUnknownOutcomeError",
      cause: { name: "UpvestApiError", status: 200, code: "response_too_large" },
    });
    expect(calls()).toBe(1);
  });

  it("is told by its status where that is a refusal", async () => {
    const { client } = await setUp(
      (_, response) => void response.writeHead(403).end(text(2 * MEGABYTE)),
      limited,
    );
    const { error } = await write(client);
    expect(error).toMatchObject({ status: 403, code: "forbidden" });
    expect(error?.message).toContain("larger than maxResponseSize");
  });

  it("is no matter where it is taken as a stream", async () => {
    const { client } = await setUp((_, response) => void response.end(text(3 * MEGABYTE)), limited);
    const { data } = await client.GET("/accounts", { parseAs: "stream" });
    expect((await new Response(data ?? null).text()).length).toBe(3 * MEGABYTE);
  });
});

describe("an answer taken as a stream", () => {
  it("that breaks off is a lost connection", async () => {
    const { client } = await setUp((_, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("half", () => response.destroy());
    });
    const { data } = await client.GET("/accounts", { parseAs: "stream" });
    const reader = data?.getReader();
    const read = async (): Promise<void> => {
      while ((await reader?.read())?.done === false);
    };
    await expect(read()).rejects.toBeInstanceOf(UpvestConnectionError);
  });

  it("ends with its signal also where all has come, and only the end is waited for", async () => {
    // Long enough for Node's fetch to hand it over in pieces: then it leaves a read that it interrupts there open for ever.
    const { client } = await setUp((_, response) => {
      response.writeHead(200, { "content-length": 300_000 });
      response.end("x".repeat(300_000));
    });
    const controller = new AbortController();
    const { data } = await client.GET("/accounts", { parseAs: "stream", signal: controller.signal });
    const reader = data?.getReader();
    for (let left = 300_000; left > 0;) left -= (await reader?.read())?.value?.byteLength ?? 0;
    controller.abort(new Error("enough"));
    // Whether the end was there before is a matter of the platform.
    const ended = await reader?.read().then(
      ({ done }) => done,
      () => true,
    );
    expect(ended).toBe(true);
  });

  it("that has no body is null, in other forms it is empty", async () => {
    const { client } = await setUp(
      (_, response) => void response.writeHead(200, { "content-length": "0" }).end(),
    );
    const take = async (parseAs: "stream" | "text" | "arrayBuffer" | "blob") =>
      (await client.GET("/accounts", { parseAs })).data;
    expect(await take("stream")).toBeNull();
    expect(await take("text")).toBe("");
    expect(await take("arrayBuffer")).toEqual(new ArrayBuffer(0));
    expect(await take("blob")).toMatchObject({ size: 0 });
  });
});

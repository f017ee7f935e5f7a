import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { createUpvestClient, UpvestUnknownOutcomeError } from "upvest-client";
import { testKey } from "../support/api.js";

/** What Deno itself does is tried in test/runtimes; here, which requests get a connection of their own, and that it is closed. */
let server: Server;
let baseUrl = "";
let answer: "yes" | "nothing" = "yes";
beforeAll(async () => {
  const token = JSON.stringify({
    access_token: "a-token",
    token_type: "bearer",
    expires_in: 3600,
    scope: "webhooks:admin orders:admin",
  });
  server = createServer((request, response) => {
    request.resume().on("end", () => {
      if (request.url !== "/auth/token" && answer === "nothing") return response.destroy();
      response.writeHead(200, { "content-type": "application/json" });
      return response.end(request.url === "/auth/token" ? token : "{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
afterEach(() => vi.unstubAllGlobals());

const order = {
  user_id: "2dedfeb0-58cd-44f2-ae08-0e41fe0413d9",
  account_id: "debf2026-f2da-4ff0-bb84-92e45babb1e3",
  side: "BUY",
  order_type: "MARKET",
  instrument_id: "US0378331005",
  instrument_id_type: "ISIN",
  quantity: "2",
} as const;
const webhook = { title: "Orders", url: "https://bank.example/hooks" };

/** A client as on Deno, and what became of the connections that it asked for. */
function onDeno(more: { readonly fetch?: typeof fetch } = {}) {
  const opened: { readonly options: unknown; closed: boolean }[] = [];
  vi.stubGlobal("Deno", {
    createHttpClient: (options: unknown) => {
      const one = { options, closed: false };
      opened.push(one);
      return { close: () => (one.closed = true) };
    },
  });
  const client = createUpvestClient({
    baseUrl,
    clientId: "an-id",
    clientSecret: "a-secret",
    signingKey: testKey,
    retry: false,
    ...more,
  });
  return { client, opened };
}
const own = { options: { poolMaxIdlePerHost: 0 }, closed: true };

it("a write without idempotency key has a connection of its own, closed with its answer", async () => {
  answer = "yes";
  const { client, opened } = onDeno();
  const { error } = await client.POST("/webhooks", { body: webhook });
  expect(error).toBeUndefined();
  expect(opened).toEqual([own]);
});

it("and closed where no answer comes", async () => {
  answer = "nothing";
  const { client, opened } = onDeno();
  const { error } = await client.POST("/webhooks", { body: webhook }).catch((error: unknown) => ({ error }));
  expect(error).toBeInstanceOf(UpvestUnknownOutcomeError);
  expect(opened).toEqual([own]);
});

it("what may be repeated uses the connections at hand", async () => {
  answer = "yes";
  const { client, opened } = onDeno();
  await client.POST("/orders", { body: order });
  await client.GET("/webhooks");
  expect(opened).toEqual([]);
});

it("a fetch of the caller's is left alone", async () => {
  answer = "yes";
  const { client, opened } = onDeno({ fetch: (input, init) => fetch(input, init) });
  await client.POST("/webhooks", { body: webhook });
  expect(opened).toEqual([]);
});

import { createServer, request as httpRequest, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createUpvestClient } from "upvest-client";
import { createDeliverySigner, startSandbox, type Sandbox } from "upvest-client/sandbox";
import { createWebhookReceiver, toNodeHandler, verificationKeys } from "upvest-client/webhooks";
import type { Entry } from "../../src/inspector/entry.js";
import type { ProxyOptions } from "../../src/proxy/options.js";
import { startProxy, type Proxy } from "../../src/proxy/proxy.js";
import { json, startApi } from "../support/api.js";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ deliverySpeed: Infinity });
});
afterAll(() => sandbox.close());

const events = [
  { type: "ACCOUNT.ACTIVATED", object: { id: "7b0f4a6e-0d5c-4f2c-9d4c-2a5c1b0f9e11", status: "ACTIVE" } },
];

async function start(
  more: Partial<ProxyOptions>,
): Promise<{ readonly proxy: Proxy; readonly entries: Entry[] }> {
  const entries: Entry[] = [];
  const client = { baseUrl: sandbox.url, ...sandbox.credentials };
  const proxy = await startProxy({ client, ...more }, (entry) => entries.push(entry));
  onTestFinished(() => proxy.close());
  return { proxy, entries };
}

/** The developer's own server: verifies for itself. */
async function ownServer(fails = 0): Promise<{ readonly url: string; readonly got: string[] }> {
  const got: string[] = [];
  let left = fails;
  const receiver = createWebhookReceiver({
    keys: verificationKeys(createUpvestClient({ baseUrl: sandbox.url, ...sandbox.credentials })),
  });
  const handle = toNodeHandler(receiver, ({ type }) => {
    if (left > 0) {
      left -= 1;
      throw new Error("not now");
    }
    got.push(type);
  });
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`, got };
}

/** A server of the test's own, listening. */
async function urlOf(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

const deliveriesOf = (entries: readonly Entry[]): readonly Entry[] => [
  ...new Map(entries.filter(({ kind }) => kind === "delivery").map((entry) => [entry.id, entry])).values(),
];

describe("deliveries", () => {
  it("are verified, shown and answered with 200, on a path of the proxy", async () => {
    const { proxy, entries } = await start({ listen: "/hooks/upvest" });
    const [delivery] = await sandbox.deliver(events, proxy.webhooks);
    expect(delivery).toMatchObject({ outcome: "delivered", status: 200, attempts: 1 });
    const entry = entries.at(-1);
    expect(entry).toMatchObject({
      kind: "delivery",
      status: 200,
      operation: "ACCOUNT.ACTIVATED",
      target: "/hooks/upvest",
    });
    const own = entry?.attempts.at(-1);
    expect(own?.signature).toMatchObject({ verdict: "verified" });
    expect(own?.signature?.lines.map(({ name }) => name)).toContain("digest");
    expect(own?.sent?.body).toContain('"status":"ACTIVE"');
    expect(entry?.attempts.map(({ label }) => label)).toEqual(["token", "keys", "delivery"]);
  });

  it("come to a port of its own on any path and by any name, and that port signs nothing", async () => {
    const { proxy, entries } = await start({ listen: 0 });
    expect(proxy.webhooks).not.toContain(proxy.url);
    await sandbox.deliver(events, `${proxy.webhooks ?? ""}/any/path?tenant=7`);
    expect(entries.at(-1)).toMatchObject({ status: 200, target: "/any/path?tenant=7" });
    const { hostname, port } = new URL(proxy.webhooks ?? "");
    const status = await new Promise((resolve, reject) => {
      const headers = { host: "abc.tunnel.example" };
      const request = httpRequest({ hostname, port, path: "/accounts", headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on("error", reject).end();
    });
    expect(status).toBe(405);
  });

  it.each([
    ["body", "digest_mismatch", "digest"],
    ["signature", "bad_signature", "signature"],
    ["replay", "replayed_nonce", "nonce"],
  ] as const)("tampered with (%s) are refused, and say why", async (tamper, reason, check) => {
    const { proxy, entries } = await start({ listen: "/hooks" });
    const [delivery] = await sandbox.deliver(events, proxy.webhooks, { tamper });
    expect(delivery?.status).toBe(401);
    const own = deliveriesOf(entries).at(-1)?.attempts.at(-1);
    expect(own?.problem).toContainEqual(["reason", reason]);
    expect(deliveriesOf(entries).at(-1)?.outcome).toEqual({ kind: "delivery refused", reason });
    expect(own?.signature?.verdict).toBe("refused");
    expect(own?.signature?.checks.filter(({ state }) => state === "bad").map(({ what }) => what)).toEqual([
      check,
    ]);
  });
});

describe("forwarded deliveries", () => {
  it("arrive byte for byte: the developer's server verifies them itself", async () => {
    const { url, got } = await ownServer();
    const { proxy, entries } = await start({ listen: "/hooks", forward: url });
    const [delivery] = await sandbox.deliver(events, proxy.webhooks);
    expect(delivery?.outcome).toBe("delivered");
    expect(got).toEqual(["ACCOUNT.ACTIVATED"]);
    expect(entries.at(-1)?.attempts.at(-1)).toMatchObject({ label: "forward", status: 200 });
  });

  it("are not answered with 200 where that server fails, so they come again", async () => {
    const { url, got } = await ownServer(1);
    const { proxy, entries } = await start({ listen: "/hooks", forward: url });
    const [delivery] = await sandbox.deliver(events, proxy.webhooks);
    expect(delivery).toMatchObject({ outcome: "delivered", attempts: 2 });
    expect(got).toEqual(["ACCOUNT.ACTIVATED"]);
    expect(deliveriesOf(entries).map(({ status }) => status)).toEqual([500, 200]);
  });

  it("that were not taken may come again byte for byte; those that were may not", async () => {
    const signer = createDeliverySigner();
    const api = await startApi(() => json({ keys: signer.keys }));
    let answers = 0;
    const server = createServer((request, response) => {
      request.resume().on("end", () => response.writeHead((answers += 1) === 1 ? 500 : 200).end());
    });
    const proxy = await startProxy({ client: api.options, listen: "/hooks", forward: await urlOf(server) });
    onTestFinished(() => proxy.close());
    const { method, headers, body } = await signer.sign(events, { to: "/hooks" });
    const send = async () => (await fetch(proxy.webhooks ?? "", { method, headers, body })).status;
    expect([await send(), await send(), await send()]).toEqual([500, 200, 401]);
    expect(answers).toBe(2);
  });

  it("keep a path that begins with two slashes: it names no other host", async () => {
    const urls: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      urls.push(request.url);
      request.resume().on("end", () => response.end());
    });
    const { proxy, entries } = await start({ listen: 0, forward: await urlOf(server) });
    const [delivery] = await sandbox.deliver(events, `${proxy.webhooks ?? ""}//hooks/upvest?a=1`);
    expect(delivery?.outcome).toBe("delivered");
    expect(urls).toEqual(["//hooks/upvest?a=1"]);
    expect(entries.at(-1)?.notes).toEqual([]);
  });

  it("are not taken by an answer that is no 200: one that Upvest may not count either", async () => {
    let answers = 0;
    const server = createServer((request, response) => {
      request.resume().on("end", () => response.writeHead((answers += 1) === 1 ? 204 : 200).end());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const forward = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    const { proxy, entries } = await start({ listen: "/hooks", forward });
    const [delivery] = await sandbox.deliver(events, proxy.webhooks);
    expect(delivery).toMatchObject({ outcome: "delivered", attempts: 2 });
    expect(deliveriesOf(entries)[0]).toMatchObject({
      status: 502,
      outcome: { reason: expect.stringContaining("answered 204, and only 200 counts") as string },
    });
  });

  it("in flight when the proxy closes are not taken: they come again", async () => {
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const server = createServer(() => arrive());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    const forward = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    const { proxy, entries } = await start({ listen: "/hooks", forward });
    const webhook = proxy.webhooks ?? "";
    const signer = sandbox.deliver(events, webhook);
    await arrived;
    await proxy.close();
    expect(deliveriesOf(entries).at(-1)).toMatchObject({
      status: 502,
      outcome: { kind: "not taken", reason: expect.stringMatching(/stopped while waiting.*it comes again$/) },
    });
    const server2 = await start({ listen: "/hooks", port: Number(new URL(webhook).port) });
    expect((await signer)[0]).toMatchObject({ outcome: "delivered" });
    expect(deliveriesOf(server2.entries).at(-1)?.status).toBe(200);
  });

  it("to another path than they were signed for: the page says why that server refuses them", async () => {
    const { url } = await ownServer();
    const { proxy, entries } = await start({ listen: "/hooks", forward: `${url}/elsewhere` });
    void sandbox.deliver(events, proxy.webhooks);
    await expect
      .poll(() => deliveriesOf(entries).find(({ status }) => status === 401), { timeout: 10_000 })
      .toMatchObject({
        notes: ["Passed on to /elsewhere, but signed for /hooks: there its signature fits no more."],
      });
  });

  it("whoever sends them, their types are shown in a line", async () => {
    const { proxy, entries } = await start({ listen: "/hooks" });
    const body = JSON.stringify({ payload: [{ type: "A".repeat(1_000_000) }, { type: "ORDER.FILLED" }] });
    expect((await fetch(proxy.webhooks ?? "", { method: "POST", body })).status).toBe(401);
    expect(entries.at(-1)?.operation).toMatch(/^A{190,}\.\.\.$/);
    expect(entries.at(-1)?.operation?.length).toBeLessThan(250);
  });

  it("refused ones are not passed on", async () => {
    const { url, got } = await ownServer();
    const { proxy, entries } = await start({ listen: "/hooks", forward: url });
    await sandbox.deliver(events, proxy.webhooks, { tamper: "body" });
    expect(got).toEqual([]);
    expect(entries.at(-1)?.attempts.map(({ label }) => label)).not.toContain("forward");
  });

  it("without anybody there: 502, and why", async () => {
    const { proxy, entries } = await start({ listen: "/hooks", forward: "http://127.0.0.1:1" });
    const client = createUpvestClient({ baseUrl: sandbox.url, ...sandbox.credentials });
    expect(client).toBeDefined();
    void sandbox.deliver(events, proxy.webhooks);
    await new Promise<void>((resolve) => {
      const look = setInterval(() => {
        if (!entries.some(({ status }) => status === 502)) return;
        clearInterval(look);
        resolve();
      }, 5);
    });
    const entry = entries.find(({ status }) => status === 502);
    expect(entry?.attempts.at(-1)?.problem?.[0]?.[1]).toMatch(/ECONNREFUSED/);
    await proxy.close();
  });
});

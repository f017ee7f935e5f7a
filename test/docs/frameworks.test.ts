import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { fastify } from "fastify";
import { Hono } from "hono";
import ts from "typescript";
import { describe, expect, it, onTestFinished } from "vitest";
import { createDeliverySigner } from "upvest-client/sandbox";
import { createWebhookReceiver, toNodeHandler } from "upvest-client/webhooks";
import { readDocuments, takeApart } from "./support/documents.js";

/** What docs/webhooks.md shows for a framework, as it stands there. */
function shown(framework: string): string {
  const blocks = readDocuments().flatMap((document) =>
    document.path === "docs/webhooks.md" ? takeApart(document).blocks : [],
  );
  const block = blocks.find(({ directives }) => directives.includes(`with ${framework}`));
  if (block === undefined) throw new Error(`docs/webhooks.md has no block for ${framework}`);
  return ts.transpile(block.code, { target: ts.ScriptTarget.ESNext });
}

/** Runs it with these names, and gives the `app` that it makes or adds to. */
const run = (framework: string, names: Readonly<Record<string, unknown>>): unknown =>
  // oxlint-disable-next-line no-implied-eval
  new Function(...Object.keys(names), `${shown(framework)}; return app;`)(...Object.values(names));

type Send = (path: string, init: RequestInit) => Promise<Response>;

const overHttp =
  (origin: string): Send =>
  (path, init) =>
    fetch(`${origin}${path}`, init);

const servers: Readonly<Record<string, (names: Readonly<Record<string, unknown>>) => Promise<Send>>> = {
  async express(names) {
    const server = createServer(run("express", { ...names, express }) as RequestListener);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
    return overHttp(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  },
  async fastify(names) {
    const app = fastify();
    run("fastify", { ...names, app });
    onTestFinished(() => app.close());
    return overHttp(await app.listen({ port: 0, host: "127.0.0.1" }));
  },
  async hono(names) {
    const app = new Hono();
    run("hono", { ...names, app });
    return async (path, init) => app.request(path, init);
  },
};

describe.each(Object.keys(servers))("the endpoint that docs/webhooks.md shows for %s", (framework) => {
  const setUp = async () => {
    const signer = createDeliverySigner();
    const told: unknown[] = [];
    const handled: string[] = [];
    const receiver = createWebhookReceiver({ keys: signer.keys, onError: (error) => told.push(error) });
    const handler = ({ type }: { readonly type: string }): number => handled.push(type);
    const send = await servers[framework]?.({ receiver, handler, toNodeHandler });
    if (send === undefined) throw new Error(`no server for ${framework}`);
    return { signer, told, handled, send };
  };

  it("takes a delivery as large as Upvest sends them, and more", async () => {
    const { signer, told, handled, send } = await setUp();
    const object = { text: "x".repeat(1_200_000) };
    const to = "/hooks/upvest?tenant=7";
    const { method, headers, body } = await signer.sign([{ type: "ORDER.FILLED", object }], { to });
    expect((await send(to, { method, headers, body })).status).toBe(200);
    expect([handled, told]).toEqual([["ORDER.FILLED"], []]);
  });

  it("answers 401 to scanners, who send nothing or anything", async () => {
    const { told, send } = await setUp();
    for (const init of [
      {},
      { body: "" },
      { body: "{" },
      { body: "{}", headers: { "content-type": "a/b" } },
    ]) {
      const response = await send("/hooks/upvest", { method: "POST", ...init });
      expect([response.status, await response.json()]).toEqual([
        401,
        expect.objectContaining({ reason: "no_signature" }),
      ]);
    }
    expect(told).toHaveLength(4);
  });
});

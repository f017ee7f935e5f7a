/**
 * Throughput over HTTP on loopback, 1, 16 and 256 callers, each of them a GET of an account and a POST of an order in turn.
 * The server is a process of its own.
 */
import { createUpvestClient, type UpvestClient } from "upvest-client";
import { interleave, versus, type Sampler } from "../harness/interleave.js";
import { atMost, report } from "../harness/row.js";
import { serve } from "../harness/serve.js";
import { bareHeaders, signEd25519, type BareRequest } from "../support/bare.js";
import { accountId, clientId, clientOptions, keyId, keys, order, token } from "../support/fixtures.js";
import { sampleClient } from "../support/sample.js";

/** ms of one sample. */
const SAMPLE = 200;

const { url, close } = await serve();
// Asked once before undici is loaded, which else puts its own agent under the platform's fetch: that would be measured.
await (await fetch(url)).text();
const { request } = await import("undici");
const { undiciFetch } = await import("upvest-client/undici");
const access = { keyId, clientId, token: token.access_token };
const headersOf = bareHeaders(signEd25519(keys.ed25519.privateKey), access);
const path = `/accounts/${accountId}`;

/** A GET or a POST, that gives the id of what came. */
type Call = (method: "GET" | "POST") => Promise<string | undefined>;

const bareOf = (method: "GET" | "POST"): BareRequest =>
  method === "GET"
    ? { method, path, query: "" }
    : { method, path: "/orders", query: "", body: JSON.stringify(order) };

const idOf = (answer: unknown): string | undefined => (answer as { readonly id?: string } | undefined)?.id;

const callOf =
  (client: UpvestClient): Call =>
  async (method) => {
    const { data, error } =
      method === "GET"
        ? await client.GET("/accounts/{account_id}", { params: { path: { account_id: accountId } } })
        : await client.POST("/orders", { body: order });
    if (error !== undefined) throw error;
    return data.id;
  };

const sample = sampleClient(url, { key: keys.p521.privateKey, ...access });
const calls: Record<string, Call> = {
  ours: callOf(createUpvestClient(clientOptions("ed25519", { baseUrl: url }))),
  bareFetch: async (method) => {
    const asked = bareOf(method);
    const { body, path: to } = asked;
    const response = await fetch(`${url}${to}`, { method, headers: headersOf(asked), ...(body && { body }) });
    return idOf(await response.json());
  },
  bareUndici: async (method) => {
    const asked = bareOf(method);
    const { body, path: to } = asked;
    const answer = await request(`${url}${to}`, { method, headers: headersOf(asked), ...(body && { body }) });
    return idOf(await answer.body.json());
  },
  sample: async (method) => {
    const { data } =
      method === "GET" ? await sample.get<unknown>(path) : await sample.post<unknown>("/orders", order);
    return idOf(data);
  },
  oursUndici: callOf(createUpvestClient(clientOptions("ed25519", { baseUrl: url, fetch: undiciFetch() }))),
};

for (const [side, call] of Object.entries(calls)) {
  for (const method of ["GET", "POST"] as const) {
    if (typeof (await call(method)) !== "string") throw new Error(`${side} got no answer to its ${method}`);
  }
}

/** Samples µs per call, `callers` of them at work for a while. */
function throughput(call: Call, callers: number): Sampler {
  return async () => {
    let done = 0;
    const start = performance.now();
    const end = start + SAMPLE;
    await Promise.all(
      Array.from({ length: callers }, async (_, caller) => {
        for (let turn = caller; performance.now() < end; turn += 1) {
          await call(turn % 2 === 0 ? "GET" : "POST");
          done += 1;
        }
      }),
    );
    return ((performance.now() - start) * 1000) / done;
  };
}

const rows = [];
for (const callers of [1, 16, 256]) {
  const sides = Object.fromEntries(
    Object.entries(calls).map(([side, call]) => [side, throughput(call, callers)]),
  );
  const samples = await interleave(sides, { turns: 1, warmUp: 2 });
  const name = `${callers} ${callers === 1 ? "caller" : "callers"}, loopback`;
  const row = { name, unit: "µs a call" };
  const bare = { other: "bareFetch", against: "bare fetch + sign" };
  const limit = { other: "bareUndici", against: "undici.request + sign" };
  rows.push(
    versus(samples, { ...row, goal: atMost(1.15) }, { ours: "ours", ...bare }),
    versus(samples, row, { ours: "ours", ...limit }),
    versus(samples, row, {
      ours: "ours",
      other: "sample",
      against: "axios + P-521, as the publisher's sample",
    }),
  );
  const undici = { ...row, name: `${name}, upvest-client/undici`, goal: atMost(1.25) };
  rows.push(versus(samples, undici, { ours: "oursUndici", ...limit }));
}
close();
report(rows);

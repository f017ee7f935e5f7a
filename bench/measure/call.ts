/**
 * One call over a stubbed fetch: what a client costs above the wire. Ours has its token and signs; openapi-fetch, openai, ky
 * and stripe make an unsigned call of the same kind. Each parses the JSON of the answer.
 */
import ky from "ky";
import OpenAI from "openai";
import createClient from "openapi-fetch";
import Stripe from "stripe";
import { createUpvestClient, type paths } from "upvest-client";
import { interleave, versus } from "../harness/interleave.js";
import { atMost, below, report } from "../harness/row.js";
import { timed } from "../harness/timed.js";
import { bareHeaders, signEd25519 } from "../support/bare.js";
import { coveredBy, requireSame } from "../support/check.js";
import {
  accountId,
  baseUrl,
  clientId,
  clientOptions,
  keyId,
  keys,
  order,
  token,
} from "../support/fixtures.js";
import { accountOrOrder, stub } from "../support/stub.js";

const { fetch } = stub(accountOrOrder);
const path = `/accounts/${accountId}`;
const authorization = `Bearer ${token.access_token}`;

const upvest = createUpvestClient(clientOptions("ed25519", { fetch }));
const headersOf = bareHeaders(signEd25519(keys.ed25519.privateKey), {
  keyId,
  clientId,
  token: token.access_token,
});
const openapi = createClient<paths>({ baseUrl, fetch, headers: { authorization } });
const openai = new OpenAI({ apiKey: token.access_token, baseURL: baseUrl, fetch });
const plainKy = ky.create({ prefixUrl: baseUrl, fetch, headers: { authorization } });
const stripe = new Stripe(token.access_token, { httpClient: Stripe.createFetchHttpClient(fetch) });

/** Every side gives the id of what came, so that none leaves the answer unread. */
const sides = {
  GET: {
    ours: async () =>
      (await upvest.GET("/accounts/{account_id}", { params: { path: { account_id: accountId } } })).data?.id,
    bare: async () => {
      const headers = headersOf({ method: "GET", path, query: "" });
      const response = await fetch(`${baseUrl}${path}`, { method: "GET", headers });
      return idOf(await response.json());
    },
    openapi: async () =>
      idOf(
        (await openapi.GET("/accounts/{account_id}", { params: { path: { account_id: accountId } } })).data,
      ),
    openai: async () => idOf(await openai.get(path)),
    ky: async () => idOf(await plainKy.get(path.slice(1)).json()),
    stripe: async () => (await stripe.customers.retrieve(accountId)).id,
  },
  POST: {
    ours: async () => (await upvest.POST("/orders", { body: order })).data?.id,
    bare: async () => {
      const body = JSON.stringify(order);
      const headers = headersOf({ method: "POST", path: "/orders", query: "", body });
      const response = await fetch(`${baseUrl}/orders`, { method: "POST", headers, body });
      return idOf(await response.json());
    },
    openapi: async () => idOf((await openapi.POST("/orders", { body: order })).data),
    openai: async () => idOf(await openai.post("/orders", { body: order })),
    ky: async () => idOf(await plainKy.post("orders", { json: order }).json()),
    stripe: async () => (await stripe.customers.create({ metadata: order })).id,
  },
} as const;

function idOf(answer: unknown): string | undefined {
  return typeof answer === "object" && answer !== null && "id" in answer && typeof answer.id === "string"
    ? answer.id
    : undefined;
}

await requireSameSignature();
const rows = [];
for (const method of ["GET", "POST"] as const) {
  const calls = sides[method];
  for (const [side, call] of Object.entries(calls)) {
    if (typeof (await call()) !== "string") throw new Error(`${side} got no answer to its ${method}`);
  }
  const samples = await interleave({
    ours: timed(calls.ours),
    bare: timed(calls.bare),
    openapi: timed(calls.openapi),
    openai: timed(calls.openai),
    ky: timed(calls.ky),
    stripe: timed(calls.stripe),
  });
  const row = { name: `${method}, stubbed fetch`, unit: "µs" };
  rows.push(
    versus(
      samples,
      { ...row, goal: atMost(1.5) },
      { ours: "ours", other: "bare", against: "bare fetch + sign" },
    ),
    versus(samples, row, { ours: "ours", other: "openapi", against: "openapi-fetch, unsigned" }),
    versus(
      samples,
      { ...row, goal: below(1) },
      { ours: "ours", other: "openai", against: "openai, unsigned" },
    ),
    versus(samples, { ...row, goal: below(1) }, { ours: "ours", other: "ky", against: "ky, unsigned" }),
    versus(samples, row, { ours: "ours", other: "stripe", against: "stripe, unsigned" }),
  );
}
report(rows);

/** Ours and the bare one sign alike, and rightly: else the comparison is of two different things. */
async function requireSameSignature(): Promise<void> {
  for (const method of ["GET", "POST"] as const) {
    const url = method === "GET" ? path : "/orders";
    const covered: (readonly string[])[] = [];
    const { fetch: watching } = stub(accountOrOrder, (to, init) => {
      const headers = init?.headers as Record<string, string>;
      const sent = init?.body as string | Uint8Array | undefined;
      covered.push(coveredBy({ method, url: to, headers, body: sent }, keys.ed25519.publicKey));
    });
    const client = createUpvestClient(clientOptions("ed25519", { fetch: watching }));
    if (method === "GET") {
      await client.GET("/accounts/{account_id}", { params: { path: { account_id: accountId } } });
    } else await client.POST("/orders", { body: order });
    const body = method === "GET" ? {} : { body: JSON.stringify(order) };
    const headers = headersOf({ method, path: url, query: "", ...body });
    await watching(`${baseUrl}${url}`, { method, headers, ...body });
    const [ours = [], bare = []] = covered;
    requireSame(`components of ${method}`, ours, bare);
  }
}

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createCollections } from "./collections.js";
import { dice } from "./dice.js";
import { answer, problem, type Answer } from "./message.js";

/** What a call did: how often, under which key, and which id the server gave to it. */
export interface Entry {
  readonly call: string;
  /** Absent of an operation that takes none. */
  readonly key: string | undefined;
  /** Absent where the server gives the same one to all. */
  readonly id: string | undefined;
  readonly effects: number;
}

export interface LedgerOptions {
  readonly seed: number;
  /** How many requests a token is good for, at most; then it has expired, whatever was promised. */
  readonly tokenUses: number;
}

/** A stand-in for the API, lean enough for tens of thousands of requests: it verifies no signature and no body. */
export interface Ledger {
  readonly port: number;
  readonly entries: () => readonly Entry[];
  /** Of a walk: the items that were there from its start to its end, in order. */
  readonly stayed: (walk: string) => readonly string[];
  readonly close: () => Promise<void>;
}

export async function startLedger({ seed, tokenUses }: LedgerOptions): Promise<Ledger> {
  const entries: Entry[] = [];
  /** By idempotency key: the first success, which is repeated. */
  const kept = new Map<string, { readonly entry: Entry; readonly answer: Answer }>();
  const deleted = new Set<string>();
  /** By token: how many requests it is still good for. */
  const tokens = new Map<string, number>();
  const collections = createCollections(seed);

  const act = (call: string, key: string | undefined): Entry => {
    const entry = { call, key, id: `effect-${entries.length + 1}`, effects: 1 };
    entries.push(entry);
    return entry;
  };

  const issue = (body: string): Answer => {
    const token = `token-${tokens.size + 1}`;
    const { below, chance } = dice(seed, token);
    tokens.set(token, 1 + below(tokenUses));
    return answer(
      200,
      JSON.stringify({
        access_token: token,
        token_type: "bearer",
        // Short ones end on the way, in real time.
        expires_in: chance(0.3) ? 1 : 1800,
        scope: new URLSearchParams(body).get("scope"),
      }),
    );
  };

  const admitted = (authorization = ""): boolean => {
    const token = authorization.replace(/^Bearer /, "");
    const left = tokens.get(token) ?? 0;
    tokens.set(token, left - 1);
    return left > 0;
  };

  const write = (call: string, key: string | undefined, refused: string | undefined): Answer => {
    if (refused !== undefined) return problem(Number(refused), "refused_by_the_server");
    const earlier = key === undefined ? undefined : kept.get(key);
    if (earlier !== undefined) return earlier.answer;
    const entry = act(call, key);
    const made = answer(
      200,
      JSON.stringify({ id: entry.id, user_id: call, status: "NEW", note: "x".repeat(300) }),
    );
    if (key !== undefined) kept.set(key, { entry, answer: made });
    return made;
  };

  const remove = (call: string, path: string): Answer => {
    if (deleted.has(path)) return problem(404, "not_found");
    deleted.add(path);
    act(call, undefined);
    return answer(204);
  };

  const respond = (request: IncomingMessage, body: string): Answer => {
    const { method = "", headers } = request;
    const url = new URL(request.url ?? "", "http://ledger");
    const header = (name: string): string | undefined => headers[name]?.toString();
    if (url.pathname === "/auth/token") return issue(body);
    if (!admitted(header("authorization"))) return problem(401, "unauthorised");
    const call = header("x-chaos-call") ?? "";
    if (method === "GET") return collections.page(call, url.searchParams);
    if (method === "DELETE") return remove(call, url.pathname);
    return write(call, header("idempotency-key"), header("x-chaos-refuse"));
  };

  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    try {
      for await (const piece of request) chunks.push(piece as Buffer);
    } catch {
      // Half a request does nothing.
      return;
    }
    const { status, headers, body } = respond(request, Buffer.concat(chunks).toString());
    response.writeHead(status, { ...headers, "content-length": body.length }).end(body);
  });
  // The edge keeps its connections; one that ends just as it is used would be a fault that nobody planned.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    entries: () => entries,
    stayed: collections.stayed,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

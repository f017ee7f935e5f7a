import { AsyncLocalStorage } from "node:async_hooks";
import { isTry, type Attempt, type Fact } from "../inspector/entry.js";
import { messageView, problemFacts } from "../inspector/message-view.js";
import { createRecent } from "../inspector/recent.js";
import type { Secrets } from "../inspector/secrets.js";
import { judge, signatureOf, type SentRequest } from "./judge.js";

/** Gets the attempts of one call, each again whenever there is more to tell; the place in the list stays. */
export type Watcher = (attempts: readonly Attempt[]) => void;

export interface Watch {
  /** Sends as the given one does, and notes what went and what came. Changes nothing. */
  readonly fetch: typeof globalThis.fetch;
  /** What is sent while the work runs is told to the watcher. */
  readonly run: <Result>(watcher: Watcher, work: () => Promise<Result>) => Promise<Result>;
}

interface Running {
  readonly attempts: Attempt[];
  readonly watcher: Watcher;
}

/** Bytes of an unsuccessful answer that are read for the page. */
const MAX_BODY = 64 * 1024;

const KEYS = "/auth/verify_keys";

/** Sits between the client and the network: the client's retries show there, one by one. */
export function createWatch(send: typeof globalThis.fetch, secrets: Secrets): Watch {
  const running = new AsyncLocalStorage<Running>();
  /** What the tokens allow that were seen to be issued. */
  const scopes = createRecent<string, string>(100);

  const noteToken = (body: string): Fact[] => {
    const { access_token: token, scope, expires_in: seconds } = JSON.parse(body) as Record<string, unknown>;
    if (typeof token !== "string") return [];
    secrets.add(token);
    if (typeof scope === "string") scopes.set(token, scope);
    return [
      ["scope granted", String(scope)],
      ["expires in", `${String(seconds)} s`],
    ];
  };

  const watched = async (
    { attempts, watcher }: Running,
    sent: SentRequest,
    exchange: () => Promise<Response>,
  ): Promise<Response> => {
    const at = Date.now();
    const isToken = sent.path.endsWith("/auth/token");
    const tries = attempts.filter(isTry).length;
    const bearer = sent.headers.get("authorization")?.replace(/^Bearer /, "");
    if (bearer !== undefined) secrets.add(bearer);
    const asked = isToken ? new URLSearchParams(new TextDecoder().decode(sent.body)).get("scope") : null;
    /** The scope is known once the answer with the token was read, which may be only now. */
    const facts = (): readonly Fact[] => [
      ...(asked === null ? [] : [["scope asked for", asked] as const]),
      ...(bearer === undefined ? [] : [["token's scope", scopes.get(bearer) ?? "not known"] as const]),
    ];
    let attempt: Attempt = {
      label: isToken ? "token" : sent.path.endsWith(KEYS) ? "keys" : `attempt ${tries + 1}`,
      at,
      status: "pending",
      facts: facts(),
      signature: signatureOf(sent),
      sent: messageView(sent.headers, sent.body),
    };
    const nth = attempts.push(attempt) - 1;
    const tell = (more: Partial<Attempt>): void => {
      attempt = { ...attempt, ...more };
      attempts[nth] = attempt;
      watcher([...attempts]);
    };
    tell({});
    try {
      const response = await exchange();
      const { status, ok, headers } = response;
      const requestId = headers.get("upvest-request-id");
      const known: readonly Fact[] = [
        ...(requestId === null ? [] : [["request id", requestId] as const]),
        ...facts(),
      ];
      tell({ status, ms: Date.now() - at, facts: known });
      // A copy, read beside the client; of a success only the token's, as the rest may be of any size.
      const body = ok && !isToken ? Promise.resolve(undefined) : beginning(response.clone());
      const told = async (): Promise<void> => {
        const bytes = await body;
        const text = new TextDecoder().decode(bytes);
        tell({
          signature: await judge(sent, attempt.signature, response, bytes, secrets),
          facts: isToken && ok ? [...known, ...noteToken(text)] : known,
          problem: ok ? undefined : problemFacts(text),
          answer: messageView(headers, bytes),
        });
      };
      told().catch(() => undefined);
      return response;
    } catch (error) {
      tell({ status: "failed", ms: Date.now() - at, problem: [["no answer", reasonOf(error)]] });
      throw error;
    }
  };

  return {
    run: (watcher, work) => running.run({ attempts: [], watcher }, work),
    fetch: (input, init) => {
      const store = running.getStore();
      const exchange = (): Promise<Response> => send(input, init);
      return store === undefined ? exchange() : watched(store, sentRequest(input, init), exchange);
    },
  };
}

/** As the client's transport hands it over: a URL, and plain headers and bytes. */
function sentRequest(input: string | URL | Request, init: RequestInit = {}): SentRequest {
  const { pathname, search, origin } = new URL(input instanceof Request ? input.url : input);
  const headers = new Headers(init.headers);
  const body = init.body instanceof Uint8Array ? init.body : new Uint8Array();
  // Signed by the client, and written by the platform.
  if (body.length > 0) headers.set("content-length", String(body.length));
  return {
    method: init.method ?? "GET",
    origin,
    path: pathname,
    query: search.slice(1),
    headers: new Map(headers),
    body,
  };
}

async function beginning({ body }: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
  for (let size = 0; size < MAX_BODY;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    chunks.push(value);
    size += value.byteLength;
  }
  await reader.cancel();
  return Buffer.concat(chunks);
}

/** `fetch` wraps what really happened. */
function reasonOf(error: unknown): string {
  let current = error;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  if (!(current instanceof Error)) return String(current);
  return "code" in current ? `${current.message} (${String(current.code)})` : current.message;
}

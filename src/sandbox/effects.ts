import { aboutTheRequest, isOneThing } from "./answers.js";
import type { Received } from "./gateway.js";
import { isRecord, record } from "./json.js";
import type { Mock } from "./mock.js";
import type { Route } from "./operations.js";
import type { OwnOperations } from "./own-operations.js";
import { identifier, makePage, type Paging } from "./paging.js";
import type { Answer } from "./problems.js";
import { Refusal } from "./refusal.js";
import type { Tokens } from "./tokens.js";

/** An admitted request: what remains is to do what it asks for. */
export interface Call {
  readonly route: Route;
  /** Of the parameters in the path. */
  readonly values: Readonly<Record<string, string>>;
  readonly received: Received;
  readonly clientId: string;
  /** The media type to answer in. */
  readonly accept: string;
}

/** Answers a call, or throws the {@link Refusal} of a request that does not fit the description. */
export type Perform = (call: Call) => Promise<Answer>;

export function createPerform(parts: {
  readonly mock: Mock;
  readonly tokens: Tokens;
  readonly own: OwnOperations;
  readonly sizeOf: (operation: string) => number;
}): Perform {
  const { mock, tokens, own, sizeOf } = parts;
  const identifiers = new Map<string, string | undefined>();

  /** Checked against the description once: an identifier that is no UUID stays as in the example. */
  const identifierOf = async (route: Route, paging: Paging, status: number, example: unknown) => {
    if (!identifiers.has(route.id)) {
      const member = identifier(example, route.parameters);
      const query = new URLSearchParams();
      const trial = makePage({ operation: route.id, paging, example, query, total: 1, member });
      identifiers.set(route.id, (await mock.fits(route, status, trial)) ? member : undefined);
    }
    return identifiers.get(route.id);
  };

  return async ({ route, values, received, clientId, accept }) => {
    if (route.issuesTokens) return issueToken(tokens, received, clientId);
    const body = parseBody(received);
    const query = new URLSearchParams(received.query);
    const { path, headers } = received;
    const operation = own(route);
    const judged = operation?.judged === undefined ? body : operation.judged(body);
    const made = await mock.answer(route, {
      path,
      query,
      headers: forMock(headers, accept),
      body: judged,
      accept,
    });
    if (made.invalid !== undefined) throw new Refusal("invalid_request", { details: made.invalid });

    const { status } = made;
    if (operation !== undefined) {
      const call = { route, values, query, body: record(body) };
      const location = operation.redirect?.(call);
      if (location !== undefined) return { status: 302, headers: { location }, body: Buffer.alloc(0) };
      const answer = await operation.answer(call);
      return answer === undefined ? nothing(status) : json(status, answer);
    }
    const { body: example } = made;
    if (accept === "application/pdf") return { status, headers: { "content-type": accept }, body: PDF };
    if (example === undefined) return nothing(status);
    if (route.paging !== undefined && isRecord(example)) {
      const { paging } = route;
      const member = await identifierOf(route, paging, status, example);
      return json(
        status,
        makePage({ operation: route.id, paging, example, query, total: sizeOf(route.id), member, values }),
      );
    }
    if (!isOneThing(example)) return json(status, example);
    return json(status, await aboutTheRequest({ mock, route, status, example, values, body }));
  };
}

function issueToken(tokens: Tokens, received: Received, clientId: string): Answer {
  const issued = tokens.issue(received.body.toString("utf8"), clientId);
  if ("token" in issued) return json(200, issued.token, { "cache-control": "no-store" });
  if (issued.refused === "invalid_request") throw new Refusal("invalid_request", { details: issued.why });
  throw new Refusal("unauthorised", { detail: issued.why });
}

function parseBody({ body }: Received): unknown {
  if (body.length === 0) return undefined;
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    return parsed;
  } catch {
    throw new Refusal("invalid_request", { details: "(root): the body is not JSON" });
  }
}

/**
 * What Prism is to see differently from what was sent. The media type is the one chosen: an operation may list those it
 * takes, and does not list any-of-them. The key has its hyphens: the description gives it the format `uuid`, and also a
 * pattern (which the gateway has checked) in which they may be left out.
 */
function forMock(headers: ReadonlyMap<string, string>, accept: string): ReadonlyMap<string, string> {
  const seen = new Map([...headers, ["accept", accept]]);
  const key = headers.get("idempotency-key")?.replaceAll("-", "");
  if (key !== undefined) {
    seen.set("idempotency-key", key.replace(/^(.{8})(.{4})(.{4})(.{4})(.*)$/, "$1-$2-$3-$4-$5"));
  }
  return seen;
}

function nothing(status: number): Answer {
  return { status, headers: {}, body: Buffer.alloc(0) };
}

function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: Buffer.from(JSON.stringify(body)),
  };
}

/** A document of one empty page. */
const PDF = Buffer.from(
  [
    "%PDF-1.4",
    "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj",
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj",
    "trailer<</Root 1 0 R>>",
    "%%EOF",
    "",
  ].join("\n"),
);

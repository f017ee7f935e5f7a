import { queryOf } from "../bindings.js";
import { UpvestConfigError } from "../errors.js";
import { requireMembers } from "../plain-object.js";
import { expandPath } from "../path.js";
import { withHeaders, type CallParameters, type Operation, type PipelineRequest } from "./request.js";

/** Headers that only the client sets: given by a caller, they would break the signature or leak into it. */
const reserved = new Set([
  "authorization",
  "signature",
  "signature-input",
  "upvest-signature-version",
  "upvest-client-id",
  "upvest-api-version",
  "content-digest",
  "content-length",
  "host",
  // What is between the two ends of a connection (RFC 9110 section 7.6.1) is the platform's to say.
  "connection",
  "expect",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const KEY = "idempotency-key";

const visibleAscii = /^[\u0020-\u007E]*$/;
/** RFC 9110 section 5.6.2. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** The limits and switches of one call, resolved. */
export type CallSettings = Pick<
  PipelineRequest,
  "signal" | "timeout" | "deadline" | "retry" | "maxResponseSize" | "stream" | "trace"
>;

/** What every call of one client has in common. */
export interface Surroundings {
  readonly origin: string;
  /** Of `baseUrl`; empty as a rule. */
  readonly prefix: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * What every request says. Node's fetch would add `accept-language` after the signature; a server that wants every header
 * covered would refuse that, so it is said here, and signed.
 */
export function surroundings(baseUrl: string, userAgent: string): Surroundings {
  const { origin, pathname } = new URL(baseUrl);
  return {
    origin,
    prefix: pathname === "/" ? "" : pathname,
    headers: { accept: "application/json", "accept-language": "*", "user-agent": userAgent },
  };
}

const encoder = /* @__PURE__ */ new TextEncoder();

/** Forms exist at the token endpoint only; everything else is JSON. */
function serialiseBody(operation: Operation, body: unknown): Uint8Array<ArrayBuffer> {
  if (operation.requestBody === "application/x-www-form-urlencoded") {
    return encoder.encode(new URLSearchParams(Object.entries(body ?? {})).toString());
  }
  try {
    // The type leaves it out: a function, or a symbol, gives undefined.
    const text = JSON.stringify(body) as string | undefined;
    if (text === "{}") requireEmpty(body);
    if (text !== undefined) return encoder.encode(text);
  } catch (cause) {
    throw new UpvestConfigError(
      `${operation.id}: body cannot be written as JSON: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
  throw new UpvestConfigError(`${operation.id}: body cannot be written as JSON; it is a ${typeof body}`);
}

/** What is in a Map, FormData or a promise would be lost. */
function requireEmpty(body: unknown): void {
  const kind = Object.prototype.toString.call(body).slice(8, -1);
  if (kind !== "Object") throw new TypeError(`it is a ${kind}, which would go out as {}`);
}

/** Turns what a caller gave into plain data: the URL in its parts, checked headers, the bytes of the body. */
export function prepare(
  operation: Operation,
  given: {
    readonly params: CallParameters;
    readonly headers: Readonly<Record<string, string>> | undefined;
    readonly body: unknown;
  },
  { origin, prefix, headers: common }: Surroundings,
  settings: CallSettings,
): PipelineRequest {
  const { params, body } = given;
  const headers = withHeaders(common, {});
  addHeaders(headers, operation, given.headers);
  addHeaders(headers, operation, params.header);
  setContentType(headers, operation, body !== undefined);
  // The spread stands last: V8 is slow to add members to a copy made by a spread.
  return {
    operation,
    params,
    origin,
    path: prefix + expandPath(operation.id, operation.path, params.path),
    query: queryOf(operation.id, params.query),
    headers,
    body: body === undefined ? undefined : serialiseBody(operation, body),
    ...settings,
  };
}

/** The same request, changed as a Request of the user's says; consumes its body. */
export async function prepareAgain(
  original: PipelineRequest,
  request: Request,
  common: Readonly<Record<string, string>>,
): Promise<PipelineRequest> {
  const { operation } = original;
  const { origin, pathname, search } = new URL(request.url);
  if (request.method !== operation.method) {
    throw new UpvestConfigError(
      `${operation.id}: a middleware made it ${request.method}. The method belongs to the operation; make another call.`,
    );
  }
  const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
  const headers = withHeaders(common, {});
  addHeaders(headers, operation, Object.fromEntries(request.headers));
  // Headers that are given to a new Request replace all of the old one's. Without the caller's key a repeat is a second write.
  const key = original.headers[KEY];
  if (key !== undefined) headers[KEY] ??= key;
  setContentType(headers, operation, body !== undefined);
  return { ...original, origin, path: pathname, query: search, headers, body };
}

function addHeaders(
  headers: Record<string, string>,
  operation: Operation,
  given: Readonly<Record<string, unknown>> | undefined,
): void {
  if (given === undefined) return;
  requireMembers(`${operation.id}: headers`, given);
  for (const key of Object.keys(given)) {
    const value = given[key] ?? undefined;
    const name = key.toLowerCase();
    if (value === undefined) continue;
    const text = checked(operation, name, value).trim();
    // In headers and in params.header, or in two spellings of the name.
    if (name === KEY && (headers[KEY] ?? text) !== text) {
      throw new UpvestConfigError(`${operation.id}: two keys, ${headers[KEY]} and ${text}. Give one.`);
    }
    headers[name] = text;
  }
}

function checked(operation: Operation, name: string, value: unknown): string {
  if (reserved.has(name)) {
    throw new UpvestConfigError(
      `${operation.id}: the header ${name} is the client's own to set. Leave it out.`,
    );
  }
  if (/^idempotency_?key$/.test(name)) {
    throw new UpvestConfigError(`${operation.id}: the header ${name} is written "idempotency-key".`);
  }
  if (!token.test(name)) {
    throw new UpvestConfigError(`${operation.id}: ${JSON.stringify(name)} is no name of a header.`);
  }
  const text = typeof value === "number" || typeof value === "boolean" ? String(value) : value;
  if (typeof text !== "string") {
    throw new UpvestConfigError(`${operation.id}: the value of the header ${name} must be a string.`);
  }
  if (!visibleAscii.test(text)) {
    throw new UpvestConfigError(
      `${operation.id}: the value of the header ${name} holds characters other than printable ASCII, which cannot be signed.`,
    );
  }
  return text;
}

/** Upvest refuses a media type with a parameter (`; charset=utf-8`), so the description's plain one is sent. */
function setContentType(headers: Record<string, string>, operation: Operation, hasBody: boolean): void {
  if (!hasBody) {
    delete headers["content-type"];
    return;
  }
  const wanted = operation.requestBody;
  if (wanted === undefined) {
    throw new UpvestConfigError(`${operation.id} takes no request body. Leave body out.`);
  }
  const essence = headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (essence !== undefined && essence !== wanted) {
    throw new UpvestConfigError(`${operation.id} takes a body of ${wanted}, not ${essence}.`);
  }
  headers["content-type"] = wanted;
}

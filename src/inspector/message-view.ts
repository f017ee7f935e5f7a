import type { Fact, MessageView } from "./entry.js";
import { HIDDEN } from "./secrets.js";

/** Bytes of a body that are kept. */
export const MAX_BODY = 16 * 1024;

/** Headers whose value is a secret whatever it is. */
const SECRET_HEADERS = new Set([
  "authorization",
  "cookie",
  "proxy-authorization",
  "set-cookie",
  "signature",
  "x-api-key",
]);

export function headerFacts(headers: Iterable<readonly [string, string]>): readonly Fact[] {
  return Array.from(headers, ([name, value]) => [name, shown(name.toLowerCase(), value)] as const);
}

function shown(name: string, value: string): string {
  if (SECRET_HEADERS.has(name)) return HIDDEN;
  // Where a file lies, with the signature that opens it.
  return name === "location" ? value.replace(/\?.*$/, `?${HIDDEN}`) : value;
}

/** @param size of the whole body, where `body` is only its beginning */
export function messageView(
  headers: Iterable<readonly [string, string]>,
  body: Uint8Array = new Uint8Array(),
  size = body.byteLength,
): MessageView {
  const facts = headerFacts(headers);
  const type = facts.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
  return { headers: facts, body: bodyText(body, size, type) };
}

export function bodyText(body: Uint8Array, size = body.byteLength, type = ""): string {
  if (size === 0) return "";
  if (!isText(type)) return `(${type === "" ? "unknown type" : type}, ${size} bytes)`;
  const text = new TextDecoder().decode(body.subarray(0, MAX_BODY));
  return size > MAX_BODY ? `${text}... (${size} bytes)` : text;
}

const isText = (type: string): boolean =>
  type === "" || /^(?:text\/|application\/(?:[\w.-]+\+)?json|application\/x-www-form-urlencoded)/i.test(type);

/** The members of a problem, in the order in which a person wants them; undefined when it is none. */
export function problemFacts(body: string): readonly Fact[] | undefined {
  const problem = parseObject(body);
  if (problem === undefined) return undefined;
  const order = ["title", "detail", "details", "type", "status", "request_id"];
  const names = [...order.filter((name) => name in problem), ...Object.keys(problem)];
  const facts = [...new Set(names)].map((name): Fact => {
    const value = problem[name];
    return [name, typeof value === "string" ? value : JSON.stringify(value)];
  });
  return facts.length === 0 ? undefined : facts;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value))
      : undefined;
  } catch {
    return undefined;
  }
}

/** Characters of event types that are kept. */
const MAX_TYPES = 200;

/** The types of the events in the body of a delivery, each once; undefined when it holds none. */
export function eventTypes(body: Uint8Array): string | undefined {
  const payload = parseObject(new TextDecoder().decode(body))?.["payload"];
  if (!Array.isArray(payload)) return undefined;
  const types = payload.flatMap((event: unknown) => {
    const type: unknown =
      typeof event === "object" && event !== null && "type" in event ? event.type : undefined;
    return typeof type === "string" ? [type] : [];
  });
  const text = [...new Set(types)].join(", ");
  // Anybody can send a delivery, and this stands in a line.
  return text.length > MAX_TYPES ? `${text.slice(0, MAX_TYPES)}...` : text || undefined;
}

/** A request, as far as it has been read from the connection. */
export interface Heard {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What the server answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** How many bytes the head takes, its empty line included; undefined while there is more of it to come. */
export function endOfHead(bytes: Buffer): number | undefined {
  const at = bytes.indexOf("\r\n\r\n");
  return at < 0 ? undefined : at + 4;
}

/** Reads what Node's `fetch` sends: a request line, headers, a body of a known length (RFC 9112 sections 3 to 6). */
export function readHead(head: Buffer): Omit<Heard, "body"> & { readonly length: number } {
  const [line = "", ...fields] = head.toString("latin1").trimEnd().split("\r\n");
  const [method = "", url = ""] = line.split(" ");
  const headers: Record<string, string> = {};
  for (const field of fields) {
    const colon = field.indexOf(":");
    headers[field.slice(0, colon).toLowerCase()] = field.slice(colon + 1).trim();
  }
  if (headers["transfer-encoding"] !== undefined) throw new Error("the client never sends chunks");
  return { method, url, headers, length: Number(headers["content-length"] ?? 0) };
}

/** Headers that belong to a connection, not to the answer (RFC 9110 section 7.6.1), and the length: written anew. */
const ofTheConnection = new Set(["connection", "keep-alive", "transfer-encoding", "content-length", "date"]);

/** The head of an answer, to its empty line. */
export function head(
  { status, headers }: Pick<Answer, "status" | "headers">,
  more: Readonly<Record<string, string | number>> = {},
  reason = "Whatever",
): Buffer {
  const lines = [`HTTP/1.1 ${status} ${reason}`];
  for (const [name, value] of Object.entries(headers)) {
    if (!ofTheConnection.has(name) && more[name] === undefined) lines.push(`${name}: ${value}`);
  }
  for (const [name, value] of Object.entries(more)) lines.push(`${name}: ${value}`);
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "utf8");
}

/** A whole answer; one of status 204 has neither body nor length (RFC 9112 section 6.3). */
export const whole = (answer: Answer, more: Readonly<Record<string, string>> = {}): Buffer =>
  answer.status === 204
    ? head(answer, more)
    : Buffer.concat([head(answer, { "content-length": answer.body.length, ...more }), answer.body]);

export const answer = (
  status: number,
  body = "",
  type = "application/json",
  more: Readonly<Record<string, string>> = {},
): Answer => ({
  status,
  headers: { ...(body !== "" && { "content-type": type }), ...more },
  body: Buffer.from(body),
});

export const problem = (status: number, type: string, more: Readonly<Record<string, string>> = {}): Answer =>
  answer(
    status,
    JSON.stringify({ type: `https://docs.upvest.co/errors/${type}`, status, title: type }),
    "application/problem+json",
    more,
  );

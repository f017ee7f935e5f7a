import { MAX_BODY } from "./message-view.js";

/** Set by curl itself, by the proxy, or of no use in a command. */
const OMITTED =
  /^(?:host|connection|content-length|accept-encoding|accept-language|user-agent|signature|signature-input|authorization|cookie|content-digest|digest|upvest-.*|sec-.*|transfer-encoding|traceparent|tracestate|baggage|x-forwarded-.*)$/;

/**
 * The command that makes a call again at a proxy, which signs it: it holds neither token nor signature. The idempotency
 * key stays in it, so that the same command does the same thing once. Where the body is too large to keep, or no text, a
 * comment in its place: half an order is not to be sent.
 *
 * @param base the proxy's address
 */
export function curlOf(
  call: {
    readonly method: string;
    /** Path and query. */
    readonly target: string;
    readonly headers: Iterable<readonly [string, string]>;
    readonly body: Uint8Array;
  },
  base: string,
): string {
  const body = textOf(call.body);
  if (body === undefined) {
    return `# No command: a body of ${call.body.byteLength} bytes is more than the inspector keeps, or is no text.`;
  }
  const parts = [
    "curl",
    ...(call.method === "GET" ? [] : ["-X", call.method]),
    quote(`${base}${call.target}`),
  ];
  for (const [name, value] of call.headers) {
    if (!OMITTED.test(name.toLowerCase())) parts.push("-H", quote(`${name}: ${value}`));
  }
  // Not --data: that would read a file where the body begins with an @.
  if (body !== "") parts.push("--data-raw", quote(body));
  return parts.join(" ");
}

function textOf(body: Uint8Array): string | undefined {
  if (body.byteLength > MAX_BODY) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

/** For a POSIX shell: nothing is special between single quotes but the single quote. */
const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

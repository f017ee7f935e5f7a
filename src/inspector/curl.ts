/** Set by curl itself, by the proxy, or of no use in a command. */
const OMITTED =
  /^(?:host|connection|content-length|accept-encoding|accept-language|user-agent|signature|signature-input|authorization|cookie|content-digest|digest|upvest-.*|sec-.*|transfer-encoding|traceparent|tracestate|baggage|x-forwarded-.*)$/;

/**
 * The command that makes a call again at a proxy, which signs it: it holds neither token nor signature. The idempotency
 * key stays in it, so that the same command does the same thing once.
 *
 * @param base the proxy's address
 */
export function curlOf(
  call: {
    readonly method: string;
    /** Path and query. */
    readonly target: string;
    readonly headers: Iterable<readonly [string, string]>;
    readonly body: string;
  },
  base: string,
): string {
  const parts = [
    "curl",
    ...(call.method === "GET" ? [] : ["-X", call.method]),
    quote(`${base}${call.target}`),
  ];
  for (const [name, value] of call.headers) {
    if (!OMITTED.test(name.toLowerCase())) parts.push("-H", quote(`${name}: ${value}`));
  }
  // Not --data: that would read a file where the body begins with an @.
  if (call.body !== "") parts.push("--data-raw", quote(call.body));
  return parts.join(" ");
}

/** For a POSIX shell: nothing is special between single quotes but the single quote. */
const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

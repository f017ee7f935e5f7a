/**
 * What an access token, a signature and a client secret look like where a server, or a proxy in front of it, repeats
 * what it was sent.
 */
const patterns: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\b(Bearer|Basic) [\w\-.~+/]+=*/gi, "$1 [hidden]"],
  [/\bory_at_[\w\-.~+/]+=*/g, "[hidden]"],
  [/\b(sig\d*)=:[\w+/=]*:/g, "$1=:[hidden]:"],
  [/\b(client_secret\\?"?[=:]\s?\\?"?)[^&"\\\s]+/gi, "$1[hidden]"],
];

/** The text without what must not reach a log, even if an answer holds it. */
export const hideSecrets = (text: string): string =>
  patterns.reduce((hidden, [pattern, instead]) => hidden.replace(pattern, instead), text);

/** A secret of fewer characters would be found in every word. */
const SHORTEST = 8;

/** How deep an answer may be nested; what lies deeper is left out. */
const DEPTH = 32;

/**
 * What an answer holds, without secrets in its texts.
 *
 * @param secret what the request carried, hidden in whatever spelling: as it is, in a URL or form, in JSON
 */
export function withoutSecrets(value: unknown, secret: string | undefined): unknown {
  const spellings =
    secret === undefined || secret.length < SHORTEST
      ? []
      : [secret, encodeURIComponent(secret), `${new URLSearchParams([["", secret]])}`.slice(1)].concat(
          JSON.stringify(secret).slice(1, -1),
        );
  const inText = (text: string): string =>
    hideSecrets(spellings.reduce((hidden, spelling) => hidden.replaceAll(spelling, "[hidden]"), text));
  const within = (inner: unknown, depth: number): unknown => {
    if (typeof inner === "string") return inText(inner);
    if (typeof inner !== "object" || inner === null) return inner;
    if (depth === 0) return "[nested too deep]";
    if (Array.isArray(inner)) return inner.map((member) => within(member, depth - 1));
    return Object.fromEntries(
      Object.entries(inner).map(([name, member]) => [
        inText(name),
        /client_?secret/i.test(name) ? "[hidden]" : within(member, depth - 1),
      ]),
    );
  };
  return within(value, DEPTH);
}

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

import type { Profile } from "./profile.js";

/** A covered component: its lower-case name (`@method`, `content-type`) and the value that is signed. */
export type Component = readonly [name: string, value: string];

export interface SignatureParameters {
  readonly keyid: string;
  /** Unix seconds. */
  readonly created: number;
  /** Unix seconds. */
  readonly expires: number;
  /** Single use: every attempt needs a new one. */
  readonly nonce: string;
}

// A field name as a token of RFC 9110 in lower case, or a derived component (RFC 9421 sections 2.1 and 2.2).
const componentName = /^@?[a-z0-9!#$%&'*+.^_`|~-]+$/;
// A structured-field string needs no escape when it has neither quote nor backslash (RFC 8941 section 3.3.3).
const plainString = /^[ !#-[\]-~]+$/;
// The base is ASCII, and a value holds no line break (RFC 9421 sections 2.1 and 2.5).
const plainValue = /^[ -~]*$/;
// An integer of a structured field has at most 15 digits (RFC 8941 section 3.3.1).
const largestInteger = 999_999_999_999_999;

/** Names that were found good: a client uses the same dozen over and over. Bounded, since callers may name headers. */
const goodNames = new Set<string>();

function isComponentName(name: string): boolean {
  if (goodNames.has(name)) return true;
  if (!componentName.test(name)) return false;
  if (goodNames.size < 1_000) goodNames.add(name);
  return true;
}

/** True for text that can stand between quotes as `keyid` or `nonce` without an escape. */
export const isPlainString = (text: unknown): boolean => typeof text === "string" && plainString.test(text);

/**
 * The list of covered names and its parameters, as it stands both in `signature-input` (after `sig1=`) and in the
 * last line of the signature base: `("@method" "@path");keyid="...";created=...;expires=...;nonce="..."`.
 *
 * @throws TypeError for a name that is not a component name or comes twice, for a `keyid` or `nonce` that is empty
 * or would need an escape, and for times that are no Unix seconds or in the wrong order.
 */
export function signatureParams(names: readonly string[], parameters: SignatureParameters): string {
  const { keyid, created, expires, nonce } = parameters;
  names.forEach(requireName);
  requirePlain("keyid", keyid);
  requirePlain("nonce", nonce);
  requireSeconds("created", created);
  requireSeconds("expires", expires);
  if (expires < created) {
    throw new TypeError(`signature parameter expires (${expires}) lies before created (${created})`);
  }
  const list = names.length === 0 ? "()" : `("${names.join('" "')}")`;
  return `${list};keyid="${keyid}";created=${created};expires=${expires};nonce="${nonce}"`;
}

/**
 * The text that is signed (RFC 9421 section 2.5): a line for each component in the order given, then the line of
 * `params`, joined by `\n` and without a line break at the end.
 *
 * @param params The value of `@signature-params`; its names must be those of `components`, in the same order.
 * @throws TypeError for a value that cannot be signed, with the component's name and never its value.
 */
export function signatureBase(components: readonly Component[], params: string, profile: Profile): string {
  let lines = "";
  for (const [name, value] of components) lines += baseLine(name, value, profile);
  return closeBase(lines, params, profile);
}

/** One component's line of the base, its line break included. @throws TypeError as above */
export function baseLine(name: string, value: string, { quoted }: Profile): string {
  if (!isComponentName(name)) throw badName(name);
  if (!plainValue.test(value)) throw badValue(name, value);
  return quoted ? `"${name}": ${value.trim()}\n` : `${name}: ${value.trim()}\n`;
}

/** The base of which `lines` are the components. @throws TypeError as above */
export function closeBase(lines: string, params: string, { quoted }: Profile): string {
  if (!plainValue.test(params)) throw badValue("@signature-params", params);
  return quoted ? `${lines}"@signature-params": ${params}` : `${lines}@signature-params: ${params}`;
}

function requireName(name: string, index: number, names: readonly string[]): void {
  if (!isComponentName(name)) throw badName(name);
  if (names.indexOf(name) !== index) {
    // RFC 9421 section 2: a component identifier occurs once.
    throw new TypeError(`component "${name}" is covered twice; name each component once`);
  }
}

function requirePlain(parameter: "keyid" | "nonce", text: string): void {
  if (isPlainString(text)) return;
  // The text itself stays out: a key given in the wrong place must not reach a log.
  throw new TypeError(
    `signature parameter ${parameter} must be non-empty printable ASCII without " and \\, ` +
      `got ${typeof text === "string" ? `${text.length} characters that are not` : typeof text}`,
  );
}

function requireSeconds(parameter: "created" | "expires", seconds: number): void {
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= largestInteger) return;
  throw new TypeError(
    `signature parameter ${parameter} must be Unix time in whole seconds, got ${String(seconds)}`,
  );
}

const badName = (name: string): TypeError =>
  new TypeError(
    `${JSON.stringify(name)} is not a component name: give a header name in lower case, or a derived component such as "@method"`,
  );

function badValue(name: string, value: string): TypeError {
  const at = value.search(/[^ -~]/);
  const point = value.codePointAt(at) ?? 0;
  const code = `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
  const kind = point < 0x20 || point === 0x7f ? "a control character" : "a character outside ASCII";
  return new TypeError(
    `the value of component "${name}" holds ${kind} (${code} at index ${at}), which cannot be signed`,
  );
}

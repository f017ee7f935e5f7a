import type { Line } from "./entry.js";

/** The lines of a signature base as pairs of component and value, in their order; with or without quoted names (v6). */
export function readBase(base: string): readonly (readonly [name: string, value: string])[] {
  if (base === "") return [];
  return base.split("\n").map((line) => {
    const [, name = line, value = ""] = /^"?(@?[^":\s]+)"?: ?(.*)$/s.exec(line) ?? [];
    return [name, value] as const;
  });
}

/**
 * Lays two signature bases side by side. `undefined`: nobody knows that side; then nothing is said to differ.
 */
export function compareBases(signed: string | undefined, seen: string | undefined): readonly Line[] {
  const left = signed === undefined ? undefined : readBase(signed);
  const right = seen === undefined ? undefined : readBase(seen);
  const names = [...new Set([...(left ?? []), ...(right ?? [])].map(([name]) => name))];
  const known = left !== undefined && right !== undefined;
  return names.map((name) => {
    const at = place(left, name);
    const other = place(right, name);
    // A line that is the same and stands elsewhere makes another base as well.
    const differs = known && (at?.value !== other?.value || at?.index !== other?.index);
    return { name, signed: at?.value, seen: other?.value, differs };
  });
}

function place(
  base: readonly (readonly [string, string])[] | undefined,
  name: string,
): { readonly index: number; readonly value: string } | undefined {
  const index = base?.findIndex(([each]) => each === name) ?? -1;
  const value = base?.[index]?.[1];
  return value === undefined ? undefined : { index, value };
}

/** A request as its signature is checked. */
export interface SignedMessage {
  readonly method: string;
  readonly path: string;
  /** Without its `?`; empty when there is none. */
  readonly query: string;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
}

/** The value that a component has in a request as it arrived; undefined when the request has no such header. */
export function componentValue(name: string, message: SignedMessage): string | undefined {
  if (name === "@method") return message.method;
  if (name === "@path") return message.path;
  if (name === "@query") return `?${message.query}`;
  return message.headers.get(name);
}

/** What `signature-input` says, read leniently: the day it is refused, it is to be shown all the same. */
export interface SignatureInput {
  readonly names: readonly string[];
  /** The value of `@signature-params`, byte for byte. */
  readonly params: string;
  readonly keyid: string | undefined;
  readonly nonce: string | undefined;
  /** Unix seconds. */
  readonly created: number | undefined;
  /** Unix seconds. */
  readonly expires: number | undefined;
}

export function readSignatureInput(header: string | undefined): SignatureInput | undefined {
  const [, params, list = ""] = /^[^=\s]+=(\(([^)]*)\).*)$/s.exec(header ?? "") ?? [];
  if (params === undefined) return undefined;
  const rest = params.slice(list.length + 2);
  const text = (name: string): string | undefined => new RegExp(`;\\s*${name}="([^"]*)"`).exec(rest)?.[1];
  const number = (name: string): number | undefined => {
    const digits = new RegExp(`;\\s*${name}=(-?\\d{1,15})(?:;|$)`).exec(rest)?.[1];
    return digits === undefined ? undefined : Number(digits);
  };
  return {
    names: Array.from(list.matchAll(/"([^"]*)"/g), ([, name = ""]) => name),
    params,
    keyid: text("keyid"),
    nonce: text("nonce"),
    created: number("created"),
    expires: number("expires"),
  };
}

/** The base over the components that `signature-input` names, from what arrived; absent headers are left out. */
export function rebuildBase({ names, params }: SignatureInput, message: SignedMessage): string {
  const lines = names.flatMap((name) => {
    const value = componentValue(name, message);
    return value === undefined ? [] : [`"${name}": ${value}`];
  });
  return [...lines, `"@signature-params": ${params}`].join("\n");
}

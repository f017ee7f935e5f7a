import { isInnerList, parseDictionary } from "structured-headers";
import type { BareItem, InnerList, Item, Parameters } from "structured-headers";
import { decodeBase64, encodeBase64 } from "../signature/base64.js";
import { refuse, WebhookVerificationError } from "./errors.js";

/** One label of `signature-input` with the signature of that label, read strictly. */
export interface ReceivedSignature {
  readonly label: string;
  /** The covered components, in their order. */
  readonly components: readonly string[];
  /** What follows `label=`, byte for byte as it was received: the value of `@signature-params`. */
  readonly params: string;
  readonly keyid: string | undefined;
  /** Unix seconds. */
  readonly created: number | undefined;
  /** Unix seconds. */
  readonly expires: number | undefined;
  readonly nonce: string | undefined;
  readonly alg: string | undefined;
  readonly signature: Uint8Array;
}

/**
 * Reads the values of the two signature headers (RFC 9421 section 4), as strictly as structured fields allow and a
 * little more: a label or a parameter that comes twice is refused, where RFC 8941 lets the last one win.
 *
 * @throws WebhookVerificationError `no_signature`, `malformed_signature`, `duplicate_label`, `unknown_label`,
 * `unknown_component` or `duplicate_component`.
 */
export function readSignatures(
  input: string | undefined,
  signature: string | undefined,
): readonly ReceivedSignature[] {
  if (!input) refuse("no_signature", "it has no signature-input header");
  if (!signature) refuse("no_signature", "it has no signature header");
  const inputs = readMembers("signature-input", input);
  const signatures = readMembers("signature", signature);
  for (const label of signatures.keys()) {
    if (!inputs.has(label))
      refuse("unknown_label", `signature-input does not know the signature's label ${label}`);
  }
  return Array.from(inputs, ([label, member]) => {
    const signed = signatures.get(label);
    if (!signed) refuse("unknown_label", `there is no signature for the label ${label} of signature-input`);
    return { label, ...readParams(label, member), signature: readBytes(label, signed) };
  });
}

interface Member {
  readonly text: string;
  readonly value: Item | InnerList;
}

function readMembers(header: string, raw: string): ReadonlyMap<string, Member> {
  const members = new Map<string, Member>();
  for (const part of splitMembers(raw)) {
    const [entry, ...rest] = parse(header, part);
    if (!entry || rest.length > 0) malformed(`${header} has an empty member between its commas`);
    const [label, value] = entry;
    // Reading the whole header at once would let the second of two equal labels replace the first without a word.
    if (members.has(label)) refuse("duplicate_label", `${header} has the label ${label} twice`);
    if (!part.startsWith(`${label}=`)) malformed(`${header} has no value for the label ${label}`);
    members.set(label, { text: part.slice(label.length + 1), value });
  }
  return members;
}

/** The members of a dictionary as they stand there. A comma separates them unless it is inside a string. */
function splitMembers(raw: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at < raw.length; at += 1) {
    const character = raw[at];
    if (quoted && character === "\\") at += 1;
    else if (character === '"') quoted = !quoted;
    else if (character === "," && !quoted) {
      parts.push(raw.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(raw.slice(start));
  return parts.map((part) => part.replace(/^[ \t]+|[ \t]+$/g, ""));
}

function parse(header: string, part: string): readonly (readonly [string, Item | InnerList])[] {
  try {
    return [...parseDictionary(part)];
  } catch (error) {
    return malformed(
      `${header} is not a structured field (${error instanceof Error ? error.message : "unreadable"})`,
    );
  }
}

function readParams(label: string, { text, value }: Member): Omit<ReceivedSignature, "label" | "signature"> {
  if (!isInnerList(value)) {
    return malformed(`the value of the label ${label} in signature-input is not a list in parentheses`);
  }
  const [items, parameters] = value;
  // Outside of strings a semicolon only ever starts a parameter, so a parameter that came twice shows in their number.
  const semicolons = text.replace(/"(?:[^"\\]|\\.)*"/g, "").split(";").length - 1;
  const components = items.map(readComponent);
  const twice = components.find((name, index) => components.indexOf(name) !== index);
  if (twice !== undefined) refuse("duplicate_component", `the component "${twice}" is covered twice`);
  if (semicolons !== parameters.size)
    malformed(`the label ${label} in signature-input has a parameter twice`);
  return {
    components,
    params: text,
    keyid: textParameter(parameters, "keyid"),
    created: timeParameter(parameters, "created"),
    expires: timeParameter(parameters, "expires"),
    nonce: textParameter(parameters, "nonce"),
    alg: textParameter(parameters, "alg"),
  };
}

// Upvest docs, "v15 signature components", and their v6 twin: no other derived component is in use.
const derived: ReadonlySet<string> = new Set(["@method", "@path", "@query"]);
const fieldName = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;

function readComponent([name, parameters]: Item): string {
  if (typeof name !== "string") return malformed("a covered component is not a string in double quotes");
  // Parameters change what a component means (RFC 9421 section 2.1), and the docs give none to any.
  if (parameters.size > 0)
    refuse("unknown_component", `the component "${name}" has parameters, which are not in use`);
  const known = fieldName.test(name) && name !== "signature" && name !== "signature-input";
  if (!known && !derived.has(name))
    refuse("unknown_component", `the component ${JSON.stringify(name)} is of no known kind`);
  return name;
}

function textParameter(parameters: Parameters, name: string): string | undefined {
  const value: BareItem | undefined = parameters.get(name);
  if (value === undefined || typeof value === "string") return value;
  return malformed(`the parameter ${name} is not a string in double quotes`);
}

function timeParameter(parameters: Parameters, name: string): number | undefined {
  const value: BareItem | undefined = parameters.get(name);
  if (value === undefined || (typeof value === "number" && Number.isInteger(value))) return value;
  return malformed(`the parameter ${name} is not a whole number of seconds`);
}

function readBytes(label: string, { text, value }: Member): Uint8Array {
  const base64 = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(text)?.[1];
  const bytes = base64 === undefined || isInnerList(value) ? undefined : decodeBase64(base64);
  // One signature has one spelling: spare bits after the last byte would let a changed header pass.
  if (!bytes || encodeBase64(bytes) !== base64) {
    return malformed(`the signature of the label ${label} is not padded base64 between colons`);
  }
  return bytes;
}

function malformed(message: string): never {
  throw new WebhookVerificationError("malformed_signature", message);
}

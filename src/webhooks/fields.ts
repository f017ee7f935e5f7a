import { decodeBase64, encodeBase64 } from "../signature/base64.js";
import { refuse } from "./errors.js";

/** One label of `signature-input` with the signature of that label, read strictly. */
export interface ReceivedSignature extends SignatureInput {
  readonly label: string;
  readonly signature: Uint8Array;
}

interface SignatureInput {
  /** The covered components, in their order. */
  readonly components: readonly string[];
  /** What follows `label=`, byte for byte as it was received: the value of `@signature-params`. */
  readonly params: string;
  /** The parameters `created` and `expires`, Unix seconds. */
  readonly times: ReadonlyMap<string, number>;
  /** The parameters `keyid`, `nonce` and `alg`. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Reads the values of the two signature headers (RFC 9421 section 4). Of structured fields (RFC 8941) it takes what may
 * stand there and no more: parameters are strings, integers or flags. A label or a parameter that comes twice is
 * refused, where RFC 8941 lets the last one win.
 *
 * @throws WebhookVerificationError `no_signature`, `malformed_signature`, `duplicate_label`, `unknown_label`,
 * `unknown_component` or `duplicate_component`.
 */
export function readSignatures(
  input: string | undefined,
  signature: string | undefined,
): readonly ReceivedSignature[] {
  const inputs = readMembers("signature-input", input, readInput);
  const signatures = readMembers("signature", signature, readBytes);
  for (const label of signatures.keys()) if (!inputs.has(label)) refuseLabel(label);
  return Array.from(inputs, ([label, params]) => ({
    label,
    ...params,
    signature: signatures.get(label) ?? refuseLabel(label),
  }));
}

const refuseLabel = (label: string): never =>
  refuse("unknown_label", `the label ${label} is in only one of signature and signature-input`);

/** Reads on in a header. */
interface Reader {
  /** Moves behind what the pattern matches here, and gives its group; `undefined` where it does not match. */
  readonly take: (pattern: RegExp) => string | undefined;
  /** As `take`; refuses the delivery where the pattern does not match. */
  readonly expect: (pattern: RegExp, what: string) => string;
  /** All that was read of the present member's value. */
  readonly value: () => string;
}

// RFC 8941 sections 3.1 to 3.3. All patterns are sticky, so that they match at the place that was reached.
const pattern = (source: string): RegExp => new RegExp(source, "y");
const key = "([a-z*][a-z0-9_.*-]*)";
const string = String.raw`"(?:[ !#-[\]-~]|\\["\\])*"`;
const integer = String.raw`-?\d{1,15}`;
const label = pattern(`${key}=`);
const end = pattern("[ \t]*(,[ \t]*|$)");
const opening = pattern(String.raw`\(`);
// With the semicolon that would start its parameters; or the parenthesis that closes the list.
const item = pattern(String.raw` *(${string}(?:;|(?=[ )]))|\))`);
const parameter = pattern(`; *${key}`);
const textValue = pattern(`=(${string})`);
const timeValue = pattern(`=(${integer})`);
const anyValue = pattern(`(?:=(?:${string}|${integer}))?`);
const bytes = pattern(":([^:]+):");

function readMembers<T>(
  header: string,
  text: string | undefined,
  readValue: (reader: Reader) => T,
): ReadonlyMap<string, T> {
  if (!text) return refuse("no_signature", `it has no ${header} header`);
  let at = 0;
  let start = 0;
  const take: Reader["take"] = (wanted) => {
    wanted.lastIndex = at;
    const match = wanted.exec(text);
    if (!match) return undefined;
    at = wanted.lastIndex;
    return match[1] ?? "";
  };
  const expect: Reader["expect"] = (wanted, what) =>
    take(wanted) ?? refuse("malformed_signature", `${header} has no ${what} at character ${at + 1}`);
  const reader: Reader = { take, expect, value: () => text.slice(start, at) };
  const members = new Map<string, T>();
  do {
    const name = expect(label, "label with a value");
    if (members.has(name)) refuse("duplicate_label", `${header} has the label ${name} twice`);
    start = at;
    members.set(name, readValue(reader));
  } while (expect(end, "comma or end"));
  return members;
}

// Upvest docs, "v15 signature components", and their v6 twin: no other derived component is in use.
const known = /^(?!signature(-input)?$)(@(method|path|query)|[a-z0-9!#$%&'*+.^_`|~-]+)$/;

// Upvest signs about six. Who sends a header is not known yet, so that reading it must stay cheap.
const mostComponents = 64;

function readInput({ take, expect, value }: Reader): SignatureInput {
  const components = new Set<string>();
  const times = new Map<string, number>();
  const texts = new Map<string, string>();
  expect(opening, "list in parentheses");
  for (let quoted; (quoted = expect(item, "component in double quotes")) !== ")";) {
    const name = quoted.slice(1, -1);
    // Parameters change what a component means (RFC 9421 section 2.1), and the docs give none to any.
    if (!known.test(name))
      refuse("unknown_component", `the component ${quoted} is of no known kind, or has parameters`);
    if (components.has(name)) refuse("duplicate_component", `the component "${name}" is covered twice`);
    if (components.size === mostComponents)
      refuse("malformed_signature", `signature-input lists more than ${mostComponents} components`);
    components.add(name);
  }
  for (let name; (name = take(parameter)) !== undefined;) {
    if (times.has(name) || texts.has(name))
      refuse("malformed_signature", `signature-input has the parameter ${name} twice`);
    if (name === "created" || name === "expires")
      times.set(name, Number(expect(timeValue, `whole number for ${name}`)));
    else if (name === "keyid" || name === "nonce" || name === "alg")
      texts.set(name, expect(textValue, `string for ${name}`).slice(1, -1).replace(/\\(.)/g, "$1"));
    else texts.set(name, expect(anyValue, "value"));
  }
  return { components: [...components], params: value(), times, texts };
}

function readBytes({ expect }: Reader): Uint8Array {
  const base64 = expect(bytes, "base64 between colons");
  const signature = decodeBase64(base64);
  // One signature has one spelling: spare bits after the last byte would let a changed header pass.
  if (!signature || encodeBase64(signature) !== base64)
    return refuse("malformed_signature", "its signature is not padded base64, or has spare bits");
  return signature;
}

import {
  isInnerList,
  parseDictionary,
  serializeDictionary,
  type BareItem,
  type Dictionary,
  type InnerList,
  type Item,
} from "structured-headers";

/** The reason why a request's signature is not accepted; becomes a `Verdict`, never leaves the verifier. */
export class Refused extends Error {}

export interface Signature {
  readonly components: readonly string[];
  readonly parameters: ReadonlyMap<string, BareItem>;
  /** The signature parameters exactly as they were sent. */
  readonly text: string;
  readonly signature: Uint8Array;
}

/** Reads `signature-input` and `signature` strictly. Throws {@link Refused}. */
export function readSignature(headers: ReadonlyMap<string, string>): Signature {
  const input = readHeader(headers, "signature-input");
  const value = readHeader(headers, "signature");
  const [inputLabel, list] = onlyMember(input.dictionary, "signature-input");
  const [valueLabel, bytes] = onlyMember(value.dictionary, "signature");
  if (inputLabel !== valueLabel) {
    throw new Refused(`signature-input is labelled ${inputLabel} but signature is labelled ${valueLabel}`);
  }
  if (!isInnerList(list)) throw new Refused("signature-input must hold a list of components in parentheses");
  if (isInnerList(bytes) || !(bytes[0] instanceof ArrayBuffer) || bytes[1].size > 0) {
    throw new Refused("signature must be a byte sequence, base64 between colons");
  }
  return {
    components: readComponents(list),
    parameters: list[1],
    text: input.raw.slice(inputLabel.length + 1),
    signature: new Uint8Array(bytes[0]),
  };
}

/**
 * Parses a header as a dictionary (RFC 8941) and insists on the one canonical way to write it. So nothing that a
 * lenient reader would repair or drop gets by: a duplicate label or parameter, spare blanks, unpadded base64.
 */
function readHeader(
  headers: ReadonlyMap<string, string>,
  name: string,
): { raw: string; dictionary: Dictionary } {
  const raw = headers.get(name);
  if (raw === undefined) throw new Refused(`${name} is missing`);
  let dictionary: Dictionary;
  try {
    dictionary = parseDictionary(raw);
  } catch (error) {
    throw new Refused(
      `${name} is not a structured field: ${error instanceof Error ? error.message : "unreadable"}`,
    );
  }
  if (serializeDictionary(dictionary) !== raw) {
    throw new Refused(`${name} is not in canonical form: a duplicate, a stray blank or loose base64`);
  }
  return { raw, dictionary };
}

function onlyMember(dictionary: Dictionary, name: string): [string, Item | InnerList] {
  const [first, ...rest] = dictionary;
  if (first === undefined || rest.length > 0) {
    throw new Refused(`${name} must have exactly one label, not ${dictionary.size}`);
  }
  return first;
}

const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;

function readComponents([items]: InnerList): readonly string[] {
  const names = items.map(([name, parameters]) => {
    if (typeof name !== "string") throw new Refused("a covered component must be a string in double quotes");
    if (parameters.size > 0) throw new Refused(`component ${name} has parameters, which Upvest does not use`);
    const known = name.startsWith("@") ? DERIVED.has(name) : HEADER_NAME.test(name);
    if (!known)
      throw new Refused(`component ${name} is unknown: derived ones are ${[...DERIVED].join(", ")}`);
    return name;
  });
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Refused(`component ${twice} is listed twice`);
  return names;
}

/** The derived components in the closed list of the Upvest docs (v15 signature components). */
const DERIVED: ReadonlySet<string> = new Set(["@method", "@path", "@query"]);

const PARAMETERS: ReadonlySet<string> = new Set(["keyid", "created", "expires", "nonce", "alg"]);

/** Checks the signature parameters for presence and kind, not yet for their values. Throws {@link Refused}. */
export function readParameters(parameters: ReadonlyMap<string, BareItem>): {
  keyid: string;
  created: number;
  expires: number;
  nonce: string;
} {
  const unknown = [...parameters.keys()].find((name) => !PARAMETERS.has(name));
  if (unknown !== undefined) throw new Refused(`signature parameter ${unknown} is unknown`);
  const string = (name: string): string => {
    const value = parameters.get(name);
    if (typeof value !== "string" || value === "")
      throw new Refused(`parameter ${name} must be a non-empty string`);
    return value;
  };
  const seconds = (name: string): number => {
    const value = parameters.get(name);
    if (typeof value !== "number" || !Number.isInteger(value)) {
      throw new Refused(`parameter ${name} must be a whole number of seconds`);
    }
    return value;
  };
  return {
    keyid: string("keyid"),
    created: seconds("created"),
    expires: seconds("expires"),
    nonce: string("nonce"),
  };
}

/** The digest in `content-digest`, which must be a single `sha-512` (Upvest docs, v15 content digest). Throws {@link Refused}. */
export function readDigest(headers: ReadonlyMap<string, string>): Uint8Array {
  const [name, member] = onlyMember(readHeader(headers, "content-digest").dictionary, "content-digest");
  if (name !== "sha-512") throw new Refused(`content-digest must be sha-512, not ${name}`);
  const given = isInnerList(member) ? undefined : member[0];
  if (!(given instanceof ArrayBuffer)) throw new Refused("content-digest must be base64 between colons");
  return new Uint8Array(given);
}

import { createHash, verify, type KeyObject } from "node:crypto";
import { componentValue, type SignatureInput, type SignedMessage } from "../base-lines.js";

/** What a signer did otherwise, proven: the signature fits this base. */
export interface Guess {
  /** A whole sentence. */
  readonly text: string;
  /** The base that was signed. */
  readonly base: string;
}

export interface GuessInput {
  readonly message: SignedMessage & { readonly body: Uint8Array };
  readonly input: SignatureInput;
  readonly signature: Uint8Array;
  readonly key: KeyObject;
}

/**
 * Looks for the mistake behind a signature that does not fit. Whoever has the key can try: a signature that fits a base
 * with one thing done otherwise was made over just that. So what is found is no guess any more; what is not found is
 * another key or a mistake that is not in the list.
 */
export async function findMistake(given: GuessInput): Promise<Guess | undefined> {
  for (const candidate of candidates(given)) {
    if (await fits(given, candidate)) return { text: candidate.text, base: candidate.base };
  }
  return undefined;
}

interface Candidate extends Guess {
  readonly encoding?: "ieee-p1363";
  readonly digest?: string;
  /** What was signed is this, not the base itself. */
  readonly bytes?: Uint8Array;
}

function* candidates({ message, input, key }: GuessInput): Generator<Candidate> {
  const values = input.names.map((name) => [name, componentValue(name, message) ?? ""] as const);
  const right = join(values, input.params);
  const changed = function* (
    name: string,
    ...others: readonly (readonly [value: string, text: string])[]
  ): Generator<Candidate> {
    const received = componentValue(name, message);
    if (!input.names.includes(name)) return;
    for (const [value, text] of others) {
      if (value === received) continue;
      const swapped = values.map(([each, old]) => [each, each === name ? value : old] as const);
      const lost = `${name} was signed as ${value}, but did not arrive: something on the way dropped it.`;
      yield { text: received === undefined && value !== "" ? lost : text, base: join(swapped, input.params) };
    }
  };

  const { path, query, headers, body } = message;
  yield* changed(
    "@query",
    [query, "@query was signed without its leading question mark."],
    [`?${decoded(query)}`, "@query was signed with its percent-escapes decoded; sign it as it is sent."],
    [
      `?${new URLSearchParams(query).toString()}`,
      "@query was signed in another encoding than it was sent in (blanks, colons, commas); sign the bytes that are sent.",
    ],
    ...orders(query.split("&")).map(
      (parameters) =>
        [
          `?${parameters.join("&")}`,
          "@query was signed with its parameters in another order than they were sent in.",
        ] as const,
    ),
    ["?", "@query was signed empty, but the request has a query."],
    ["", "@query was signed empty, but the request has a query."],
  );
  yield* changed(
    "@path",
    [`${path}?${query}`, "@path was signed together with the query; the query belongs in @query."],
    [decoded(path), "@path was signed with its percent-escapes decoded."],
    [encodeURI(decoded(path)), "@path was signed in another percent-encoding than it was sent in."],
    [`${path}/`, "@path was signed with a slash at its end that the request does not have."],
    [path.replace(/\/$/, ""), "@path was signed without the slash at its end."],
    [path.slice(1), "@path was signed without its leading slash."],
    [
      path.replace(/^\/[^/]+(?=\/)/, ""),
      "@path was signed without its first segment: does a base path get in between?",
    ],
  );
  yield* changed("@method", [message.method.toLowerCase(), "@method was signed in lower case."]);
  const token = (headers.get("authorization") ?? "").replace(/^Bearer /, "");
  yield* changed(
    "authorization",
    [token, "authorization was signed without the word Bearer in front of the token."],
    [`bearer ${token}`, "authorization was signed with bearer in lower case."],
    ["", "authorization was signed empty: the token was set after signing."],
  );
  const type = headers.get("content-type") ?? "";
  yield* changed(
    "content-type",
    [`${type}; charset=utf-8`, "content-type was signed with a charset that was not sent."],
    [`${type};charset=UTF-8`, "content-type was signed with a charset that was not sent."],
    [type.split(";")[0] ?? "", "content-type was sent with a parameter that was not signed."],
  );
  yield* changed(
    "accept",
    ["application/json", "accept was signed as application/json, and another value was sent."],
    ["*/*", "accept was signed as */*, and another value was sent."],
    ["application/json, text/plain, */*", "accept was signed as the list that axios sends."],
  );
  yield* changed(
    "content-length",
    ["0", "content-length was signed as 0, and the body is longer."],
    ["", "content-length was signed empty: it was set after signing."],
  );
  const digest = createHash("sha512").update(body).digest("base64");
  yield* changed(
    "content-digest",
    [`sha-512=:${digest}:`, "content-digest was changed on the way: the signed one fits the body."],
    [`sha-512=${digest}`, "content-digest was signed without the colons around its base64."],
  );
  for (const name of ["idempotency-key", "upvest-client-id"]) {
    const value = headers.get(name) ?? "";
    yield* changed(
      name,
      [value.toLowerCase(), `${name} was signed in lower case.`],
      [value.toUpperCase(), `${name} was signed in upper case.`],
    );
  }

  yield { text: "The base that was signed ends with a line break.", base: `${right}\n` };
  yield {
    text: "The lines were joined by CR and LF; LF alone is right.",
    base: right.replaceAll("\n", "\r\n"),
  };
  yield {
    text: "The component names were signed without quotes, as version 6 has it; version 15 has quotes.",
    base: right.replaceAll(/^"([^"]+)": /gm, "$1: "),
  };
  yield {
    text: "The component names were signed with capital letters; they are lower case.",
    base: right.replaceAll(/^"[^"@]+"/gm, (name) => name.replaceAll(/\b[a-z]/g, (c) => c.toUpperCase())),
  };
  yield {
    text: "The last line, @signature-params, was not signed.",
    base: right.slice(0, right.lastIndexOf("\n")),
  };
  yield {
    text: "The last line was signed with the label in it (sig1=); it begins with the parenthesis.",
    base: right.replace(/"@signature-params": (?=[^\n]*$)/, "$&sig1="),
  };
  for (const name of input.names) {
    if (componentValue(name, message) !== undefined) continue;
    const without = values.filter(([each]) => each !== name);
    yield {
      text: `${name} is in signature-input, but its line was not signed.`,
      base: join(without, input.params),
    };
  }

  if (key.asymmetricKeyType === "ed25519") {
    const bytes = createHash("sha512").update(right, "latin1").digest();
    yield {
      text: "The base was hashed with SHA-512 before signing; Ed25519 signs the base itself.",
      base: right,
      bytes,
    };
  } else {
    yield {
      text: "The signature is in the form r||s (IEEE P1363); the API takes ASN.1 DER.",
      base: right,
      encoding: "ieee-p1363",
    };
    for (const digest of ["sha256", "sha384"]) {
      yield {
        text: `The base was hashed with ${digest}; P-521 keys sign over SHA-512.`,
        base: right,
        digest,
      };
    }
  }
}

/** All orders of a few; of many only the alphabetical one. */
function orders(parameters: readonly string[]): readonly (readonly string[])[] {
  if (parameters.length > 4) return [parameters.toSorted()];
  if (parameters.length < 2) return [parameters];
  return parameters.flatMap((first, index) =>
    orders(parameters.toSpliced(index, 1)).map((rest) => [first, ...rest]),
  );
}

const join = (values: readonly (readonly [string, string])[], params: string): string =>
  [...values.map(([name, value]) => `"${name}": ${value}`), `"@signature-params": ${params}`].join("\n");

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Off the event loop, as P-521 takes milliseconds. */
function fits({ key, signature }: GuessInput, candidate: Candidate): Promise<boolean> {
  const { base, bytes = Buffer.from(base, "latin1"), encoding, digest = "sha512" } = candidate;
  const algorithm = key.asymmetricKeyType === "ed25519" ? null : digest;
  return new Promise((resolve) => {
    verify(
      algorithm,
      bytes,
      encoding === undefined ? key : { key, dsaEncoding: encoding },
      signature,
      (error, result) => resolve(error === null && result),
    );
  });
}

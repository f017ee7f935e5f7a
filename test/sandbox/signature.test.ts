import { generateKeyPairSync, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startSandbox, type Sandbox, type SandboxRequest } from "upvest-client/sandbox";
import {
  coverOf,
  createCaller,
  digestOf,
  type CallOptions,
  type Caller,
  type Wire,
} from "./support/caller.js";

let now = Date.UTC(2026, 0, 2, 3, 4, 5);
const clock = (): number => now;
const seconds = (): number => Math.floor(now / 1000);
let sandbox: Sandbox;
let caller: Caller;
let token: string;

beforeAll(async () => {
  sandbox = await startSandbox({ clock, rateLimit: Infinity });
  caller = createCaller(sandbox, clock);
});
afterAll(async () => {
  caller.close();
  await sandbox.close();
});
beforeEach(async () => {
  now += 1000;
  token = await caller.token("accounts:admin");
});

const seen = (): SandboxRequest | undefined => sandbox.requests.at(-1);
const account = {
  user_id: "413715f2-5401-4b97-8055-034a6b879f8c",
  account_group_id: "fa2414ed-8d62-46fd-85ed-565a340c81d6",
  type: "TRADING",
};
const post = (options: CallOptions = {}): Wire =>
  caller.build("POST", "/accounts", { token, idempotencyKey: randomUUID(), json: account, ...options });
const get = (options: CallOptions = {}): Wire =>
  caller.build("GET", "/accounts?limit=2", { token, ...options });

/** The same wire with headers changed after it was signed; `undefined` takes one away. */
const tampered = (wire: Wire, headers: Record<string, string | undefined>): Wire => ({
  ...wire,
  headers: Object.fromEntries(
    Object.entries({ ...wire.headers, ...headers }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  ),
});
const without = (wire: Wire, ...names: string[]): readonly string[] =>
  coverOf(wire).filter((name) => !names.includes(name));
/** Signed again over other components. */
const covering = (wire: Wire, components: readonly string[], options: CallOptions = {}): Wire =>
  caller.sign(wire, { ...options, components });

async function refused(wire: Wire, reason: RegExp): Promise<void> {
  const effects = sandbox.effects("create_account") + sandbox.effects("list_accounts");
  const reply = await caller.send(wire);
  expect(reply.status).toBe(401);
  expect(reply.headers["content-type"]).toBe("application/problem+json");
  // What is wrong stays out of the answer, as with the real API.
  expect(reply.json).toEqual({
    type: "https://docs.upvest.co/errors/unauthorised",
    title: "Unauthorised",
    status: 401,
    detail: "Signature is incorrect",
    request_id: reply.headers["upvest-request-id"],
  });
  expect(seen()?.signature).toMatchObject({ verified: false, reason: expect.stringMatching(reason) });
  expect(sandbox.effects("create_account") + sandbox.effects("list_accounts")).toBe(effects);
}

describe("what is accepted", () => {
  test("a signed read and a signed write, and the record says what was verified", async () => {
    expect((await caller.send(get())).status).toBe(200);
    expect(seen()?.signature).toMatchObject({
      verified: true,
      algorithm: "ed25519",
      components: [
        "@method",
        "@path",
        "@query",
        "accept",
        "authorization",
        "upvest-api-version",
        "upvest-client-id",
      ],
    });
    expect((await caller.send(post())).status).toBe(200);
    expect(seen()?.signature?.base).toContain(
      '"content-type": application/json\n"content-digest": sha-512=:',
    );
  });

  test.each([
    ["any order of components", () => covering(get(), [...coverOf(get())].toReversed())],
    ["another label", () => get({ label: "mine" })],
    ["alg where it is the key's own", () => get({ extra: ';alg="ed25519"' })],
    [
      "a date that is covered",
      () => covering(get({ headers: { date: "today" } }), [...coverOf(get()), "date"]),
    ],
    ["a created within the tolerance", () => get({ created: seconds() + 5 })],
    ["the longest window", () => get({ expires: seconds() + 60 })],
    [
      "a target that ends in a question mark, without @query",
      () => caller.build("GET", "/accounts?", { token }),
    ],
  ])("%s", async (_, wire) => {
    const reply = await caller.send(wire());
    expect(reply.status, seen()?.signature?.reason).toBe(200);
  });

  test("a repeated header is covered joined by a comma", async () => {
    const wire = caller.build("GET", "/accounts", { token, headers: { "x-tag": "a, b" } });
    const signed = covering(wire, [...coverOf(wire), "x-tag"]);
    const reply = await caller.send({ ...signed, repeated: { "x-tag": ["a", "b"] } });
    expect(reply.status).toBe(200);
  });
});

describe("what is refused", () => {
  const other = generateKeyPairSync("ed25519").privateKey;
  const p521 = generateKeyPairSync("ec", { namedCurve: "P-521" }).privateKey;

  test.each<[string, () => Wire, RegExp]>([
    ["no version header", () => tampered(get(), { "upvest-signature-version": undefined }), /v6/],
    ["another version", () => tampered(get(), { "upvest-signature-version": "6" }), /must be 15, not 6/],
    ["no signature", () => tampered(get(), { signature: undefined }), /^signature is missing/],
    [
      "no signature-input",
      () => tampered(get(), { "signature-input": undefined }),
      /^signature-input is missing/,
    ],
    ["labels that differ", () => tampered(get(), { signature: `sig2=:${"A".repeat(88)}:` }), /labelled/],
    [
      "a signature that is no byte sequence",
      () => tampered(get(), { signature: 'sig1="AAAA"' }),
      /byte sequence/,
    ],
    ["an unreadable signature", () => tampered(get(), { signature: "sig1=:AAAA" }), /not a structured field/],
    ["loose base64", () => tampered(get(), { signature: "sig1=:AAB=:" }), /canonical/],
    ["no list of components", () => tampered(get(), { "signature-input": "sig1=1" }), /list of components/],
    ["an empty signature-input", () => tampered(get(), { "signature-input": "" }), /label/],
    ["two labels", () => twice(get()), /exactly one label/],
    ["an unknown keyid", () => get({ keyId: randomUUID() }), /not a known key/],
    ["no keyid", () => raw(get(), (input) => input.replace(/;keyid="[^"]*"/, "")), /keyid must be/],
    ["no created", () => raw(get(), (input) => input.replace(/;created=\d+/, "")), /created must be/],
    ["no expires", () => raw(get(), (input) => input.replace(/;expires=\d+/, "")), /expires must be/],
    ["no nonce", () => raw(get(), (input) => input.replace(/;nonce="[^"]*"/, "")), /nonce must be/],
    ["an empty nonce", () => get({ nonce: "" }), /nonce must be/],
    [
      "created as a string",
      () => raw(get(), (input) => input.replace(/created=(\d+)/, 'created="$1"')),
      /created must be/,
    ],
    [
      "created as a decimal",
      () => raw(get(), (input) => input.replace(/created=(\d+)/, "created=$1.5")),
      /created must be/,
    ],
    ["a parameter given twice", () => get({ extra: ";created=1" }), /canonical/],
    ["an unknown parameter", () => get({ extra: ";tag=1" }), /parameter tag is unknown/],
    ["alg of another key type", () => get({ extra: ';alg="ecdsa-p256-sha256"' }), /alg does not fit/],
    ["expires equal to created", () => get({ created: seconds(), expires: seconds() }), /not after created/],
    ["expires before created", () => get({ expires: seconds() - 1 }), /not after created/],
    [
      "too long a window",
      () => get({ expires: seconds() + 61 }),
      /61 s after created; the longest accepted is 60/,
    ],
    ["created in the future", () => get({ created: seconds() + 6 }), /6\.0 s in the future/],
    ["expired", () => get({ created: seconds() - 40 }), /expired 10\.0 s ago/],
    [
      "a component listed twice",
      () => covering(get(), [...coverOf(get()), "accept"]),
      /accept is listed twice/,
    ],
    [
      "an unknown derived component",
      () => covering(get(), [...coverOf(get()), "@authority"]),
      /@authority is unknown/,
    ],
    ["a header name in upper case", () => covering(get(), [...coverOf(get()), "Host"]), /Host is unknown/],
    [
      "a component with a parameter",
      () => raw(get(), (input) => input.replace('"accept"', '"accept";sf')),
      /accept has parameters/,
    ],
    [
      "a component that is no string",
      () => raw(get(), (input) => input.replace('"accept"', "accept")),
      /must be a string/,
    ],
    ["spare blanks", () => raw(get(), (input) => input.replace('" "', '"  "')), /canonical/],
    [
      "a covered header that was not sent",
      () => covering(get(), [...coverOf(get()), "date"]),
      /date is covered but was not sent/,
    ],
    [
      "@query covered without a query",
      () => covering(caller.build("GET", "/accounts", { token }), [...coverOf(get())]),
      /left out/,
    ],
    ["another key", () => get({ key: other }), /does not fit/],
    ["a key of another type", () => get({ key: p521 }), /does not fit/],
    [
      "another body",
      () => ({ ...post(), body: JSON.stringify(account).replace("TRADING", "tRADING") }),
      /content-digest does not fit/,
    ],
    [
      "no body for a digest",
      () => ({
        ...covering(get({ headers: { "content-digest": digestOf("x") } }), coverOf(get())),
        body: "",
      }),
      /content-digest does not fit the 0 bytes/,
    ],
    [
      "a digest of another kind",
      () => signedAgain({ "content-digest": "sha-256=:AAAA:" }),
      /must be sha-512/,
    ],
    [
      "two digests",
      () => signedAgain({ "content-digest": `${digestOf(JSON.stringify(account))}, sha-256=:AAAA:` }),
      /exactly one/,
    ],
    [
      "a digest that is no byte sequence",
      () => signedAgain({ "content-digest": "sha-512=1" }),
      /base64 between colons/,
    ],
    ["an unreadable digest", () => signedAgain({ "content-digest": "sha-512=::::" }), /structured field/],
    ["no access token", () => caller.build("GET", "/accounts"), /not covered: authorization/],
  ])("%s", async (_, wire, reason) => {
    await refused(wire(), reason);
  });

  test.each([
    "@method",
    "@path",
    "accept",
    "authorization",
    "upvest-client-id",
    "upvest-api-version",
    "content-length",
    "content-type",
    "content-digest",
    "idempotency-key",
  ])("%s not covered", async (name) =>
    refused(covering(post(), without(post(), name)), new RegExp(`not covered: ${name}$`)),
  );

  test("a query not covered", async () => {
    await refused(covering(get(), without(get(), "@query")), /not covered: @query/);
  });

  test("a client that is not known", async () => {
    await refused(get({ headers: { "upvest-client-id": randomUUID() } }), /does not belong to the client/);
  });

  test("a request sent again, byte for byte", async () => {
    const wire = get();
    expect((await caller.send(wire)).status).toBe(200);
    await refused(wire, /nonce .* was used before/);
  });

  test("a nonce used again in another request", async () => {
    const nonce = randomUUID();
    expect((await caller.send(get({ nonce }))).status).toBe(200);
    await refused(post({ nonce }), /was used before/);
  });

  test("of two equal requests in flight, one", async () => {
    const wire = get();
    const replies = await Promise.all([caller.send(wire), caller.send(wire), caller.send(wire)]);
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 401, 401]);
  });

  test("a refused request does not use up its nonce", async () => {
    const nonce = randomUUID();
    await refused(get({ nonce, key: other }), /does not fit/);
    expect((await caller.send(get({ nonce }))).status).toBe(200);
  });

  test("a nonce may come again once its signature has expired", async () => {
    const nonce = randomUUID();
    expect((await caller.send(get({ nonce }))).status).toBe(200);
    now += 31_000;
    expect((await caller.send(get({ nonce }))).status).toBe(200);
  });

  test("a token request is signed as well", async () => {
    const { clientId, clientSecret } = sandbox.credentials;
    const fields = {
      client_id: clientId,
      client_secret: clientSecret,
      grant_type: "client_credentials",
      scope: "users:read",
    };
    const reply = await caller.tokenRequest(fields, { key: other });
    expect(reply.status).toBe(401);
    expect(reply.json).toMatchObject({ detail: "Signature is incorrect" });
  });
});

describe("the window", () => {
  test("is an option, as is the tolerance", async () => {
    const strict = await startSandbox({ clock, signatureWindow: 5, clockTolerance: 0 });
    const strictCaller = createCaller(strict, clock);
    const send = async (options: CallOptions): Promise<number> =>
      (await strictCaller.call("GET", "/accounts", { token: "none", ...options })).status;
    try {
      await send({ expires: seconds() + 6 });
      expect(strict.requests.at(-1)?.signature?.reason).toMatch(/longest accepted is 5 s/);
      await send({ created: seconds() + 1, expires: seconds() + 2 });
      expect(strict.requests.at(-1)?.signature?.reason).toMatch(/0 s are tolerated/);
      await send({ expires: seconds() + 5 });
      expect(strict.requests.at(-1)?.signature?.verified).toBe(true);
    } finally {
      strictCaller.close();
      await strict.close();
    }
  });
});

describe("ECDSA P-521", () => {
  test("DER is accepted, raw r||s is not, and the PEM is PKCS#8", async () => {
    const second = await startSandbox({ clock, algorithm: "ecdsa-p521" });
    const signer = createCaller(second, clock);
    try {
      expect(second.credentials.signingKey.privateKey).toMatch(/^-----BEGIN PRIVATE KEY-----/);
      const p521Token = await signer.token("accounts:read");
      expect((await signer.call("GET", "/accounts", { token: p521Token })).status).toBe(200);
      expect(second.requests.at(-1)?.signature).toMatchObject({ verified: true, algorithm: "ecdsa-p521" });
      const raw = await signer.call("GET", "/accounts", { token: p521Token, dsaEncoding: "ieee-p1363" });
      expect(raw.status).toBe(401);
      expect(second.requests.at(-1)?.signature?.reason).toMatch(/does not fit/);
      const alg = await signer.call("GET", "/accounts", { token: p521Token, extra: ';alg="ed25519"' });
      expect(alg.status).toBe(401);
    } finally {
      signer.close();
      await second.close();
    }
  });
});

function twice(wire: Wire): Wire {
  return tampered(wire, {
    "signature-input": `${wire.headers["signature-input"]}, sig2=("@method")`,
  });
}

/** Changes the parameters after signing: the refusal must come before the signature is looked at. */
function raw(wire: Wire, change: (input: string) => string): Wire {
  return tampered(wire, { "signature-input": change(wire.headers["signature-input"] ?? "") });
}

function signedAgain(headers: Record<string, string>): Wire {
  const wire = post({ headers });
  return caller.sign(wire);
}

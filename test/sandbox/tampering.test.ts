import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
  type KeyObject,
} from "node:crypto";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSandbox, type Sandbox } from "upvest-client/sandbox";
import { createVerifier, type Algorithm, type Message, type Verifier } from "../../src/sandbox/verify.js";
import { createCaller, type Caller, type Wire } from "./support/caller.js";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const CLIENT = "5ec16164-6173-461d-b90d-116d68f55b40";
const BODY = '{"user_id":"413715f2-5401-4b97-8055-034a6b879f8c","type":"TRADING"}';

/** One byte of a text at a place, changed by adding to it; never to itself, always to a character a header may hold. */
function changeByte(value: string, place: number, by: number): string {
  const at = place % value.length;
  const code = value.charCodeAt(at);
  const next = 0x21 + ((code - 0x21 + 1 + (by % 93)) % 94);
  return next === code
    ? changeByte(value, place, by + 1)
    : value.slice(0, at) + String.fromCharCode(next) + value.slice(at + 1);
}

describe.each<[Algorithm, () => KeyObject, number]>([
  ["ed25519", () => generateKeyPairSync("ed25519").privateKey, 3000],
  ["ecdsa-p521", () => generateKeyPairSync("ec", { namedCurve: "P-521" }).privateKey, 300],
])("the verifier, %s", (algorithm, makeKey, runs) => {
  const key = makeKey();
  const verifier = (): Verifier =>
    createVerifier({
      keys: new Map([["key-1", { key: createPublicKey(key), algorithm, clientId: CLIENT }]]),
      clock: () => NOW,
      window: 60,
      tolerance: 5,
    });
  const message = signed(key);

  test("accepts the request as it was signed", async () => {
    expect(await verifier()(message, { authorization: true })).toMatchObject({ verified: true, algorithm });
  });

  test("refuses it with any one byte changed", async () => {
    const verify = verifier();
    const places = ["method", "path", "query", "body", ...message.headers.keys()];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), fc.nat(), fc.nat(), async (what, place, by) => {
        const verdict = await verify(changed(message, what, place, by), { authorization: true });
        expect(verdict.verified).toBe(false);
        expect(verdict.reason).not.toBe("");
      }),
      { numRuns: runs },
    );
    // None of them used up the nonce.
    expect(await verify(message, { authorization: true })).toMatchObject({ verified: true });
  });

  test("refuses it with any bytes of any header, the query or the body taken away or added", async () => {
    const verify = verifier();
    const names = [...message.headers.keys()];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.nat(), fc.boolean(), async (name, place, grow) => {
        const value = message.headers.get(name) ?? "";
        const at = place % value.length;
        const next = grow ? `${value.slice(0, at)}x${value.slice(at)}` : value.slice(0, at);
        const headers = new Map([...message.headers, [name, next]]);
        expect((await verify({ ...message, headers }, { authorization: true })).verified).toBe(false);
      }),
      { numRuns: runs / 3 },
    );
  });

  test("is never brought down by what is in the two headers", async () => {
    const verify = verifier();
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), async (input, value) => {
        const headers = new Map([
          ...message.headers,
          ["signature-input", `sig1=${input}`],
          ["signature", `sig1=${value}`],
        ]);
        expect((await verify({ ...message, headers }, { authorization: true })).verified).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});

function signed(key: KeyObject): Message {
  const headers = new Map([
    ["accept", "application/json"],
    ["authorization", "Bearer ory_at_example"],
    ["content-length", String(BODY.length)],
    ["content-type", "application/json"],
    ["content-digest", `sha-512=:${createHash("sha512").update(BODY).digest("base64")}:`],
    ["idempotency-key", "ccb07f42-4104-44ad-8e1f-c660bb7b269c"],
    ["upvest-api-version", "1"],
    ["upvest-client-id", CLIENT],
  ]);
  const lines: [string, string][] = [
    ["@method", "POST"],
    ["@path", "/accounts/isin:US0378331005"],
    ["@query", "?a=1&b=%20"],
    ...headers,
  ];
  const created = NOW / 1000;
  const names = lines.map(([name]) => `"${name}"`).join(" ");
  const params = `(${names});keyid="key-1";created=${created};expires=${created + 10};nonce="${randomUUID()}"`;
  const base = [
    ...lines.map(([name, value]) => `"${name}": ${value}`),
    `"@signature-params": ${params}`,
  ].join("\n");
  const signature = sign(key.asymmetricKeyType === "ed25519" ? null : "sha512", Buffer.from(base), key);
  headers.set("signature-input", `sig1=${params}`);
  headers.set("signature", `sig1=:${signature.toString("base64")}:`);
  headers.set("upvest-signature-version", "15");
  return {
    method: "POST",
    path: "/accounts/isin:US0378331005",
    query: "a=1&b=%20",
    headers,
    body: Buffer.from(BODY),
  };
}

function changed(message: Message, what: string, place: number, by: number): Message {
  if (what === "body") return { ...message, body: Buffer.from(changeByte(BODY, place, by)) };
  if (what === "method" || what === "path" || what === "query") {
    return { ...message, [what]: changeByte(message[what], place, by) };
  }
  const value = changeByte(message.headers.get(what) ?? "", place, by);
  return { ...message, headers: new Map([...message.headers, [what, value]]) };
}

describe("over the wire", () => {
  let sandbox: Sandbox;
  let caller: Caller;
  let token: string;

  beforeAll(async () => {
    sandbox = await startSandbox({ rateLimit: Infinity, clock: () => NOW });
    caller = createCaller(sandbox, () => NOW);
    token = await caller.token("accounts:admin");
  });
  afterAll(async () => {
    caller.close();
    await sandbox.close();
  });

  test("a request with any one byte changed is refused and has no effect", async () => {
    const original = caller.build("POST", "/accounts?a=1", {
      token,
      idempotencyKey: randomUUID(),
      json: { user_id: randomUUID(), account_group_id: randomUUID(), type: "TRADING" },
    });
    // A content-length that is not the body's breaks the framing of HTTP itself; the verifier's own test has it.
    const names = Object.keys(original.headers).filter((name) => name !== "content-length");
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("target", "body", ...names),
        fc.nat(),
        fc.nat(),
        async (what, place, by) => {
          const reply = await caller.send(change(original, what, place, by));
          // 405: the `?` became a `/`, and that path is there for other methods.
          expect([400, 401, 404, 405]).toContain(reply.status);
          expect(sandbox.requests.at(-1)?.signature?.verified ?? false).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
    expect(sandbox.effects("create_account")).toBe(0);
    expect((await caller.send(original)).status).toBe(200);
  });

  test("a request with another method is refused", async () => {
    const original = caller.build("GET", "/accounts/ad45b27f-c0e7-4cfb-b48c-a83670dbdfbd", { token });
    for (const method of ["DELETE", "PATCH", "PUT", "POST", "OPTIONS", "HEAD"]) {
      expect([401, 405]).toContain((await caller.send({ ...original, method })).status);
    }
    expect(sandbox.effects("account_closure")).toBe(0);
  });
});

function change(wire: Wire, what: string, place: number, by: number): Wire {
  // The slash in front is what makes it a path.
  if (what === "target") return { ...wire, target: `/${changeByte(wire.target.slice(1), place, by)}` };
  if (what === "body") return { ...wire, body: changeByte(wire.body, place, by) };
  return { ...wire, headers: { ...wire.headers, [what]: changeByte(wire.headers[what] ?? "", place, by) } };
}

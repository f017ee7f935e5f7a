import { createHash, createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createUpvestClient } from "upvest-client";
import { startSandbox, type Sandbox } from "upvest-client/sandbox";
import type { Attempt, Entry, SignatureView } from "../../src/inspector/entry.js";
import { createCaller, type Caller, type Wire } from "../sandbox/support/caller.js";
import { openStream, settled, type Stream } from "./support/events.js";

let sandbox: Sandbox;
let caller: Caller;
let token: string;

beforeAll(async () => {
  sandbox = await startSandbox({ inspector: true, deliverySpeed: Infinity });
  caller = createCaller(sandbox);
  token = await caller.token("accounts:read users:admin users:read");
});
afterAll(async () => {
  caller.close();
  await sandbox.close();
});

const open = (): Promise<Stream> => openStream(sandbox.inspector ?? "");

/** Sends a request that the sandbox refuses; gives what the inspector makes of its signature. */
async function explained(wire: Wire): Promise<SignatureView> {
  const stream = await open();
  const requestId = String((await caller.send(wire)).headers["upvest-request-id"]);
  const isIt = ({ facts, signature }: Attempt): boolean =>
    signature !== undefined && facts?.some(([, value]) => value === requestId) === true;
  const attempt = await stream.until((entries) => entries.flatMap(({ attempts }) => attempts).find(isIt));
  stream.close();
  return attempt.signature ?? expect.fail("no signature");
}

const wrong = ({ checks }: SignatureView): string =>
  checks
    .filter(({ state }) => state === "bad")
    .map(({ what }) => what)
    .join();

/** Signs a text of our own making in the place of the right one; everything else stays. */
function signedOver(wire: Wire, change: (base: string) => string | Uint8Array): Wire {
  const input = wire.headers["signature-input"] ?? "";
  const params = input.slice(input.indexOf("=") + 1);
  const names = Array.from(
    params.slice(0, params.indexOf(")")).matchAll(/"([^"]+)"/g),
    ([, name = ""]) => name,
  );
  const [path = "", query = ""] = wire.target.split("?");
  const derived: Record<string, string> = { "@method": wire.method, "@path": path, "@query": `?${query}` };
  const base = [
    ...names.map((name) => `"${name}": ${derived[name] ?? wire.headers[name] ?? ""}`),
    `"@signature-params": ${params}`,
  ].join("\n");
  const changed = change(base);
  const signature = sign(
    null,
    Buffer.from(changed),
    createPrivateKey(sandbox.credentials.signingKey.privateKey),
  );
  return { ...wire, headers: { ...wire.headers, signature: `sig1=:${signature.toString("base64")}:` } };
}

describe("a refused signature explains itself", () => {
  const read = (): Wire => caller.build("GET", "/accounts?offset=0&limit=2", { token });
  const write = (): Wire =>
    caller.build("POST", "/users", {
      token,
      json: {},
      idempotencyKey: "5f0c1d1e-8f0e-4d52-8d0c-2f6a2f1a9b10",
    });

  it.each<[string, () => Wire, string, RegExp]>([
    [
      "unknown key",
      () => caller.build("GET", "/accounts", { token, keyId: "nobody" }),
      "key id",
      /keyid nobody is not a known key/,
    ],
    [
      "clock behind",
      () => caller.build("GET", "/accounts", { token, created: Math.floor(Date.now() / 1000) - 400 }),
      "clock",
      /expired/,
    ],
    [
      "clock ahead",
      () => caller.build("GET", "/accounts", { token, created: Math.floor(Date.now() / 1000) + 400 }),
      "clock",
      /in the future/,
    ],
    [
      "uncovered",
      () => caller.build("GET", "/accounts", { token, components: ["@method", "@path", "accept"] }),
      "components",
      /not covered/,
    ],
    [
      "dropped on the way",
      () => {
        const { accept: _, ...headers } = read().headers;
        return { ...read(), headers };
      },
      "components,signature",
      /^accept was signed as application\/json, but did not arrive/,
    ],
    ["body changed on the way", () => ({ ...write(), body: "[]" }), "digest", /content-digest does not fit/],
    [
      "version missing",
      () => {
        const { "upvest-signature-version": _, ...headers } = read().headers;
        return { ...read(), headers };
      },
      "version",
      /is missing/,
    ],
    [
      "no signature",
      () => {
        const { signature: _, ...headers } = read().headers;
        return { ...read(), headers };
      },
      "headers",
      /signature is missing/,
    ],
    [
      "no signature-input",
      () => {
        const { "signature-input": _, ...headers } = read().headers;
        return { ...read(), headers };
      },
      "signature-input",
      /signature-input is missing/,
    ],
  ])("%s", async (_, wire, check, reason) => {
    const view = await explained(wire());
    expect(view.verdict).toBe("refused");
    expect(wrong(view)).toBe(check);
    expect(view.reason).toMatch(reason);
  });

  it("nonce used again: says when", async () => {
    const wire = read();
    expect((await caller.send(wire)).status).toBe(200);
    const view = await explained(wire);
    expect(wrong(view)).toBe("nonce");
    expect(view.checks.find(({ what }) => what === "nonce")?.text).toMatch(/used before, at \d\d:\d\d:\d\d/);
    expect(view.lines.every(({ differs, signed, seen }) => !differs && signed === seen)).toBe(true);
  });

  it.each<[string, () => Wire, (base: string) => string | Uint8Array, RegExp, string[]]>([
    [
      "query without ?",
      read,
      (base) => base.replace(": ?", ": "),
      /without its leading question mark/,
      ["@query"],
    ],
    [
      "query in another order",
      read,
      (base) => base.replace("offset=0&limit=2", "limit=2&offset=0"),
      /another order/,
      ["@query"],
    ],
    [
      "path with the query",
      read,
      (base) => base.replace(": /accounts", ": /accounts?offset=0&limit=2"),
      /together with the query/,
      ["@path"],
    ],
    [
      "path with a slash",
      read,
      (base) => base.replace(": /accounts", ": /accounts/"),
      /slash at its end/,
      ["@path"],
    ],
    ["method in lower case", read, (base) => base.replace(": GET", ": get"), /lower case/, ["@method"]],
    [
      "token without Bearer",
      read,
      (base) => base.replace("Bearer ", ""),
      /without the word Bearer/,
      ["authorization"],
    ],
    [
      "charset",
      write,
      (base) => base.replace('"content-type": application/json', "$&; charset=utf-8"),
      /charset/,
      ["content-type"],
    ],
    [
      "accept of a tool",
      read,
      (base) => base.replace('"accept": application/json', '"accept": */*'),
      /signed as \*\/\*/,
      ["accept"],
    ],
    ["names without quotes", read, (base) => base.replaceAll(/^"([^"]+)":/gm, "$1:"), /without quotes/, []],
    ["line break at the end", read, (base) => `${base}\n`, /ends with a line break/, [""]],
    [
      "label in the last line",
      read,
      (base) => base.replace(/params": /, "$&sig1="),
      /label/,
      ["@signature-params"],
    ],
    [
      "last line left out",
      read,
      (base) => base.slice(0, base.lastIndexOf("\n")),
      /was not signed/,
      ["@signature-params"],
    ],
    [
      "hashed first",
      read,
      (base) => createHash("sha512").update(base).digest(),
      /SHA-512 before signing/,
      [],
    ],
  ])("the mistake is found: %s", async (_, wire, change, reason, differing) => {
    const view = await explained(signedOver(wire(), change));
    expect(view.reason).toMatch(reason);
    expect(view.lines.filter(({ differs }) => differs).map(({ name }) => name)).toEqual(differing);
    expect(wrong(view)).toBe("signature");
  });

  it("another key: says that no usual mistake fits, and what to look at", async () => {
    const view = await explained(
      caller.build("GET", "/accounts", { token, key: generateKeyPairSync("ed25519").privateKey }),
    );
    expect(view.checks.find(({ state }) => state === "bad")?.text).toMatch(/other half of the key/);
    expect(view.lines.some(({ signed }) => signed !== undefined)).toBe(false);
    expect(view.lines.map(({ name }) => name)).toContain("@signature-params");
  });

  it("P-521: the form of the signature", async () => {
    const other = await startSandbox({ inspector: true, algorithm: "ecdsa-p521" });
    onTestFinished(() => other.close());
    const theirs = createCaller(other);
    onTestFinished(() => theirs.close());
    const stream = await openStream(other.inspector ?? "");
    await theirs.call("GET", "/accounts", { token: "x", dsaEncoding: "ieee-p1363" });
    const entry = await stream.until((entries) =>
      entries.find(({ attempts }) => attempts[0]?.signature !== undefined),
    );
    expect(entry.attempts[0]?.signature?.reason).toMatch(/r\|\|s/);
  });
});

describe("what is shown of a call", () => {
  const client = () =>
    createUpvestClient({
      baseUrl: sandbox.url,
      ...sandbox.credentials,
      retry: { baseDelay: 1, maxDelay: 1 },
    });

  it("joins the attempts of a write by its idempotency key, and tells a repeated answer", async () => {
    const stream = await open();
    sandbox.fail({ operation: "create_account_group", status: 503, count: 2 });
    const key = "0b54b0c5-9a0c-4b0b-8c3e-6f6a5d0f7a11";
    const body = { user_id: "2c1f0a3e-1f0b-4f7c-9a52-0d4b6c2e8f11", type: "PERSONAL" } as const;
    await client().POST("/account_groups", { body, headers: { "idempotency-key": key } });
    const isOurs = ({ operation }: Entry): boolean => operation === "create_account_group";
    const entry = await stream.until((entries) =>
      entries.find(
        (each) =>
          isOurs(each) && each.attempts.length === 3 && each.attempts.every(({ signature }) => signature),
      ),
    );
    expect(entry.attempts.map(({ status }: Attempt) => status)).toEqual([503, 503, entry.status]);
    expect(entry.facts).toContainEqual(["idempotency key", key]);
    expect(stream.entries().filter(isOurs)).toHaveLength(1);
  });

  it("tells token, scope, problem and request id", async () => {
    const stream = await open();
    const { error } = await client().GET("/accounts", { params: { query: { limit: 5000 } } });
    const entry = await stream.until(settled(({ target }) => target === "/accounts?limit=5000"));
    const [attempt] = entry.attempts;
    expect(attempt?.facts).toEqual([
      ["request id", error?.requestId],
      ["token's scope", "accounts:read"],
      ["scope needed", "accounts:read or accounts:admin"],
    ]);
    expect(attempt?.problem).toContainEqual(["title", "Invalid request"]);
  });

  it("shows deliveries, their payload, their attempts and what the endpoint answered", async () => {
    let asked = 0;
    const endpoint = createServer((request, response) => {
      request.resume();
      asked += 1;
      response.writeHead(asked === 1 ? 500 : 200).end(asked === 1 ? '{"reason":"handler_failed"}' : "");
    });
    await new Promise<void>((resolve) => endpoint.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void endpoint.close());
    const address = endpoint.address();
    const to = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/hooks`;
    const stream = await open();
    await sandbox.deliver([{ type: "ACCOUNT.ACTIVATED", object: { id: "x" } }], to);
    const entry = await stream.until((entries) =>
      entries.find(({ kind, attempts }) => kind === "delivery" && attempts.length === 2),
    );
    expect(entry).toMatchObject({ target: to, operation: "ACCOUNT.ACTIVATED", status: 200 });
    expect(entry.attempts[0]?.problem).toContainEqual(["reason", "handler_failed"]);
    expect(entry.attempts[1]?.sent?.body).toContain("ACCOUNT.ACTIVATED");
    expect(entry.attempts[1]?.signature?.lines.map(({ name }) => name)).toContain("@signature-params");
  });

  it("lets no secret out: nothing of the stream has one", async () => {
    const { clientSecret, signingKey } = sandbox.credentials;
    await caller.send(
      caller.build("GET", `/accounts?limit=1&x=${encodeURIComponent(clientSecret)}`, { token }),
    );
    await caller.call("POST", "/users", {
      token,
      json: { note: [clientSecret, token] },
      idempotencyKey: "x",
    });
    await caller.call("GET", "/accounts", {
      token: "canary-of-a-token",
      headers: { cookie: "canary-cookie" },
    });
    const stream = await open();
    await stream.until(
      settled(
        ({ attempts }) => attempts[0]?.facts?.some(([, value]) => value === "unknown, or expired") === true,
      ),
    );
    const text = stream.text();
    const half = signingKey.privateKey.split("\n")[1] ?? expect.fail("no key");
    for (const secret of [clientSecret, token, "canary-", half]) expect(text).not.toContain(secret);
    expect(text).not.toMatch(/sig1=:[\w+/]{20}/);
    expect(text).toContain("[hidden]");
  });
});

describe("the server", () => {
  it("resumes after the last event, and starts over for another run", async () => {
    const first = await open();
    await first.until(() => first.text().includes("event: current") || undefined);
    const last = first.lastId();
    first.close();
    await caller.call("GET", "/accounts?limit=7", { token });
    const resumed = await openStream(sandbox.inspector ?? "", { "last-event-id": last });
    await resumed.until(settled(({ target }) => target === "/accounts?limit=7"));
    expect(resumed.entries()).toHaveLength(1);
    expect(resumed.text()).not.toContain("event: start");
    const other = await openStream(sandbox.inspector ?? "", { "last-event-id": "00000000-5" });
    await other.until((entries) => (entries.length > 1 ? entries : undefined));
    expect(other.text()).toContain("event: start");
  });

  it("serves the page with a policy that admits nothing but itself", async () => {
    const response = await fetch(sandbox.inspector ?? "");
    expect(response.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self'/,
    );
    expect(response.headers.get("cache-control")).toBe("no-store");
    const html = await response.text();
    expect(html).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=|https?:\/\/(?!www\.w3\.org)/);
    for (const path of ["page.css", "page.js"]) {
      expect((await fetch(`${sandbox.inspector ?? ""}${path}`)).status).toBe(200);
    }
    expect((await fetch(`${sandbox.inspector ?? ""}nothing`)).status).toBe(404);
    expect((await fetch(sandbox.inspector ?? "", { method: "POST" })).status).toBe(405);
  });

  it("refuses a page of another origin", async () => {
    const response = await fetch(`${sandbox.inspector ?? ""}events`, {
      headers: { origin: "https://evil.example" },
    });
    expect(response.status).toBe(403);
  });

  it("is off unless asked for, and gone after close", async () => {
    const plain = await startSandbox();
    expect(plain.inspector).toBeUndefined();
    const { headers } = await fetch(plain.url);
    expect(headers.has("upvest-sandbox-inspector")).toBe(false);
    await plain.close();
    const other = await startSandbox({ inspector: true });
    await other.close();
    await expect(fetch(other.inspector ?? "")).rejects.toThrow("fetch failed");
    await expect(startSandbox({ inspector: { port: -1 } })).rejects.toThrow("inspector.port");
  });
});

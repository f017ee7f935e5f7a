import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { compareBases, readSignatureInput, rebuildBase } from "../../src/inspector/base-lines.js";
import { curlOf } from "../../src/inspector/curl.js";
import type { Entry } from "../../src/inspector/entry.js";
import { foreign } from "../../src/inspector/guard.js";
import { createJournal } from "../../src/inspector/journal.js";
import { bodyText, eventTypes, messageView, problemFacts } from "../../src/inspector/message-view.js";
import { difference } from "../../src/inspector/page/signature.js";
import { createSecrets } from "../../src/inspector/secrets.js";

const entry = (id: string, more: Partial<Entry> = {}): Entry => ({
  id,
  kind: "call",
  at: 0,
  method: "GET",
  target: "/accounts",
  status: 200,
  attempts: [],
  ...more,
});

describe("secrets", () => {
  it.each([
    ["as it is", (secret: string) => `x ${secret} y`],
    ["percent-encoded", (secret: string) => `a=${encodeURIComponent(secret)}`],
    ["in a form", (secret: string) => new URLSearchParams({ a: secret }).toString()],
    ["in JSON", (secret: string) => JSON.stringify({ a: secret })],
  ])("hides what it was told of, %s", (_, write) => {
    const secret = 'se cret/"ü+&';
    const text = createSecrets(secret).hide(write(secret));
    expect(text).toContain("[hidden]");
    expect(text).not.toContain("cret");
  });

  it.each([
    "authorization: Bearer abc.def-123",
    "sig1=:AAAABBBBCCCCDDDD==:",
    "token ory_at_xyz.123",
    '{"access_token":"abc.def-123"}',
    '{"client_secret": "abc.def-123',
    '{"signed_url":"https://storage.example/abc.def-123?X=1"}',
    "grant_type=x&client_secret=abc.def-123&scope=y",
    "-----BEGIN PRIVATE KEY-----\nabc.def-123\n-----END PRIVATE KEY-----",
  ])("hides what looks like one: %s", (text) => {
    const hidden = createSecrets().hide(text);
    expect(hidden).toContain("[hidden]");
    expect(hidden).not.toMatch(/abc\.def-123|AAAABBBB|xyz/);
  });

  it("forgets the oldest of those it learned, never those it was made with", () => {
    const secrets = createSecrets("the-client-secret");
    for (let index = 0; index < 2_000; index += 1) secrets.add(`token-number-${index}-`);
    expect(secrets.hide("the-client-secret")).toBe("[hidden]");
    expect(secrets.hide("token-number-1999-")).toBe("[hidden]");
  });
});

describe("journal", () => {
  it("lets nothing out that is secret, in whichever member it is", () => {
    const journal = createJournal(createSecrets("canary-secret"));
    journal.put(
      entry("a", { target: "/x?canary-secret", notes: ["canary-secret"], facts: [["x", "canary-secret"]] }),
    );
    expect(journal.since(0)[0]?.json).not.toContain("canary");
  });

  it("keeps the newest, by their last change, and tells what came after a sequence", () => {
    const journal = createJournal(createSecrets(), 3);
    for (const id of ["a", "b", "c", "a", "d"]) journal.put(entry(id));
    expect(journal.since(0).map(({ id }) => id)).toEqual(["c", "a", "d"]);
    expect(journal.since(4).map(({ id }) => id)).toEqual(["d"]);
  });

  it("keeps calls however many deliveries come, since anybody can send those", () => {
    const journal = createJournal(createSecrets(), 2);
    for (const id of ["a", "b"]) journal.put(entry(id));
    for (const id of ["x", "y", "z"]) journal.put(entry(id, { kind: "delivery" }));
    journal.put(entry("a"));
    expect(journal.since(0).map(({ id }) => id)).toEqual(["b", "y", "z", "a"]);
  });

  it("is bounded in size: huge entries push out others, the newest stays", () => {
    const journal = createJournal(createSecrets());
    for (let index = 0; index < 5; index += 1) {
      journal.put(entry(`call-${index}`, { notes: ["x".repeat(3 * 1024 * 1024)] }));
    }
    expect(journal.since(0).map(({ id }) => id)).toEqual(["call-3", "call-4"]);
  });
});

describe("who may ask", () => {
  it.each([
    [{ host: "127.0.0.1:3000" }, true],
    [{ host: "localhost" }, true],
    [{ host: "[::1]:80" }, true],
    [{}, false],
    [{ host: "rebound.example:3000" }, false],
    [{ host: "127.0.0.1.example.com" }, false],
    [{ host: "localhost.example.com:3000" }, false],
    [{ host: "127.0.0.1:3000", origin: "https://evil.example" }, false],
    [{ host: "127.0.0.1:3000", origin: "null" }, false],
    [{ host: "127.0.0.1:3000", origin: "http://localhost:5173" }, false],
    [{ host: "127.0.0.1:3000", "sec-fetch-site": "cross-site" }, false],
    [{ host: "127.0.0.1:3000", "sec-fetch-site": "same-site" }, false],
    [{ host: "127.0.0.1:3000", "sec-fetch-site": "none" }, true],
    [{ host: "localhost:3000", "x-forwarded-for": "1.2.3.4" }, false],
    [{ host: "localhost:3000", forwarded: "for=1.2.3.4" }, false],
    [{ host: "localhost:3000", "cf-connecting-ip": "1.2.3.4" }, false],
  ])("%j: %s", (headers, allowed) => {
    expect(foreign({ headers }) === undefined).toBe(allowed);
  });
});

describe("curl", () => {
  const call = {
    method: "POST",
    target: "/orders?note=it's",
    headers: [
      ["content-type", "application/json"],
      ["authorization", "Bearer canary-token"],
      ["signature", "sig1=:x:"],
      ["upvest-client-id", "c"],
      ["idempotency-key", "5f0c1d1e-8f0e-4d52-8d0c-2f6a2f1a9b10"],
    ] as const,
    body: Buffer.from(`{"a":"it's $(reboot) \`x\` !"}\n@`),
  };

  it("is read by a shell as what was sent, and holds no credentials", () => {
    const command = curlOf(call, "http://127.0.0.1:1");
    expect(command).not.toMatch(/canary|signature|upvest-client-id/);
    const words = execFileSync("sh", ["-c", command.replace(/^curl/, String.raw`printf '%s\0'`)], {
      encoding: "utf8",
    });
    expect(words.split("\0").slice(0, -1)).toEqual([
      "-X",
      "POST",
      "http://127.0.0.1:1/orders?note=it's",
      "-H",
      "content-type: application/json",
      "-H",
      "idempotency-key: 5f0c1d1e-8f0e-4d52-8d0c-2f6a2f1a9b10",
      "--data-raw",
      call.body.toString(),
    ]);
  });

  it.each([
    ["beyond what is kept", Buffer.alloc(16 * 1024 + 1, "7")],
    ["that is no text", Buffer.of(0xff, 0xfe)],
  ])("of a body %s is no command but a comment, since it would send another one", (_, body) => {
    const command = curlOf({ ...call, body }, "http://127.0.0.1:1");
    expect(command).toMatch(new RegExp(`^# No command: .*${body.length} bytes.*$`));
  });
});

describe("signature base, side by side", () => {
  it("marks what differs: a value, an absent line, another place", () => {
    const signed = '"@method": GET\n"accept": a\n"b": 1\n"c": 2';
    const seen = '"@method": GET\n"accept": x\n"c": 2\n"b": 1';
    expect(compareBases(signed, seen).map(({ name, differs }) => [name, differs])).toEqual([
      ["@method", false],
      ["accept", true],
      ["b", true],
      ["c", true],
    ]);
    expect(compareBases(signed, '"@method": GET')[1]).toEqual({
      name: "accept",
      signed: "a",
      seen: undefined,
      differs: true,
    });
  });

  it("says nothing differs where one side is not known", () => {
    expect(compareBases(undefined, '"a": 1').every(({ differs }) => !differs)).toBe(true);
  });

  it("reads names without quotes, as version 6 has them", () => {
    expect(compareBases("@method: POST\ndigest: SHA-256=x", undefined).map(({ name }) => name)).toEqual([
      "@method",
      "digest",
    ]);
  });

  it("rebuilds a base from what arrived", () => {
    const input = readSignatureInput(
      'sig1=("@method" "@query" "accept" "gone");keyid="k";created=1;expires=31;nonce="n"',
    );
    expect(input).toMatchObject({ keyid: "k", created: 1, expires: 31, nonce: "n" });
    const message = { method: "GET", path: "/a", query: "b=c", headers: new Map([["accept", "x"]]) };
    expect(input && rebuildBase(input, message)).toBe(
      `"@method": GET\n"@query": ?b=c\n"accept": x\n"@signature-params": ${input?.params ?? ""}`,
    );
    expect(readSignatureInput("nonsense")).toBeUndefined();
  });

  it.each([
    ["?limit=2&offset=0", "?limit=3&offset=0", ["?limit=", "2", "&offset=0"]],
    ["abc", "abc", ["abc", "", ""]],
    ["", "abc", ["", "", ""]],
    ["aa", "aaa", ["aa", "", ""]],
    ["aaa", "aa", ["aa", "a", ""]],
  ])("%s against %s", (value, other, parts) => {
    expect(difference(value, other)).toEqual(parts);
  });
});

describe("messages", () => {
  it("hides what headers hold in secret, and where a file lies", () => {
    const view = messageView([
      ["Authorization", "x"],
      ["cookie", "y"],
      ["location", "https://files.example/a.pdf?signature=canary"],
    ]);
    expect(view.headers).toEqual([
      ["Authorization", "[hidden]"],
      ["cookie", "[hidden]"],
      ["location", "https://files.example/a.pdf?[hidden]"],
    ]);
  });

  it("tells of binary bodies by type and size, and cuts long ones", () => {
    expect(bodyText(new Uint8Array(5), 5, "application/pdf")).toBe("(application/pdf, 5 bytes)");
    expect(bodyText(Buffer.from("x".repeat(20_000)))).toMatch(/^x{16384}\.\.\. \(20000 bytes\)$/);
  });

  it("reads problems and event types, and takes anything", () => {
    expect(problemFacts('{"type":"t","detail":"d","x":1}')).toEqual([
      ["detail", "d"],
      ["type", "t"],
      ["x", "1"],
    ]);
    expect(problemFacts("<html>")).toBeUndefined();
    const body = Buffer.from(
      JSON.stringify({ payload: [{ type: "A.B" }, { type: "A.B" }, null, { type: 1 }] }),
    );
    expect(eventTypes(body)).toBe("A.B");
    expect(eventTypes(Buffer.from("[]"))).toBeUndefined();
  });
});

import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { startSandbox } from "upvest-client/sandbox";
import type { Entry } from "../../src/inspector/entry.js";
import type { ProxyOptions } from "../../src/proxy/options.js";
import { startProxy, type Proxy } from "../../src/proxy/proxy.js";
import { openStream, settled } from "../inspector/support/events.js";
import { json, problem, startApi, type Responder, type TestApi } from "../support/api.js";

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly bytes: Buffer;
}

/** A request with exactly these headers: what curl and Postman send, and what browsers do. */
function send(url: string, method = "GET", headers: Record<string, string> = {}, body = ""): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const bytes = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: bytes.toString(),
          bytes,
        });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

async function start(
  respond: Responder,
  more: Partial<ProxyOptions> = {},
): Promise<{ readonly api: TestApi; readonly proxy: Proxy; readonly entries: Entry[] }> {
  const api = await startApi(respond);
  const entries: Entry[] = [];
  const proxy = await startProxy({ client: api.options, ...more }, (entry) => entries.push(entry));
  onTestFinished(() => proxy.close());
  return { api, proxy, entries };
}

const type = { "content-type": "application/json" };
const ok: Responder = () => json({ data: [] }, 200, { "upvest-request-id": "r-1" });

describe("calls", () => {
  it("come back with 304, which has no body, too", async () => {
    const { proxy } = await start(() => ({ status: 304, headers: { etag: '"1"' } }));
    const reply = await send(`${proxy.url}/accounts`, "GET", { "if-none-match": '"1"' });
    expect(reply).toMatchObject({ status: 304, text: "", headers: { etag: '"1"' } });
  });

  it("go out signed, with a token, and come back with what was answered", async () => {
    const { api, proxy } = await start(ok);
    const reply = await send(`${proxy.url}/accounts?limit=2&order=ASC`);
    expect(reply).toMatchObject({ status: 200, text: '{"data":[]}' });
    expect(reply.headers).toMatchObject({
      "upvest-request-id": "r-1",
      "upvest-client-operation": "list_accounts",
      "upvest-client-attempts": "1",
      via: "1.1 upvest-client",
    });
    const [call] = api.calls;
    expect(call?.url).toBe("/accounts?limit=2&order=ASC");
    expect(call?.headers).toMatchObject({
      authorization: "Bearer ory_at_token-1",
      accept: "application/json",
    });
    expect(call?.headers["signature-input"]).toContain('"@query"');
  });

  it("carry the caller's bytes: numbers and white space stay as they were typed", async () => {
    const { api, proxy } = await start(ok);
    const body = '{ "amount": 1.10,\n "big": 12345678901234567890, "é": "ü" }';
    await send(`${proxy.url}/orders`, "POST", type, body);
    expect(api.calls[0]?.body).toBe(body);
    expect(api.calls[0]?.headers["idempotency-key"]).toMatch(/^[\da-f-]{36}$/);
  });

  it("keep the key they were given, and tell the one that was made", async () => {
    const { api, proxy } = await start(ok);
    const key = "5f0c1d1e-8f0e-4d52-8d0c-2f6a2f1a9b10";
    const reply = await send(`${proxy.url}/orders`, "POST", { ...type, "Idempotency-Key": key }, "{}");
    expect(api.calls[0]?.headers["idempotency-key"]).toBe(key);
    expect(reply.headers["upvest-client-idempotency-key"]).toBe(key);
  });

  it("are tried again as the client does, and the attempts are one entry", async () => {
    const { proxy, entries, api } = await start((_, nth) =>
      nth < 2 ? problem(503, "unavailable") : json({}, 201),
    );
    const reply = await send(`${proxy.url}/orders`, "POST", type, "{}");
    expect(reply.status).toBe(201);
    expect(reply.headers["upvest-client-attempts"]).toBe("3");
    expect(new Set(api.calls.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
    const last = entries.at(-1);
    expect(last?.attempts.map(({ label, status }) => [label, status])).toEqual([
      ["token", 200],
      ["attempt 1", 503],
      ["attempt 2", 503],
      ["attempt 3", 201],
    ]);
    expect(new Set(entries.map(({ id }) => id)).size).toBe(1);
  });

  it("hand on refusals, files, redirects and empty answers as they are", async () => {
    const pdf = Buffer.from([0x25, 0x50, 0x44, 0x46, 0, 255, 254, 10, 13]);
    const answers: Responder = ({ url }) =>
      url.startsWith("/users")
        ? { status: 204 }
        : url.startsWith("/files")
          ? { status: 302, headers: { location: "https://files.example/a?sig=1" } }
          : problem(404, "not_found", { "upvest-request-id": "r-2" });
    const { proxy } = await start(answers);
    const missing = await send(`${proxy.url}/accounts/7b0f4a6e-0d5c-4f2c-9d4c-2a5c1b0f9e11`);
    expect(missing).toMatchObject({
      status: 404,
      headers: { "upvest-request-id": "r-2", "content-type": "application/problem+json" },
    });
    expect(JSON.parse(missing.text)).toEqual({
      type: "https://docs.upvest.co/errors/not_found",
      status: 404,
      title: "not_found",
    });
    expect(await send(`${proxy.url}/users/7b0f4a6e-0d5c-4f2c-9d4c-2a5c1b0f9e11`, "DELETE")).toMatchObject({
      status: 204,
      text: "",
    });
    const redirected = await send(`${proxy.url}/files/reports/a.pdf?redirect=1`);
    expect(redirected).toMatchObject({ status: 302, headers: { location: "https://files.example/a?sig=1" } });

    // The scripted API only answers with text, so the bytes come through a fetch.
    const { api } = await start(ok);
    const through: typeof fetch = (url, init) =>
      String(url).endsWith("/auth/token")
        ? fetch(url, init)
        : Promise.resolve(new Response(pdf, { headers: { "content-type": "application/pdf" } }));
    const other = await startProxy({ client: { ...api.options, fetch: through } });
    onTestFinished(() => other.close());
    const file = await send(`${other.url}/reports/7b0f4a6e-0d5c-4f2c-9d4c-2a5c1b0f9e11`, "GET", {
      accept: "application/pdf",
    });
    expect(file.headers["content-type"]).toBe("application/pdf");
    expect(file.bytes.equals(pdf)).toBe(true);
  });

  it("hold back what would let a web page read an answer", async () => {
    const { proxy } = await start(() =>
      json({}, 200, {
        "access-control-allow-origin": "*",
        "set-cookie": "a=b",
        "strict-transport-security": "max-age=9",
      }),
    );
    const { headers } = await send(`${proxy.url}/accounts`);
    expect(Object.keys(headers).filter((name) => /access-control|cookie|strict/.test(name))).toEqual([]);
  });

  it("take a percent-escaped id as the tools write it, and send it raw", async () => {
    const { proxy, api } = await start(ok);
    await send(`${proxy.url}/instruments/isin%3AUS0378331005`);
    expect(api.calls[0]?.url).toBe("/instruments/isin:US0378331005");
  });

  it("take the lists that tools send in accept as one media type", async () => {
    const { proxy, api } = await start(ok);
    for (const accept of [
      "*/*",
      "application/json, text/plain, */*",
      "text/html,application/xhtml+xml,*/*;q=0.8",
    ]) {
      await send(`${proxy.url}/accounts`, "GET", { accept });
    }
    expect(api.calls.map(({ headers }) => headers.accept)).toEqual(Array(3).fill("application/json"));
  });
});

describe("what the caller may not say", () => {
  it("authorization and signatures are dropped, and the page tells so", async () => {
    const { proxy, api, entries } = await start(ok);
    const headers = {
      authorization: "Bearer canary-postman",
      signature: "canary-s",
      "x-odd": "1",
      cookie: "canary-c",
      "postman-token": "p",
    };
    expect((await send(`${proxy.url}/accounts`, "GET", headers)).status).toBe(200);
    expect(api.calls[0]?.headers["authorization"]).toBe("Bearer ory_at_token-1");
    expect(JSON.stringify(api.calls[0]?.headers)).not.toContain("canary");
    expect(entries.at(-1)?.notes).toEqual([
      expect.stringMatching(/^Not passed on: authorization, signature, x-odd, cookie\./),
    ]);
    expect(JSON.stringify(entries)).not.toContain("canary");
  });

  it.each([
    ["GET", "/nothing", {}, "", 404, "unknown_operation"],
    ["PUT", "/accounts", {}, "", 405, "method_not_allowed"],
    ["OPTIONS", "/accounts", {}, "", 405, "method_not_allowed"],
    [
      "GET",
      "/accounts",
      { "upvest-client-id": "11111111-1111-4111-8111-111111111111" },
      "",
      400,
      "another_client",
    ],
    ["GET", "/accounts", { "upvest-api-version": "2" }, "", 400, "another_version"],
    ["GET", "/accounts/..", {}, "", 400, "bad_request"],
    ["GET", "/accounts/a%2Fb", {}, "", 400, "bad_request"],
    ["GET", "/accounts", { "content-length": "2" }, "{}", 400, "bad_request"],
    ["POST", "/orders", { "content-type": "text/xml" }, "<a/>", 400, "bad_request"],
    [
      "POST",
      "/orders",
      { "idempotency-key": "not-a-uuid", "content-type": "application/json" },
      "{}",
      400,
      "bad_request",
    ],
    // Whoever sends one counts on it: with a key of its own the repeat would be a second write.
    ["POST", "/orders", { "idempotency-key": "", ...type }, "{}", 400, "bad_request"],
    ["POST", "/orders", { "x-idempotency-key": "k-1", ...type }, "{}", 400, "bad_request"],
  ] as const)(
    "%s %s %j: %s is refused before anything is sent",
    async (method, path, headers, body, status, code) => {
      const { proxy, api } = await start(ok);
      const url = new URL(proxy.url);
      const reply = await new Promise<Reply>((resolve, reject) => {
        // The path as it stands: a URL would take the dots out.
        const request = httpRequest(
          { host: url.hostname, port: url.port, method, path, headers, agent: false },
          (response) => {
            const chunks: Buffer[] = [];
            response.on("data", (chunk: Buffer) => chunks.push(chunk));
            response.on("end", () => {
              const bytes = Buffer.concat(chunks);
              resolve({
                status: response.statusCode ?? 0,
                headers: response.headers,
                text: bytes.toString(),
                bytes,
              });
            });
          },
        );
        request.on("error", reject);
        request.end(body);
      });
      expect(reply.status).toBe(status);
      expect(reply.headers["content-type"]).toBe("application/problem+json");
      expect(JSON.parse(reply.text)).toMatchObject({ type: `urn:upvest-client:proxy:${code}`, status });
      expect(api.calls).toEqual([]);
      expect(api.tokenRequests).toEqual([]);
    },
  );

  it("a path that the description does not have is refused with the nearest ones", async () => {
    const { proxy } = await start(ok);
    const { text } = await send(`${proxy.url}/acounts?limit=2`);
    expect(JSON.parse(text)).toMatchObject({
      detail: expect.stringMatching(/no GET \/acounts; nearest: GET \/accounts, /),
    });
  });

  it.each([
    ["/accounts/?limit=2", "/accounts?limit=2"],
    ["/accounts/7b0f4a6e-0d5c-4f2c-9d4c-2a5c1b0f9e11/", "/accounts/7b0f4a6e-0d5c-4f2c-9d4c-2a5c1b0f9e11"],
  ])("%s goes without the slash at its end, as by the request command", async (given, sent) => {
    const { proxy, api, entries } = await start(ok);
    expect((await send(`${proxy.url}${given}`)).status).toBe(200);
    expect(api.calls[0]?.url).toBe(sent);
    expect(entries.at(-1)?.notes).toEqual([expect.stringContaining("without the slash")]);
  });

  it.each<[string, Record<string, string>]>([
    ["a page of another site", { origin: "https://evil.example" }],
    ["a page on another port of this machine", { origin: "http://127.0.0.1:5173" }],
    ["an opaque origin", { origin: "null" }],
    ["an image on a page", { "sec-fetch-site": "cross-site" }],
    ["a rebound name", { host: "rebound.example" }],
    ["a tunnel that rewrites the host", { "x-forwarded-for": "203.0.113.7" }],
  ])("%s moves no money", async (_, headers) => {
    const { proxy, api } = await start(ok);
    const reply = await send(`${proxy.url}/orders`, "POST", { ...type, ...headers }, "{}");
    expect(reply.status).toBe(403);
    expect(api.calls).toEqual([]);
    expect(reply.headers["access-control-allow-origin"]).toBeUndefined();
  });
});

describe("what goes wrong on the way", () => {
  it("no answer to a read: 502", async () => {
    const { proxy } = await start(() => ({ cut: "before" }));
    const reply = await send(`${proxy.url}/accounts`);
    expect(reply.status).toBe(502);
    expect(JSON.parse(reply.text)).toMatchObject({ type: "urn:upvest-client:proxy:no_answer" });
  });

  it("no answer to a write: told as unknown, with the key to repeat it under", async () => {
    const { proxy, api } = await start(() => ({ cut: "before" }));
    const reply = await send(`${proxy.url}/orders`, "POST", type, "{}");
    expect(reply.status).toBe(502);
    expect(JSON.parse(reply.text)).toMatchObject({
      type: "urn:upvest-client:proxy:unknown_outcome",
      idempotency_key: api.calls[0]?.headers["idempotency-key"],
      attempts: 4,
    });
  });

  it("no token: the call was not sent, and the answer says which request was refused", async () => {
    const api = await startApi(ok, () => problem(401, "unauthorised"));
    const proxy = await startProxy({ client: api.options });
    onTestFinished(() => proxy.close());
    const reply = await send(`${proxy.url}/accounts`);
    expect(reply.status).toBe(401);
    expect(JSON.parse(reply.text)).toMatchObject({
      type: "urn:upvest-client:proxy:token_refused",
      token_problem: { title: "unauthorised" },
    });
    expect(api.calls).toEqual([]);
  });

  it("an answer that breaks off breaks off here too", async () => {
    const { proxy, entries } = await start(() => ({ body: "x".repeat(100_000), cut: "half" }));
    await expect(send(`${proxy.url}/accounts`)).rejects.toThrow(/aborted|hang up/);
    expect(entries.at(-1)?.status).toBe("failed");
  });
});

describe("what the proxy adds to its own answers", () => {
  it("the operation and no attempt, where it sent nothing", async () => {
    const { proxy, entries } = await start(ok);
    const reply = await send(`${proxy.url}/orders`, "POST", { "content-type": "text/plain" }, "x");
    expect(reply.headers).toMatchObject({
      "upvest-client-operation": "place_order",
      "upvest-client-attempts": "0",
    });
    expect(entries.at(-1)?.outcome).toEqual({
      kind: "not sent",
      reason: "place_order takes a body of application/json, not text/plain",
    });
    const nothing = await send(`${proxy.url}/nothing`);
    expect(nothing.headers["upvest-client-operation"]).toBeUndefined();
    expect(nothing.headers["upvest-client-attempts"]).toBe("0");
  });

  it("operation, attempts and key of a write whose outcome is unknown", async () => {
    const { proxy, api, entries } = await start(() => ({ cut: "before" }));
    const reply = await send(`${proxy.url}/orders`, "POST", type, "{}");
    const key = api.calls[0]?.headers["idempotency-key"];
    expect(reply.headers).toMatchObject({
      "upvest-client-operation": "place_order",
      "upvest-client-attempts": "4",
      "upvest-client-idempotency-key": key,
    });
    expect(entries.at(-1)?.outcome).toEqual({
      kind: "outcome unknown",
      reason: `idempotency key ${String(key)}`,
    });
    expect(entries.at(-1)?.facts).toContainEqual(["idempotency key", key]);
  });

  it("an answer that the API gave has no outcome of its own, whatever its status", async () => {
    const { proxy, entries } = await start(() => problem(400, "bad"));
    await send(`${proxy.url}/orders`, "POST", type, "{}");
    expect(entries.at(-1)).toMatchObject({ status: 400 });
    expect(entries.at(-1)?.outcome).toBeUndefined();
  });
});

describe("ending", () => {
  /** An API whose answers wait until they are let go. */
  function held(): {
    readonly respond: Responder;
    readonly arrived: Promise<void>;
    readonly letGo: () => void;
  } {
    let letGo = (): void => undefined;
    let arrive = (): void => undefined;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const respond: Responder = async () => {
      arrive();
      await gate;
      return json({ id: "o-1" }, 202);
    };
    onTestFinished(letGo);
    return { respond, arrived, letGo };
  }

  it("a write in flight is answered: outcome unknown, with the key it was sent under", async () => {
    const { respond, arrived } = held();
    const { proxy, api, entries } = await start(respond);
    const answer = send(`${proxy.url}/orders`, "POST", type, "{}");
    await arrived;
    await proxy.close();
    const reply = await answer;
    const key = api.calls[0]?.headers["idempotency-key"];
    expect(reply.status).toBe(502);
    expect(JSON.parse(reply.text)).toMatchObject({
      type: "urn:upvest-client:proxy:unknown_outcome",
      idempotency_key: key,
      attempts: 1,
    });
    expect(reply.headers["upvest-client-idempotency-key"]).toBe(key);
    expect(entries.at(-1)?.outcome?.kind).toBe("outcome unknown");
  });

  it("a read in flight is answered too, and leaves nothing in doubt", async () => {
    const { respond, arrived } = held();
    const { proxy, entries } = await start(respond);
    const answer = send(`${proxy.url}/accounts`);
    await arrived;
    await proxy.close();
    const reply = await answer;
    expect(reply.status).toBe(503);
    expect(JSON.parse(reply.text)).toMatchObject({ type: "urn:upvest-client:proxy:closed" });
    expect(entries.at(-1)?.outcome?.kind).toBe("no answer");
  });

  it("a write that waits for its token was not sent", async () => {
    const { respond, arrived } = held();
    const api = await startApi(ok, respond);
    const entries: Entry[] = [];
    const proxy = await startProxy({ client: api.options }, (entry) => entries.push(entry));
    const answer = send(`${proxy.url}/orders`, "POST", type, "{}");
    await arrived;
    await proxy.close();
    expect(JSON.parse((await answer).text)).toMatchObject({ type: "urn:upvest-client:proxy:closed" });
    expect(entries.at(-1)?.outcome?.kind).toBe("not sent");
  });

  it("finish() waits for what is in flight, and takes nothing new", async () => {
    const { respond, arrived, letGo } = held();
    const { proxy, api } = await start(respond);
    const answer = send(`${proxy.url}/orders`, "POST", type, "{}");
    await arrived;
    const finished = proxy.finish();
    expect(proxy.inFlight()).toEqual({ call: 1, delivery: 0 });
    const late = await send(`${proxy.url}/orders`, "POST", type, "{}");
    expect(late.status).toBe(503);
    expect(JSON.parse(late.text)).toMatchObject({ type: "urn:upvest-client:proxy:closing" });
    letGo();
    await finished;
    expect(await answer).toMatchObject({ status: 202, text: '{"id":"o-1"}' });
    expect(proxy.inFlight()).toEqual({ call: 0, delivery: 0 });
    expect(api.calls).toHaveLength(1);
  });
});

it("many calls at once are no leak that Node warns of", async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error): void => void warnings.push(warning);
  process.on("warning", warn);
  onTestFinished(() => void process.off("warning", warn));
  let release = (): void => undefined;
  const all = new Promise<void>((resolve) => (release = resolve));
  const { proxy } = await start(async (_, nth) => {
    if (nth === 29) release();
    await all;
    return json({ data: [] });
  });
  await Promise.all(Array.from({ length: 30 }, () => send(`${proxy.url}/accounts`)));
  expect(warnings.filter(({ name }) => name === "MaxListenersExceededWarning")).toEqual([]);
});

describe("a caller that is slow", () => {
  /** A write whose body is not there yet. */
  async function upload(proxy: Proxy): Promise<Socket> {
    const { port } = new URL(proxy.url);
    const socket = connect(Number(port), "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    socket.on("error", () => undefined);
    const head = ["POST /orders HTTP/1.1", "host: 127.0.0.1", "content-type: application/json"];
    socket.write(`${[...head, "content-length: 2"].join("\r\n")}\r\n\r\n{`);
    await expect.poll(() => proxy.inFlight().call, { timeout: 60_000 }).toBe(1);
    return socket;
  }

  it("has nothing sent once the proxy closes, though its body comes before the connection is cut", async () => {
    const { proxy, api } = await start(ok);
    const socket = await upload(proxy);
    const closed = proxy.close();
    socket.write("}");
    await closed;
    expect(api.tokenRequests).toEqual([]);
    expect(api.calls).toEqual([]);
  });

  it("that hangs up in its body has nothing sent, and that is told", async () => {
    const { proxy, api, entries } = await start(ok);
    const socket = await upload(proxy);
    socket.destroy();
    await expect.poll(() => proxy.inFlight().call, { timeout: 60_000 }).toBe(0);
    expect(entries.at(-1)).toMatchObject({ status: "dropped", outcome: { kind: "not sent" } });
    expect(api.calls).toEqual([]);
  });
});

describe("options", () => {
  it.each<[Partial<ProxyOptions>, RegExp]>([
    [{ port: 70_000 }, /^port must be/],
    [{ listen: "hooks" }, /^listen must be/],
    [{ listen: "/accounts" }, /the API has that path/],
    [{ forward: "http://127.0.0.1:1" }, /needs listen/],
    [{ listen: "/hooks", forward: "http://example.com" }, /^forward must be an https URL/],
    [{ inspector: { port: 1.5 } }, /^inspector.port/],
    [{ port: 3005, listen: 3005 }, /^port and listen are both 3005/],
    [{ listen: 3005, inspector: { port: 3005 } }, /^listen and inspector are both 3005/],
  ])("%j", async (more, message) => {
    const api = await startApi(ok);
    await expect(startProxy({ client: api.options, ...more })).rejects.toThrow(message);
  });

  it("a client that cannot work is told at the start", async () => {
    const api = await startApi(ok);
    await expect(startProxy({ client: { ...api.options, clientSecret: "" } })).rejects.toThrow(
      /clientSecret/,
    );
  });
});

describe("in front of the sandbox", () => {
  it("joins what was signed with what the verifier saw", async () => {
    const sandbox = await startSandbox({ inspector: true });
    onTestFinished(() => sandbox.close());
    // Something between client and API that rewrites a header.
    const meddling: typeof fetch = (url, init) => {
      const headers = new Headers(init?.headers);
      if (!String(url).endsWith("/auth/token")) headers.set("accept-language", "de");
      return fetch(url, { ...init, headers });
    };
    const client = { baseUrl: sandbox.url, ...sandbox.credentials, fetch: meddling };
    const proxy = await startProxy({ client, inspector: true });
    onTestFinished(() => proxy.close());
    const stream = await openStream(proxy.inspector ?? "");
    expect((await send(`${proxy.url}/accounts?limit=2`)).status).toBe(401);
    const entry = await stream.until(
      settled(({ attempts }) => attempts.at(-1)?.signature?.verdict === "refused"),
    );
    const signature = entry.attempts.at(-1)?.signature;
    expect(signature?.signedBy).toBe("signed by this proxy");
    expect(signature?.lines.filter(({ differs }) => differs)).toEqual([
      { name: "accept-language", signed: "*", seen: "de", differs: true },
    ]);
    expect(entry.explanation).toContain("covered components");
    expect(entry.attempts.map(({ label }) => label)).toEqual(["token", "attempt 1", "token", "attempt 2"]);
    for (const secret of [sandbox.credentials.clientSecret, "ory_at_"])
      expect(stream.text()).not.toContain(secret);
  });

  it("in front of the API itself a refusal tells clock, digest and what to check", async () => {
    const refuse: Responder = () => ({
      status: 401,
      body: { detail: "Signature is incorrect", title: "Unauthorised" },
      headers: {
        "content-type": "application/problem+json",
        // As of the answer: what was done before it took time too.
        date: new Date(Date.now() - 90_000).toUTCString(),
      },
    });
    const { api } = await start(ok);
    const refusing = await startApi(refuse);
    const client = { ...api.options, baseUrl: refusing.url, clockSkewCorrection: false };
    const proxy = await startProxy({ client, inspector: true });
    onTestFinished(() => proxy.close());
    const stream = await openStream(proxy.inspector ?? "");
    await send(`${proxy.url}/orders`, "POST", type, "{}");
    const entry = await stream.until(
      settled(({ attempts }) => attempts.at(-1)?.signature?.verdict === "refused"),
    );
    const checks = entry.attempts.at(-1)?.signature?.checks;
    expect(checks?.map(({ what, state }) => [what, state])).toEqual([
      ["key id", "unknown"],
      ["clock", "bad"],
      ["digest", "good"],
      ["nonce", "good"],
      ["way", "unknown"],
    ]);
    expect(checks?.[1]?.text).toMatch(/^created is (?:89|90|91) s ahead of the answer's date$/);
  });
});

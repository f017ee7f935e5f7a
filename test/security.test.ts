import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { createUpvestClient } from "upvest-client";
import { undiciFetch } from "upvest-client/undici";
import { UpvestApiError } from "../src/errors.js";
import { expandPath } from "../src/path.js";
import { hideToken } from "../src/pipeline/explain.js";
import { parseHttpDate, retryAfter } from "../src/pipeline/retry-after.js";
import { problemCode, problemDetail, readProblem } from "../src/problem.js";
import { json, startApi, testKey } from "./support/api.js";

const full = process.env["UPVEST_TEST_FULL"] === "1";

describe("what the server says is only read", () => {
  it("the problem reader takes anything and gives a problem", () => {
    const call = { operationId: "list_users", operation: "GET /users", attempts: 1 };
    const anything = fc.oneof(
      fc.anything(),
      fc.record(
        {
          type: fc.anything(),
          title: fc.anything(),
          detail: fc.anything(),
          details: fc.anything(),
          error: fc.anything(),
        },
        { requiredKeys: [] },
      ),
      fc.json().map((text) => JSON.parse(text) as unknown),
    );
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 599 }), anything, (status, body) => {
        const problem = readProblem(status, body);
        expect(problem.status).toBe(status);
        expect(typeof problem.type).toBe("string");
        const code = problemCode(problem);
        expect(code).not.toBe("");
        expect(code).not.toContain("/");
      }),
      { numRuns: full ? 100_000 : 10_000 },
    );
    fc.assert(
      fc.property(fc.json(), (text) => {
        const problem = readProblem(400, JSON.parse(text));
        const error = new UpvestApiError(call, { status: 400, problem });
        expect(error.message).toContain("list_users");
        expect(() => JSON.stringify(error)).not.toThrow();
        expect(typeof (problemDetail(problem) ?? "")).toBe("string");
      }),
      { numRuns: full ? 100_000 : 10_000 },
    );
  });

  it("no member of a body reaches a prototype", async () => {
    const poisoned =
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"data":[],"meta":{"offset":0,"limit":1,"count":0,"total_count":0}}';
    const headers = { "content-type": "application/json" };
    for (const status of [200, 400]) {
      const api = await startApi(() => ({ status, body: poisoned, headers }));
      await createUpvestClient(api.options).GET("/accounts");
      await createUpvestClient(api.options)
        .paginate("/accounts")
        .toArray({ max: 1 })
        .catch(() => undefined);
    }
    expect({}).not.toHaveProperty("polluted");
  });

  it("no text takes long to read, however it is made", () => {
    const million = 1_000_000;
    const nasty = [
      "/",
      "?",
      "#",
      " ",
      "=",
      "a",
      "0",
      "\n",
      "%",
      "Sun, 0",
      '"authorization": Bearer ',
      "a/",
      "0,",
    ].map((part) => part.repeat(million / part.length));
    for (const text of nasty.flatMap((one) => [one, `${one}!`, `!${one}`])) {
      const problem = readProblem(400, { type: text, detail: text, details: [text] });
      expect(problemCode(problem)).toBeTypeOf("string");
      expect(parseHttpDate(text, 0)).toBeUndefined();
      expect(hideToken(text)).toBeTypeOf("string");
      expect(() => expandPath("x", "/x/{id}", { id: text })).not.toThrow(RangeError);
    }
    expect(retryAfter(new Headers({ "retry-after": "9".repeat(10_000) }), 0)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("secrets", () => {
  it.each([
    ["fetch", fetch],
    ["undici", undiciFetch()],
  ])("of an answer that breaks HTTP stay out of what %s tells of it", async (_, fetch) => {
    const token = JSON.stringify({ access_token: "ory_at_canary", expires_in: 1800, token_type: "bearer" });
    const broken = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", () =>
        socket.end(
          `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nno size\r\n${token}`,
        ),
      );
    }).listen(0, "127.0.0.1");
    await once(broken, "listening");
    onTestFinished(() => void broken.close());
    const baseUrl = `http://127.0.0.1:${(broken.address() as AddressInfo).port}`;
    const secret = { clientId: "c", clientSecret: "canary-client-secret", signingKey: testKey };
    const call = createUpvestClient({ baseUrl, ...secret, fetch, retry: false }).GET("/accounts");
    const error: unknown = await call.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "UpvestConnectionError", message: /chunk size/ });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("canary");
  });

  it("stay out of everything that an answer could make the client repeat", async () => {
    // A server (or a proxy in front) that echoes what it was sent, in every place that ends up in an error.
    const api = await startApi(({ headers, body }) => {
      const echo = `${headers.authorization} ${headers["signature"]?.toString()} ${body}`;
      return json({ type: "echo", title: "Echo", detail: echo }, 400);
    });
    const { error } = await createUpvestClient(api.options).GET("/accounts");
    const shown = `${inspect(error, { depth: 9, showHidden: true })}${JSON.stringify(error)}${String(error)}`;
    expect(shown).not.toContain("ory_at_token");
    expect(shown).not.toMatch(/sig1=:[A-Za-z0-9+/]/);
    const refused = await startApi(
      () => json({}),
      ({ body }) => json({ type: "echo", detail: body, details: { body } }, 400),
    );
    const result = await createUpvestClient(refused.options).GET("/accounts");
    expect(result.error).toBeInstanceOf(UpvestApiError);
    const failure = { ...result, headers: [...result.response.headers] };
    expect(inspect(failure, { depth: 9, showHidden: true }) + JSON.stringify(failure)).not.toContain(
      refused.options.clientSecret,
    );
  });
});

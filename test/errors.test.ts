import { inspect } from "node:util";
import { describe, expect, it, vi } from "vitest";
import {
  UpvestApiError,
  UpvestConfigError,
  UpvestConnectionError,
  UpvestError,
  UpvestTimeoutError,
  UpvestUnknownOutcomeError,
} from "../src/errors.js";
import { problemCode, readProblem } from "../src/problem.js";

const call = {
  operationId: "place_order",
  operation: "POST /orders",
  idempotencyKey: "ccb07f42-4104-44ad-8e1f-c660bb7b269c",
  attempts: 2,
};
const apiError = (body: unknown, status = 400): UpvestApiError =>
  new UpvestApiError(call, { status, problem: readProblem(status, body), requestId: "r-1" });

describe("readProblem", () => {
  it.each([
    ["a URL", { type: "https://docs.upvest.co/errors/missing_idempotency_key" }, "missing_idempotency_key"],
    ["an older URL", { type: "https://docs.upvest.co/guides/errors/forbidden/" }, "forbidden"],
    ["a short word", { type: "not_found" }, "not_found"],
    ["a query behind it", { type: "https://docs.upvest.co/errors/conflict?x=/y" }, "conflict"],
    ["RFC 6749", { error: "invalid_client", error_description: "no" }, "invalid_client"],
    ["no type", { title: "Bad" }, "invalid_request"],
    ["about:blank", { type: "about:blank" }, "invalid_request"],
    ["nothing", undefined, "invalid_request"],
    ["HTML", "<html>502</html>", "invalid_request"],
    ["a list", [1], "invalid_request"],
    ["a type that is no text", { type: 7 }, "invalid_request"],
    ["only slashes", { type: "///" }, "invalid_request"],
  ])("%s gives the code", (_, body, code) => {
    expect(problemCode(readProblem(400, body))).toBe(code);
  });

  it("has a word for every documented status, and a plain one for others", () => {
    expect(problemCode(readProblem(502, undefined))).toBe("bad_gateway");
    expect(problemCode(readProblem(418, undefined))).toBe("http_418");
  });

  it("reads detail and details", () => {
    expect(
      readProblem(400, { type: "x", details: "(root): field 'first_name' was not filled" }),
    ).toMatchObject({
      details: "(root): field 'first_name' was not filled",
    });
    expect(apiError({ type: "x", detail: "one", details: ["two"] }).message).toContain('one ["two"]');
  });

  it("takes nothing from the prototype", () => {
    const body: unknown = JSON.parse('{"__proto__": {"type": "https://evil/errors/ok", "title": "t"}}');
    expect(readProblem(400, body)).toEqual({ type: "about:blank", status: 400 });
    expect(Object.prototype).not.toHaveProperty("title");
  });
});

describe("an error", () => {
  it("says what was called, what came back and whom to ask", () => {
    const error = apiError(
      { type: "https://docs.upvest.co/errors/conflict", title: "Conflict", detail: "Closed." },
      409,
    );
    expect(error.message).toBe(
      "POST /orders (place_order): 409 conflict. Conflict. Closed. (attempts 2, request id r-1)",
    );
    expect(error).toMatchObject({
      status: 409,
      code: "conflict",
      requestId: "r-1",
      attempts: 2,
      idempotencyKey: call.idempotencyKey,
    });
  });

  it("says how to see what was signed, where that can be shown", () => {
    const answer = { status: 401, problem: readProblem(401, undefined), explain: () => "the base" };
    expect(new UpvestApiError(call, answer).message).toMatch(
      /\(attempts 2, explain\(\) shows what was signed\)$/,
    );
    expect(apiError(undefined, 401).message).not.toContain("explain()");
  });

  it("takes the request id from the body where the header has none", () => {
    const problem = readProblem(500, { type: "internal", request_id: "from-body" });
    expect(new UpvestApiError(call, { status: 500, problem }).requestId).toBe("from-body");
  });

  it("is recognised across copies of the package", async () => {
    vi.resetModules();
    const { UpvestApiError: Other, UpvestError: OtherBase } = await import("../src/errors.js");
    expect(Other).not.toBe(UpvestApiError);
    expect(OtherBase).not.toBe(UpvestError);
    const theirs = new Other(call, { status: 400, problem: readProblem(400, undefined) });
    expect(theirs).toBeInstanceOf(UpvestApiError);
    expect(theirs).toBeInstanceOf(UpvestError);
    expect(apiError(undefined)).toBeInstanceOf(OtherBase);
    expect(theirs).not.toBeInstanceOf(UpvestConfigError);
  });

  it("is told apart from its sisters, from other errors, and from a user's subclass", () => {
    class Mine extends UpvestApiError {}
    const timeout = new UpvestTimeoutError(call, { limit: "timeout", milliseconds: 5 });
    const connection = new UpvestConnectionError(call, { reason: "reset", mayHaveArrived: true });
    expect(timeout).toBeInstanceOf(UpvestError);
    expect(timeout).not.toBeInstanceOf(UpvestConnectionError);
    expect(connection).not.toBeInstanceOf(UpvestTimeoutError);
    expect(apiError(undefined)).not.toBeInstanceOf(Mine);
    expect(new Mine(call, { status: 400, problem: readProblem(400, {}) })).toBeInstanceOf(UpvestApiError);
    expect(new Error("x")).not.toBeInstanceOf(UpvestError);
    expect(undefined).not.toBeInstanceOf(UpvestError);
    expect([apiError(undefined), timeout, connection].map(({ name }) => name)).toEqual([
      "UpvestApiError",
      "UpvestTimeoutError",
      "UpvestConnectionError",
    ]);
  });

  it("becomes JSON with its members and its cause", () => {
    const error = new UpvestUnknownOutcomeError(call, apiError({ type: "unavailable" }, 503));
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({
      name: "UpvestUnknownOutcomeError",
      operationId: "place_order",
      idempotencyKey: call.idempotencyKey,
      cause: { name: "UpvestApiError", status: 503, code: "unavailable" },
    });
    expect(error.message).toContain("Repeat the call with the idempotency key");
  });

  it("keeps what explain tells out of inspect and JSON", () => {
    const error = new UpvestApiError(call, {
      status: 401,
      problem: readProblem(401, undefined),
      explain: () => "the base",
    });
    expect(error.explain()).toBe("the base");
    expect(inspect(error) + JSON.stringify(error)).not.toContain("the base");
    expect(apiError(undefined).explain()).toContain("POST /orders");
  });
});

import { describe, expect, it, onTestFinished, vi } from "vitest";
import { UpvestConnectionError, UpvestTimeoutError, UpvestUnknownOutcomeError } from "../../src/errors.js";
import { remade } from "../../src/pipeline/collect.js";
import type { Operation, PipelineRequest } from "../../src/pipeline/request.js";
import { retry } from "../../src/pipeline/retry.js";
import { transport } from "../../src/pipeline/transport.js";
import { json, problem, startApi, type Answer } from "../support/api.js";
import { freePort } from "../support/free-port.js";
import { anOperation, aRequest, reading } from "../support/pipeline.js";

const keyless = anOperation({ id: "create_report", path: "/reports", idempotencyKey: false });
const patch = anOperation({ id: "update_account", method: "PATCH", idempotencyKey: false });
const put = anOperation({ id: "update_allocation", method: "PUT", idempotencyKey: false });
const remove = anOperation({ id: "cancel_order", method: "DELETE", idempotencyKey: false });
const read = anOperation(reading);
const keyed = anOperation();

/** Answers in the order of the script, the last one for ever; records the waits instead of waiting. */
async function setUp(script: readonly Answer[], random = 0.5) {
  const api = await startApi((_, nth) => script[Math.min(nth, script.length - 1)] ?? json({}));
  const waits: number[] = [];
  const now = Date.UTC(2026, 10, 21, 12);
  const layer = retry({
    clock: () => now,
    random: () => random,
    wait: async (ms) => {
      waits.push(ms);
    },
  });
  const handler = layer(transport(fetch));
  const run = async (operation: Operation, different: Partial<PipelineRequest> = {}): Promise<Response> => {
    const request = aRequest(api.url, operation, different);
    const response = await handler(request);
    return request.stream ? response : remade(response, request.trace.body ?? null);
  };
  return { api, waits, run };
}

const ok = json({ fine: true });
const cutBefore: Answer = { cut: "before" };
const cutHalf: Answer = { ...json({ long: "x".repeat(4_000) }), cut: "half" };

describe("answers that pass", () => {
  it.each([
    ["429 on a read", read, problem(429, "too_many_requests")],
    ["429 on a write with a key", keyed, problem(429, "too_many_requests")],
    ["429 on a write without a key: it was not carried out", keyless, problem(429, "too_many_requests")],
    ["429 on a PATCH", patch, problem(429, "too_many_requests")],
    ["502 without a body, from the edge", read, { status: 502 }],
    ["503 on a write with a key", keyed, problem(503, "unavailable")],
    ["504 on a PUT", put, problem(504, "gateway_timeout")],
    ["503 on a DELETE", remove, problem(503, "unavailable")],
    ["520 from Cloudflare, on a read", read, { status: 520 }],
    ["524 from Cloudflare, on a write with a key", keyed, { status: 524, body: "error code: 524" }],
    ["a connection cut before the answer, on a read", read, cutBefore],
    ["a connection cut before the answer, on a write with a key", keyed, cutBefore],
    ["an answer cut half-way, on a read", read, cutHalf],
    ["an answer cut half-way, on a write with a key", keyed, cutHalf],
  ])("are tried again: %s", async (_, operation, answer) => {
    const { api, run, waits } = await setUp([answer, answer, ok]);
    const response = await run(operation);
    expect(await response.json()).toEqual({ fine: true });
    expect(api.calls).toHaveLength(3);
    expect(waits).toEqual(answer.status === 429 ? [375, 750] : [250, 500]);
  });

  it("waits outlast the second that a rate is counted in, whatever chance says", async () => {
    const refused = problem(429, "too_many_requests");
    const { api, run, waits } = await setUp([refused, refused, refused, ok], 0);
    expect((await run(read)).status).toBe(200);
    expect(api.calls).toHaveLength(4);
    expect(waits.reduce((sum, ms) => sum + ms)).toBeGreaterThan(1_000);
  });

  it.each([
    ["400", keyed, 400],
    ["401", keyed, 401],
    ["404", read, 404],
    ["409", keyed, 409],
    ["422", keyed, 422],
    ["500: the docs give no retry advice", read, 500],
    ["500 on a write with a key", keyed, 500],
  ])("are not: %s", async (_, operation, status) => {
    const { api, run } = await setUp([problem(status, "x"), ok]);
    expect((await run(operation)).status).toBe(status);
    expect(api.calls).toHaveLength(1);
  });

  it("are given up after maxAttempts, with the last answer readable", async () => {
    const { api, run } = await setUp([problem(429, "too_many_requests")]);
    const response = await run(keyed);
    expect(response.status).toBe(429);
    expect(await response.json()).toMatchObject({ title: "too_many_requests" });
    expect(api.calls).toHaveLength(4);
  });

  it("leave nothing behind: a body that never ends is cancelled before the next attempt", async () => {
    const { api, run } = await setUp([
      { ...problem(503, "unavailable", { "content-length": "100000" }) },
      ok,
    ]);
    expect((await run(read)).status).toBe(200);
    expect(api.calls).toHaveLength(2);
  });
});

describe("Retry-After", () => {
  it.each([
    ["seconds", "7", 7_000],
    ["a date", "Sat, 21 Nov 2026 12:00:20 GMT", 20_000],
    ["RFC 850", "Saturday, 21-Nov-26 12:00:20 GMT", 20_000],
    ["asctime", "Sat Nov 21 12:00:20 2026", 20_000],
    ["zero", "0", 0],
    ["as long as is allowed", "60", 60_000],
  ])("is waited for: %s", async (_, value, ms) => {
    const date = { date: "Sat, 21 Nov 2026 12:00:00 GMT" };
    const { run, waits } = await setUp([
      problem(429, "too_many_requests", { "retry-after": value, ...date }),
      ok,
    ]);
    expect((await run(read)).status).toBe(200);
    expect(waits).toEqual([ms]);
  });

  it("that cannot be read gives way to back-off", async () => {
    const { run, waits } = await setUp([problem(429, "too_many_requests", { "retry-after": "12abc" }), ok]);
    await run(read);
    expect(waits).toEqual([375]);
  });

  it("longer than maxRetryAfter ends the call at once", async () => {
    const { api, run, waits } = await setUp([problem(429, "too_many_requests", { "retry-after": "61" }), ok]);
    expect((await run(read)).status).toBe(429);
    expect(waits).toEqual([]);
    expect(api.calls).toHaveLength(1);
  });
});

describe("a write whose outcome is unknown", () => {
  it.each([
    ["502", { status: 502 }],
    ["503", problem(503, "unavailable")],
    ["504", problem(504, "gateway_timeout")],
    ["520, of Cloudflare's own", { status: 520, body: "error code: 520" }],
    ["524, of Cloudflare's own", { status: 524, body: "error code: 524" }],
    ["a cut connection", cutBefore],
    ["half an answer", cutHalf],
  ])("is never repeated without a key: %s", async (_, answer) => {
    for (const operation of [keyless, patch]) {
      const { api, run } = await setUp([answer, ok]);
      await expect(run(operation)).rejects.toBeInstanceOf(UpvestUnknownOutcomeError);
      expect(api.calls).toHaveLength(1);
    }
  });

  it("is told of a write that needs no token, too: only the token endpoint, with its form, changes nothing", async () => {
    const open = { ...keyless, scopes: [] };
    const { api, run } = await setUp([problem(503, "unavailable"), ok]);
    await expect(run(open)).rejects.toBeInstanceOf(UpvestUnknownOutcomeError);
    expect(api.calls).toHaveLength(1);
    expect((await run({ ...open, requestBody: "application/x-www-form-urlencoded" })).status).toBe(200);
  });

  it("keeps the last failure as its cause", async () => {
    const answered = await setUp([problem(503, "unavailable")]);
    await expect(answered.run(keyless)).rejects.toMatchObject({
      operationId: "create_report",
      attempts: 1,
      cause: { name: "UpvestApiError", status: 503, code: "unavailable" },
    });
    const cut = await setUp([cutBefore]);
    await expect(cut.run(keyless)).rejects.toMatchObject({ cause: { name: "UpvestConnectionError" } });
  });

  it("stays unknown when a later attempt is refused: at the door, or because of the effect itself", async () => {
    for (const status of [400, 401, 403, 404, 409, 422, 429, 500]) {
      const { run } = await setUp([cutBefore, problem(status, "x")]);
      await expect(run(status % 2 === 0 ? keyed : remove)).rejects.toMatchObject({
        name: "UpvestUnknownOutcomeError",
        cause: { name: "UpvestApiError", status },
      });
    }
  });

  it("is settled by a later success", async () => {
    const { run, api } = await setUp([cutBefore, { status: 502 }, ok]);
    expect((await run(keyed)).status).toBe(200);
    expect(api.calls).toHaveLength(3);
  });

  it("is not claimed where no connection was made", async () => {
    const waits: number[] = [];
    const handler = retry({ clock: Date.now, random: () => 0, wait: async (ms) => void waits.push(ms) })(
      transport(fetch),
    );
    const call = handler(aRequest(`http://127.0.0.1:${await freePort()}`, keyless));
    await expect(call).rejects.toBeInstanceOf(UpvestConnectionError);
    await expect(call).rejects.toMatchObject({ mayHaveArrived: false, attempts: 4 });
    expect(waits).toHaveLength(3);
  });

  it("is not claimed of a read", async () => {
    const { run } = await setUp([cutBefore]);
    const call = run(read);
    await expect(call).rejects.toBeInstanceOf(UpvestConnectionError);
    await expect(call).rejects.toMatchObject({ attempts: 4, mayHaveArrived: true });
  });
});

describe("time and abort", () => {
  const never = (): Promise<Answer> => new Promise(() => undefined);
  const layer = retry({ clock: Date.now, random: () => 0 })(transport(fetch));

  /** Time stands still until it is made to pass: or a slow machine would use up the time of the attempt that is to succeed. */
  function stopTime(): void {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
  }

  it("an attempt that takes longer than timeout is given up, and tried again where that is safe", async () => {
    stopTime();
    const api = await startApi((_, nth) => {
      if (nth > 0) return json({ fine: true });
      vi.advanceTimersByTime(50);
      return never();
    });
    const once = retry({ clock: Date.now, wait: () => Promise.resolve() })(transport(fetch));
    const response = await once(aRequest(api.url, read, { timeout: 50 }));
    expect(response.status).toBe(200);
    expect(api.calls).toHaveLength(2);
  });

  it("the body is part of the attempt", async () => {
    stopTime();
    const api = await startApi((_, nth) =>
      nth === 0 ? { ...json({}), headers: { "content-length": "10" } } : json({}),
    );
    const throughFetch: typeof fetch = async (...request) => {
      const response = await fetch(...request);
      // Once the head is there and the body is waited for.
      if (api.calls.length === 1) setImmediate(() => vi.advanceTimersByTime(50));
      return response;
    };
    const once = retry({ clock: Date.now, wait: () => Promise.resolve() })(transport(throughFetch));
    const response = await once(aRequest(api.url, read, { timeout: 50 }));
    expect(response.status).toBe(200);
    expect(api.calls).toHaveLength(2);
  });

  it("a read that is always late ends in a timeout error, a write in an unknown outcome", async () => {
    const api = await startApi(never);
    const once = { timeout: 30, retry: { maxAttempts: 1, baseDelay: 0, maxDelay: 0, maxRetryAfter: 0 } };
    const late = layer(aRequest(api.url, read, once));
    await expect(late).rejects.toBeInstanceOf(UpvestTimeoutError);
    await expect(late).rejects.toMatchObject({ limit: "timeout", milliseconds: 30, attempts: 1 });
    await expect(layer(aRequest(api.url, keyed, once))).rejects.toMatchObject({
      name: "UpvestUnknownOutcomeError",
      cause: { name: "UpvestTimeoutError" },
    });
  });

  it("the deadline cuts through an attempt and through waiting", async () => {
    const slow = await startApi(never);
    await expect(layer(aRequest(slow.url, read, { deadline: 40 }))).rejects.toMatchObject({
      name: "UpvestTimeoutError",
      limit: "deadline",
    });
    const busy = await startApi(() => problem(429, "too_many_requests", { "retry-after": "30" }));
    await expect(layer(aRequest(busy.url, read, { deadline: 200 }))).rejects.toMatchObject({
      name: "UpvestTimeoutError",
      limit: "deadline",
      attempts: 1,
    });
  });

  it("an abort cuts through an attempt and through waiting, with the caller's own reason", async () => {
    const reason = new Error("the user left");
    const slow = await startApi(never);
    const during = new AbortController();
    const call = layer(aRequest(slow.url, keyed, { signal: during.signal }));
    await expect.poll(() => slow.calls.length, { timeout: 10_000 }).toBe(1);
    during.abort(reason);
    await expect(call).rejects.toBe(reason);

    const waiting = new AbortController();
    const busy = await startApi(() => {
      queueMicrotask(() => setTimeout(() => waiting.abort(reason), 20));
      return problem(429, "too_many_requests", { "retry-after": "30" });
    });
    await expect(layer(aRequest(busy.url, read, { signal: waiting.signal }))).rejects.toBe(reason);
    expect(busy.calls).toHaveLength(1);
  });

  it("nothing is sent on a signal that has already aborted", async () => {
    const api = await startApi(() => ok);
    await expect(
      layer(aRequest(api.url, read, { signal: AbortSignal.abort(new Error("early")) })),
    ).rejects.toThrow("early");
    expect(api.calls).toHaveLength(0);
  });

  it("a stream is handed on, and still ends with the caller's abort", async () => {
    const api = await startApi(() => ({ ...json({}), body: "abc", headers: { "content-length": "10" } }));
    const leaving = new AbortController();
    const response = await layer(aRequest(api.url, read, { stream: true, signal: leaving.signal }));
    const reader = response.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("abc");
    leaving.abort(new Error("enough"));
    await expect(reader?.read()).rejects.toThrow("enough");
  });
});

it("an error of another kind is not taken for a failure of the network", async () => {
  const broken = retry({ clock: Date.now })(() => Promise.reject(new TypeError("a bug")));
  await expect(broken(aRequest("http://127.0.0.1:1"))).rejects.toThrow(new TypeError("a bug"));
});

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { UpvestConfigError } from "../../src/index.js";
import { WebhookVerificationError, type WebhookEvent } from "../../src/webhooks/index.js";
import {
  anEvent,
  asRequest,
  batch,
  batchOf,
  deliver,
  enough,
  gate,
  idsOf,
  newReceiver,
  p521,
  reasonOf,
  withHeaders,
} from "./support.js";

describe("the answer", () => {
  it("is 200 and empty once every event is handled, in order", async () => {
    const handled: string[] = [];
    const response = await newReceiver().handle(
      asRequest(deliver({ body: batchOf(3, 1, 2) })),
      async ({ id }) => {
        await Promise.resolve();
        handled.push(id);
      },
    );
    expect([response.status, await response.text()]).toEqual([200, ""]);
    expect(handled).toEqual(idsOf(3, 1, 2));
  });

  it("does not come before the handler is done", async () => {
    const { opened, open } = gate();
    const entered = gate();
    let answered = false;
    const pending = newReceiver()
      .handle(asRequest(deliver()), () => {
        entered.open();
        return opened;
      })
      .then(({ status }) => {
        answered = true;
        return status;
      });
    await entered.opened;
    await new Promise(setImmediate);
    expect(answered).toBe(false);
    open();
    expect(await pending).toBe(200);
  });

  it("takes a bare single event, and an empty batch", async () => {
    const handled: string[] = [];
    const handle = (body: string): Promise<Response> =>
      newReceiver().handle(asRequest(deliver({ body })), ({ type }) => handled.push(type));
    expect((await handle(JSON.stringify(anEvent(1, { type: "ORDER.FILLED" })))).status).toBe(200);
    expect((await handle(batch())).status).toBe(200);
    expect(handled).toEqual(["ORDER.FILLED"]);
  });

  it("is a problem with the reason and no more when the delivery is refused", async () => {
    const told: unknown[] = [];
    const onEvent = vi.fn();
    const receive = newReceiver({ onError: (error) => told.push(error) });
    const forged = withHeaders(deliver(), { "content-type": "text/plain" });
    const response = await receive.handle(asRequest(forged), onEvent);
    expect(response.status).toBe(401);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toEqual({
      type: "about:blank",
      title: "Unauthorised",
      status: 401,
      reason: "bad_signature",
    });
    expect(onEvent).not.toHaveBeenCalled();
    expect(told).toEqual([expect.any(WebhookVerificationError)]);
  });

  it.each([
    [400, "malformed_signature", asRequest(withHeaders(deliver(), { signature: "?" }))],
    [400, "malformed_body", asRequest(deliver({ body: "{" }))],
    [401, "no_signature", asRequest({ ...deliver(), headers: {} })],
    [405, "method_not_allowed", asRequest({ ...deliver(), method: "GET" })],
    [405, "method_not_allowed", asRequest({ ...deliver(), method: "PUT" })],
    [413, "body_too_large", asRequest(deliver({ body: "x".repeat(6_000_000) }))],
  ])("%i %s", async (status, reason, request) => {
    const response = await newReceiver().handle(request, () => undefined);
    expect([response.status, await reasonOf(response)]).toEqual([status, reason]);
    expect(response.headers.get("allow")).toBe(status === 405 ? "POST" : null);
  });

  it("stops reading a body without announced length at the limit", async () => {
    let pulled = 0;
    const cancelled = gate();
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(1_000_000));
      },
      cancel: () => cancelled.open(),
    });
    const { headers } = withHeaders(deliver(), { "content-length": undefined });
    const init = { method: "POST", headers, body: endless, duplex: "half" };
    const response = await newReceiver().handle(new Request("https://example.com/", init), () => undefined);
    expect(response.status).toBe(413);
    await cancelled.opened;
    expect(pulled).toBeLessThan(10);
  });

  it.each(["signature", "signature-input"])(
    "is 401 without %s, of any body and before any of it",
    async (name) => {
      let pulled = 0;
      const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
        pulled += 1;
        controller.enqueue(new Uint8Array(6_000_000));
      };
      const body = new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 });
      const { headers } = withHeaders(deliver(), { [name]: undefined });
      const init = { method: "POST", headers, body, duplex: "half" };
      const response = await newReceiver().handle(new Request("https://example.com/", init), () => undefined);
      expect([response.status, await reasonOf(response), pulled]).toEqual([401, "no_signature", 0]);
    },
  );

  it("takes a body in chunks of one byte without keeping each", async () => {
    const signed = deliver({ components: enough, body: batchOf(...Array(2_000).keys()) });
    const delivery = withHeaders(signed, { "content-length": undefined });
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    const used = (): number => {
      collectGarbage();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    const bytes = Buffer.from(delivery.body);
    let at = 0;
    let [before, after] = [0, 0];
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
      if (at === 0) before = used();
      if (at === bytes.length) {
        after = used();
        controller.close();
      } else controller.enqueue(Uint8Array.of(bytes[at++] ?? 0));
    };
    const body = new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 });
    const init = { method: "POST", headers: delivery.headers, body, duplex: "half" };
    let handled = 0;
    const request = new Request(`https://example.com${delivery.path}`, init);
    const response = await newReceiver().handle(request, () => (handled += 1));
    expect([response.status, handled]).toEqual([200, 2_000]);
    // 195 bytes for each when they were kept.
    expect((after - before) / bytes.length).toBeLessThan(20);
  });

  it("is 500 when the body was read before, and onError hears what to do", async () => {
    const told: unknown[] = [];
    const request = asRequest(deliver());
    await request.json();
    const response = await newReceiver({ onError: (error) => told.push(error) }).handle(
      request,
      () => undefined,
    );
    expect([response.status, await reasonOf(response)]).toEqual([500, "misconfigured"]);
    expect(told).toEqual([expect.any(UpvestConfigError)]);
    expect(String(told[0])).toContain("read before");
  });

  it("is 401 to a request without a body, as scanners send them: null is none, unless one was announced", async () => {
    const told: unknown[] = [];
    const receiver = newReceiver({ onError: (...given) => told.push(given) });
    const receive = (body: unknown, headers: Readonly<Record<string, string>>) =>
      receiver.receive({ method: "POST", path: "/", headers, body: body as string }, () => undefined);
    for (const body of [undefined, null]) {
      expect(await receive(body, {})).toMatchObject({ status: 401 });
      expect(await receive(body, { "Content-Length": "0" })).toMatchObject({ status: 401 });
      // Here somebody read it, and the owner has to know.
      const signed = deliver().headers;
      expect(await receive(body, { ...signed, "content-length": "12" })).toMatchObject({ status: 500 });
      expect(
        await receive(body, { ...signed, "content-length": "0", "transfer-encoding": "chunked" }),
      ).toMatchObject({ status: 500 });
      // A scanner's goes to nobody, whoever read it.
      expect(await receive(body, { "content-length": "12" })).toMatchObject({ status: 401 });
    }
    // One argument each: onError may be console.error.
    expect(told).toEqual(Array.from({ length: 10 }, () => [expect.any(Error)]));
  });

  it.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("logger down");
      },
    ],
    ["rejects", () => Promise.reject(new Error("logger down"))],
    ["never ends", () => new Promise(() => undefined)],
  ])("goes out though onError %s", async (_, onError) => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    onTestFinished(() => void process.off("unhandledRejection", unhandled));
    const unsigned = asRequest({ ...deliver(), headers: {} });
    expect((await newReceiver({ onError }).handle(unsigned, () => undefined)).status).toBe(401);
    await new Promise(setImmediate);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe("a handler that fails", () => {
  it("gives 500, keeps its error to onError, and may have the same bytes again", async () => {
    const told: [unknown, WebhookEvent | undefined][] = [];
    const receive = newReceiver({ onError: (error, event) => told.push([error, event]) });
    const delivery = deliver({ key: p521 });
    const secret = new Error("password hunter2");
    const failed = await receive.handle(asRequest(delivery), () => {
      throw secret;
    });
    expect([failed.status, await failed.clone().text()]).toEqual([
      500,
      expect.not.stringContaining("hunter2"),
    ]);
    expect(await reasonOf(failed)).toBe("handler_failed");
    expect(told).toEqual([[secret, anEvent()]]);
    expect((await receive.handle(asRequest(delivery), () => undefined)).status).toBe(200);
  });

  it("stops the batch, which goes on with the event that failed", async () => {
    const calls: string[] = [];
    let broken = true;
    const onEvent = async ({ id }: WebhookEvent): Promise<void> => {
      calls.push(id);
      if (broken && id === anEvent(2).id) throw new Error("no");
    };
    const receive = newReceiver();
    const body = batchOf(1, 2, 3);
    expect((await receive.handle(asRequest(deliver({ body })), onEvent)).status).toBe(500);
    expect(calls).toEqual(idsOf(1, 2));
    broken = false;
    expect((await receive.handle(asRequest(deliver({ body })), onEvent)).status).toBe(200);
    expect(calls).toEqual(idsOf(1, 2, 2, 3));
  });

  it("that throws one of our own errors is still a failing handler", async () => {
    const response = await newReceiver().handle(asRequest(deliver()), () => {
      throw new WebhookVerificationError("stale", "not this delivery");
    });
    expect([response.status, await reasonOf(response)]).toEqual([500, "handler_failed"]);
  });
});

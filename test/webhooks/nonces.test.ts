import { describe, expect, it } from "vitest";
import { memorySeenStore, type WebhookEvent } from "../../src/webhooks/index.js";
import {
  anEvent,
  asRequest,
  batch,
  batchOf,
  deliver,
  ed25519,
  idsOf,
  newReceiver,
  now,
  p521,
  reasonOf,
  verdict,
} from "./support.js";

describe("a nonce", () => {
  it("refuses a nonce that was used, also under another signature", async () => {
    const receive = newReceiver();
    const delivery = deliver({ nonce: "once" });
    await receive.verify(delivery);
    expect(await verdict(receive, delivery)).toBe("replayed_nonce");
    expect(await verdict(receive, deliver({ nonce: "once", body: batch(anEvent(2)) }))).toBe(
      "replayed_nonce",
    );
    expect(await verdict(receive, deliver({ nonce: "once", key: p521 }))).toBe("accepted");
  });

  it("lets only one of two equal deliveries pass when both come at once", async () => {
    const receive = newReceiver();
    const delivery = deliver({ key: p521 });
    const verdicts = await Promise.all([verdict(receive, delivery), verdict(receive, delivery)]);
    expect(verdicts.sort()).toEqual(["accepted", "replayed_nonce"]);
  });

  it.each([ed25519, p521])("refuses the same signed text again that has no nonce ($jwk.crv)", async (key) => {
    const receive = newReceiver();
    for (const parameters of ["", ';nonce=""'].map((more) => `;keyid="${key.kid}";created=${now}${more}`)) {
      expect(await verdict(receive, deliver({ key, parameters }))).toBe("accepted");
      // ECDSA gives another signature each time.
      for (const encoding of ["der", "ieee-p1363"] as const)
        expect(await verdict(receive, deliver({ key, parameters, encoding }))).toBe("replayed_nonce");
      const body = batch(anEvent(2));
      expect(await verdict(receive, deliver({ key, parameters, body }))).toBe("accepted");
    }
  });

  it("is used up for processes with other clocks too, for as long as any of them could accept it", async () => {
    let time = now * 1000;
    const seen = memorySeenStore({ clock: () => time });
    const fast = newReceiver({ seen, clock: () => time + 200_000 });
    const right = newReceiver({ seen, clock: () => time });
    const delivery = deliver({ expires: now + 1_000 });
    expect(await verdict(fast, delivery)).toBe("accepted");
    for (const later of [102_000, 198_000]) {
      time += later;
      expect(await verdict(right, delivery)).toBe("replayed_nonce");
    }
  });

  it("is told apart from an event of the same name", async () => {
    const body = batch(anEvent(1, { id: `nonce:${ed25519.kid}:n1` }));
    const response = await newReceiver().handle(asRequest(deliver({ nonce: "n1", body })), () => undefined);
    expect(response.status).toBe(200);
  });

  it.each([
    [
      "throws at once",
      (): Promise<void> => {
        throw new Error("disk full");
      },
    ],
    ["gives no promise", (() => undefined) as unknown as () => Promise<void>],
  ])("that a store cannot note, because its set %s, holds up no delivery", async (what, set) => {
    const told: unknown[] = [];
    const seen = { get: async () => undefined, set };
    const receive = newReceiver({ seen, onError: (error) => told.push(String(error)) });
    expect((await receive.handle(asRequest(deliver()), () => undefined)).status).toBe(200);
    // Of the event and of the nonce.
    expect(told).toEqual(what === "throws at once" ? Array(2).fill("Error: disk full") : []);
  });

  it("is kept for as long as its signature could be accepted, and shared through `seen`", async () => {
    const set: [string, number][] = [];
    const entries = new Map<string, string>();
    const seen = {
      get: async (id: string) => entries.get(id) ?? null,
      set: async (id: string, value: string, ttl: number) => {
        entries.set(id, value);
        set.push([id, ttl]);
      },
    };
    const delivery = deliver({ nonce: "shared", created: now - 100, expires: now + 10_000 });
    await newReceiver({ seen }).verify(delivery);
    expect(set).toEqual([[`nonce:${ed25519.kid}:shared`, 601_000]]);
    expect(await verdict(newReceiver({ seen }), delivery)).toBe("replayed_nonce");
  });

  it("that comes again because the answer was lost is answered with 200, and nothing is handled twice", async () => {
    const entries = new Map<string, string>();
    const seen = {
      get: async (id: string) => entries.get(id),
      set: async (id: string, value: string) => void entries.set(id, value),
    };
    const told: unknown[] = [];
    const handled: string[] = [];
    const onEvent = ({ id }: WebhookEvent): unknown => handled.push(id);
    const delivery = deliver({ nonce: "lost", body: batchOf(1, 2) });
    // Also at another process.
    const [one, other] = [1, 2].map(() => newReceiver({ seen, onError: (error) => told.push(error) }));
    for (const receiver of [one, one, other]) {
      const response = await receiver?.handle(asRequest(delivery), onEvent);
      expect(response?.status).toBe(200);
    }
    expect([handled, told]).toEqual([idsOf(1, 2), []]);

    // Under a used nonce nothing is handled: neither other events, nor what the store has forgotten.
    const another = asRequest(deliver({ nonce: "lost", body: batchOf(2, 3) }));
    entries.delete(`event:${anEvent().webhook_id}:${idsOf(1).join()}`);
    for (const request of [another, asRequest(delivery)]) {
      const response = await newReceiver({ seen }).handle(request, onEvent);
      expect([response.status, await reasonOf(response)]).toEqual([401, "replayed_nonce"]);
    }
    expect(handled).toEqual(idsOf(1, 2));
  });

  it("that verify has accepted has nothing handled", async () => {
    const receive = newReceiver();
    const delivery = deliver();
    const handled: unknown[] = [];
    await receive.verify(delivery);
    const { status } = await receive.handle(asRequest(delivery), (event) => handled.push(event));
    expect([status, handled]).toEqual([401, []]);
  });

  it("is not forgotten while the body of its replay is on its way", async () => {
    let at = now;
    const receiver = newReceiver({ clock: () => at * 1000 });
    const delivery = deliver({ expires: now + 86_400 });
    await receiver.verify(delivery);
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(Buffer.from(delivery.body));
      },
      pull(controller) {
        // Fresh when its headers came.
        at = now + 602;
        controller.close();
      },
    });
    const init = { method: "POST", headers: delivery.headers, body, duplex: "half" };
    const request = new Request(`https://example.com${delivery.path}`, init);
    const handled: unknown[] = [];
    const response = await receiver.handle(request, (event) => handled.push(event));
    expect([response.status, await reasonOf(response), handled]).toEqual([401, "stale", []]);
  });

  it("does not use up the nonce of a delivery that was refused", async () => {
    const receive = newReceiver();
    const delivery = deliver();
    expect(await verdict(receive, { ...delivery, path: "/hooks/other?tenant=7" })).toBe("bad_signature");
    expect(await verdict(receive, delivery)).toBe("accepted");
  });
});

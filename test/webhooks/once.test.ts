import { describe, expect, it, onTestFinished, vi } from "vitest";
import { memorySeenStore, type WebhookEvent, type WebhookHandler } from "../../src/webhooks/index.js";
import {
  anEvent,
  asRequest,
  batch,
  batchOf,
  clock,
  deliver,
  gate,
  idsOf,
  newReceiver,
  reasonOf,
} from "./support.js";

describe("an event that comes again", () => {
  it("is dropped, in another delivery and after a restart with a shared store", async () => {
    const calls: string[] = [];
    const onEvent = ({ id }: WebhookEvent): unknown => calls.push(id);
    const seen = memorySeenStore({ clock });
    const first = newReceiver({ seen });
    await first.handle(asRequest(deliver({ body: batchOf(1) })), onEvent);
    await first.handle(asRequest(deliver({ body: batchOf(1, 2, 2) })), onEvent);
    const { status } = await newReceiver({ seen }).handle(
      asRequest(deliver({ body: batchOf(2, 3) })),
      onEvent,
    );
    expect([status, calls]).toEqual([200, idsOf(1, 2, 3)]);
  });

  it("is handled for each subscription that it is sent to, though they share the store", async () => {
    const seen = memorySeenStore({ clock });
    const handled: string[] = [];
    for (const webhook_id of ["ledger", "mail", "ledger", undefined, undefined]) {
      // As a service of its own: receivers share nothing but the store.
      const body = batch({ ...anEvent(1), webhook_id });
      const onEvent = (): unknown => handled.push(String(webhook_id));
      expect((await newReceiver({ seen }).handle(asRequest(deliver({ body })), onEvent)).status).toBe(200);
    }
    expect(handled).toEqual(["ledger", "mail", "undefined"]);
  });

  it("while it is being handled waits, and is handled by the second only when the first failed", async () => {
    for (const fails of [false, true]) {
      const entered = gate();
      const { opened, open } = gate();
      let running = 0;
      let calls = 0;
      const onEvent = async (): Promise<void> => {
        running += 1;
        calls += 1;
        expect(running).toBe(1);
        entered.open();
        await opened;
        running -= 1;
        if (fails && calls === 1) throw new Error("no");
      };
      const receive = newReceiver();
      const answers = [1, 2].map(() => receive.handle(asRequest(deliver({ body: batchOf(7) })), onEvent));
      await entered.opened;
      await new Promise(setImmediate);
      open();
      const statuses = (await Promise.all(answers)).map(({ status }) => status);
      expect([statuses, calls]).toEqual(fails ? [[500, 200], 2] : [[200, 200], 1]);
    }
  });

  it("stays handled though the shared store cannot note it", async () => {
    const told: unknown[] = [];
    const down = new Error("store down");
    const seen = { get: async () => undefined, set: () => Promise.reject(down) };
    const receive = newReceiver({ seen, onError: (error) => told.push(error) });
    const onEvent = vi.fn();
    expect((await receive.handle(asRequest(deliver({ body: batchOf(1) })), onEvent)).status).toBe(200);
    expect((await receive.handle(asRequest(deliver({ body: batchOf(1) })), onEvent)).status).toBe(200);
    expect(onEvent).toHaveBeenCalledTimes(1);
    expect(told).toContain(down);
  });

  it.each([[false], [0], [""], [[]], [true], [{ rows: [] }]])(
    "is handled though a store without types answers %j for what it does not hold",
    async (nothing) => {
      const seen = { get: async () => nothing as unknown as undefined, set: async () => undefined };
      const onEvent = vi.fn();
      const { status } = await newReceiver({ seen }).handle(
        asRequest(deliver({ body: batchOf(1, 2) })),
        onEvent,
      );
      expect([status, onEvent.mock.calls.length]).toEqual([200, 2]);
    },
  );

  it("stays handled whatever its handler did to it", async () => {
    const receive = newReceiver({ seen: memorySeenStore({ clock }) });
    let handled = 0;
    const onEvent = (event: { id: string }): void => {
      handled += 1;
      event.id = `mine-${event.id}`;
    };
    for (const body of [batchOf(1, 2), batchOf(2, 1)])
      expect((await receive.handle(asRequest(deliver({ body })), onEvent as WebhookHandler)).status).toBe(
        200,
      );
    expect(handled).toBe(2);
  });

  it("whose handler has not ended is refused after 30 s, told, and not handled a second time until it has", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const [entered, ended] = [gate(), gate()];
    const errors: unknown[] = [];
    const receiver = newReceiver({ onError: (error) => errors.push(error) });
    const handled: string[] = [];
    const onEvent = async ({ id }: WebhookEvent): Promise<void> => {
      handled.push(id);
      entered.open();
      await ended.opened;
    };
    const receive = async (): Promise<number> =>
      (await receiver.handle(asRequest(deliver({ body: batchOf(1) })), onEvent)).status;

    const first = receive();
    await entered.opened;
    for (const again of [1, 2]) {
      const answer = receive();
      // It is waiting once it has a timer; what comes before that takes no time.
      await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1), { timeout: 60_000 });
      await vi.advanceTimersByTimeAsync(30_000);
      expect(await answer).toBe(500);
      expect(errors).toHaveLength(again);
    }
    expect(String(errors[0])).toMatch(
      /^UpvestError: a handler has not ended: event:\S+ was waited for 30000 ms$/,
    );
    // The others are not affected.
    expect((await receiver.handle(asRequest(deliver({ body: batchOf(2) })), () => undefined)).status).toBe(
      200,
    );
    const last = receive();
    ended.open();
    expect([await first, await last, handled]).toEqual([200, 200, idsOf(1)]);
  });

  it.each(["get", "set"] as const)(
    "is not held up for good by a store whose %s never answered",
    async (name) => {
      vi.useFakeTimers();
      onTestFinished(() => void vi.useRealTimers());
      const { opened: asked, open } = gate();
      const kept = memorySeenStore({ clock });
      let lost = 0;
      const answer = async <T>(of: string, id: string, ask: () => Promise<T>): Promise<T> => {
        if (of !== name || !id.startsWith("event:") || (lost += 1) > 1) return ask();
        open();
        return new Promise(() => undefined);
      };
      const errors: unknown[] = [];
      const receiver = newReceiver({
        seen: {
          get: (id) => answer("get", id, () => kept.get(id)),
          set: (id, value, ttl) => answer("set", id, () => kept.set(id, value, ttl)),
        },
        onError: (error) => errors.push(error),
      });
      const handled: string[] = [];
      const receive = (): Promise<Response> =>
        receiver.handle(asRequest(deliver({ body: batchOf(1) })), ({ id }) => handled.push(id));

      const [first, second] = [receive(), receive()];
      await asked;
      await vi.advanceTimersByTimeAsync(5_000);
      // Without an answer to get nobody knows whether it was handled; without one to set this process does.
      expect((await first).status).toBe(name === "get" ? 500 : 200);
      expect((await second).status).toBe(200);
      expect(handled).toEqual(idsOf(1));
      expect(errors.map(String)).toEqual([`UpvestError: ${name} of seen took longer than 5000 ms`]);
    },
  );

  it("is not handled while the shared store cannot tell", async () => {
    const seen = {
      get: async (id: string) => (id.startsWith("nonce:") ? undefined : Promise.reject(new Error("down"))),
      set: async () => undefined,
    };
    const onEvent = vi.fn();
    const response = await newReceiver({ seen }).handle(asRequest(deliver()), onEvent);
    expect([response.status, await reasonOf(response)]).toEqual([500, "internal"]);
    expect(onEvent).not.toHaveBeenCalled();
  });
});

describe("a batch handler", () => {
  it("gets what was not handled before, all at once, and all of it again when it fails", async () => {
    const calls: string[][] = [];
    let broken = true;
    const queue = {
      batch: async (events: readonly WebhookEvent[]): Promise<void> => {
        calls.push(events.map(({ id }) => id));
        if (broken) throw new Error("queue full");
      },
    };
    const receive = newReceiver();
    const send = async (...nths: number[]): Promise<number> =>
      (await receive.handle(asRequest(deliver({ body: batchOf(...nths) })), queue)).status;
    expect(await send(1, 2)).toBe(500);
    broken = false;
    expect([await send(1, 2), await send(2, 3, 3), await send(1, 3), await send()]).toEqual([
      200, 200, 200, 200,
    ]);
    expect(calls).toEqual([idsOf(1, 2), idsOf(1, 2), idsOf(3)]);
  });

  it("may empty its list and change its events: they stay handled", async () => {
    const receive = newReceiver({ seen: memorySeenStore({ clock }) });
    const handled: string[] = [];
    const queue = {
      batch: (events: { id: string }[]): void => {
        for (const event of events.splice(0)) {
          handled.push(event.id);
          event.id = `mine-${event.id}`;
        }
      },
    };
    for (const body of [batchOf(1, 2, 3), batchOf(3, 2, 1)]) {
      const response = await receive.handle(asRequest(deliver({ body })), queue as unknown as WebhookHandler);
      expect(response.status).toBe(200);
    }
    expect(handled).toEqual(idsOf(1, 2, 3));
  });

  it("gets the first of two events with one id, as a handler of single events does", async () => {
    const first = anEvent(1, { object: "first" });
    const body = batch(first, anEvent(2), anEvent(1, { object: "second" }));
    const got: unknown[] = [];
    await newReceiver().handle(asRequest(deliver({ body })), { batch: (events) => got.push(...events) });
    expect(got).toEqual([first, anEvent(2)]);
  });

  it("has its events asked for and marked all at once", async () => {
    let most = 0;
    let running = 0;
    const away = async (): Promise<undefined> => {
      most = Math.max(most, (running += 1));
      await new Promise(setImmediate);
      running -= 1;
    };
    const steps: number[] = [];
    const queue = {
      batch: (): void => {
        steps.push(most);
        most = 0;
      },
    };
    const receive = newReceiver({ seen: { get: away, set: away } });
    const body = batchOf(...Array(3_500).keys());
    const { status } = await receive.handle(asRequest(deliver({ body })), queue);
    expect([status, ...steps, most]).toEqual([200, 3_500, 3_500]);
  });

  it("does not stand in its own way when deliveries overlap", async () => {
    const handled: string[] = [];
    const queue = {
      batch: async (events: readonly WebhookEvent[]): Promise<void> => {
        await new Promise(setImmediate);
        handled.push(...events.map(({ id }) => id));
      },
    };
    const receive = newReceiver();
    const bodies = [batchOf(1, 2, 3), batchOf(3, 2, 1), batchOf(2, 4), batchOf(4, 1)];
    const answers = await Promise.all(
      bodies.map((body) => receive.handle(asRequest(deliver({ body })), queue)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(handled.sort()).toEqual(idsOf(1, 2, 3, 4));
  });
});

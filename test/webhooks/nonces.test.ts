import { describe, expect, it } from "vitest";
import { anEvent, batch, deliver, ed25519, newReceiver, now, p521, verdict } from "./support.js";

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

  it("keeps a nonce for as long as its signature could be accepted, and shares it through `seen`", async () => {
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
    expect(set).toEqual([[`nonce:${ed25519.kid}:shared`, 201_000]]);
    expect(await verdict(newReceiver({ seen }), delivery)).toBe("replayed_nonce");
  });

  it("does not use up the nonce of a delivery that was refused", async () => {
    const receive = newReceiver();
    const delivery = deliver();
    expect(await verdict(receive, { ...delivery, path: "/hooks/other?tenant=7" })).toBe("bad_signature");
    expect(await verdict(receive, delivery)).toBe("accepted");
  });
});

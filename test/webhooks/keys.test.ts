import { describe, expect, it, vi } from "vitest";
import { createUpvestClient } from "../../src/index.js";
import { createWebhookReceiver, verificationKeys, type KeySource } from "../../src/webhooks/index.js";
import { json, problem, startApi, type Answer, type TestApi } from "../support/api.js";
import { clock, deliver, ed25519, p521, verdict } from "./support.js";

interface Setting {
  readonly api: TestApi;
  readonly keys: KeySource;
  /** ms from now on */
  pass(time: number): void;
}

const keySet = (...keys: readonly object[]): Answer => json({ keys });
const broken = problem(500, "internal");

/** The real client against a server that answers with what `answer` gives. */
async function published(answer: (nth: number) => Answer | Promise<Answer>): Promise<Setting> {
  const api = await startApi((_, nth) => answer(nth));
  const client = createUpvestClient({ ...api.options, retry: false });
  let time = 0;
  return {
    api,
    keys: verificationKeys(client, { clock: () => time }),
    pass(later) {
      time += later;
    },
  };
}

describe("verificationKeys", () => {
  it("reads the set through the client, with the scope it needs, once", async () => {
    const { api, keys } = await published(() => keySet(p521.jwk, ed25519.jwk));
    const receiver = createWebhookReceiver({ keys, clock });
    expect(await verdict(receiver, deliver({ key: p521 }))).toBe("accepted");
    expect(await verdict(receiver, deliver({ key: ed25519 }))).toBe("accepted");
    expect(api.calls.map(({ method, url }) => `${method} ${url}`)).toEqual(["GET /auth/verify_keys"]);
    expect(api.calls[0]?.headers["signature"]).toBeDefined();
    expect(new URLSearchParams(api.tokenRequests[0]?.body).get("scope")).toBe("webhooks:read");
  });

  it("shares a fetch that is under way", async () => {
    const { api, keys } = await published(() => keySet(p521.jwk));
    const found = await Promise.all([p521.kid, p521.kid, "another", p521.kid].map((kid) => keys.get(kid)));
    expect(found.map((key) => key?.crv)).toEqual(["P-521", "P-521", undefined, "P-521"]);
    expect(api.calls).toHaveLength(1);
  });

  it("does not wait for ever for a fetch that never ends, as one that a worker dropped", async () => {
    const { api, keys, pass } = await published((nth) =>
      nth === 0 ? new Promise<Answer>(() => undefined) : keySet(p521.jwk),
    );
    const dropped = keys.get(p521.kid).catch(() => undefined);
    await vi.waitFor(() => expect(api.calls).toHaveLength(1), { timeout: 10_000 });
    pass(10_000);
    expect(await keys.get(p521.kid)).toMatchObject({ crv: "P-521" });
    expect(api.calls).toHaveLength(2);
    void dropped;
  });

  it("fetches again for an unknown kid, at most once a minute", async () => {
    const { api, keys, pass } = await published((nth) =>
      keySet(...(nth === 0 ? [p521.jwk] : [p521.jwk, ed25519.jwk])),
    );
    expect(await keys.get(p521.kid)).toBeDefined();
    expect(await keys.get(ed25519.kid)).toBeUndefined();
    pass(59_999);
    expect(await keys.get(ed25519.kid)).toBeUndefined();
    expect(api.calls).toHaveLength(1);
    pass(1);
    expect(await keys.get(ed25519.kid)).toMatchObject({ crv: "Ed25519" });
    expect(await keys.get("another")).toBeUndefined();
    expect(api.calls).toHaveLength(2);
  });

  it("rotation: a delivery signed by a new key is accepted after one fetch, one by a withdrawn key no more", async () => {
    const { api, keys, pass } = await published((nth) => keySet(nth === 0 ? p521.jwk : ed25519.jwk));
    const receiver = createWebhookReceiver({ keys, clock });
    expect(await verdict(receiver, deliver({ key: p521 }))).toBe("accepted");
    pass(60_000);
    expect(await verdict(receiver, deliver({ key: ed25519 }))).toBe("accepted");
    expect(await verdict(receiver, deliver({ key: p521 }))).toBe("unknown_key");
    expect(api.calls).toHaveLength(2);
  });

  it("looks after an hour whether a key was withdrawn", async () => {
    const { keys, pass } = await published((nth) => keySet(nth === 0 ? p521.jwk : ed25519.jwk));
    expect(await keys.get(p521.kid)).toBeDefined();
    pass(3_599_999);
    expect(await keys.get(p521.kid)).toBeDefined();
    pass(1);
    expect(await keys.get(p521.kid)).toBeUndefined();
  });

  it("keeps the last good set while the endpoint fails", async () => {
    const bad = [
      broken,
      json({ keys: "none" }),
      json({ keys: [] }),
      json({ keys: [{ kty: "EC" }] }),
      json("x"),
    ];
    const { api, keys, pass } = await published((nth) =>
      nth === 0 ? keySet(p521.jwk) : (bad[nth - 1] ?? broken),
    );
    expect(await keys.get(p521.kid)).toBeDefined();
    pass(3_600_000);
    for (const answer of bad) {
      expect(answer).toBeDefined();
      expect(await keys.get(p521.kid)).toMatchObject({ crv: "P-521" });
      // Nobody can say whether this key exists.
      await expect(keys.get("another")).rejects.toThrow();
      pass(60_000);
    }
    expect(api.calls).toHaveLength(1 + bad.length);
  });

  it("asks again after 1, 2, 4 ... 60 s as long as it never had a set, whatever is delivered meanwhile", async () => {
    const pauses = [1, 2, 4, 8, 16, 32, 60, 60];
    const { api, keys, pass } = await published((nth) => (nth < pauses.length ? broken : keySet(p521.jwk)));
    const receiver = createWebhookReceiver({ keys, clock });
    for (const [failed, pause] of pauses.entries()) {
      for (const time of [0, 0, pause * 1000 - 1]) {
        pass(time);
        expect(await verdict(receiver, deliver({ key: p521, keyid: "made-up" }))).toBe("keys_unavailable");
      }
      expect(api.calls).toHaveLength(failed + 1);
      pass(1);
    }
    expect(await verdict(receiver, deliver({ key: p521 }))).toBe("accepted");
    expect(api.calls).toHaveLength(pauses.length + 1);
    // From now on it is a minute.
    pass(59_999);
    expect(await verdict(receiver, deliver({ keyid: "made-up" }))).toBe("unknown_key");
    expect(api.calls).toHaveLength(pauses.length + 1);
  });

  it("finds a new key though the clock was set back", async () => {
    const { api, keys, pass } = await published((nth) =>
      keySet(...(nth === 0 ? [p521.jwk] : [p521.jwk, ed25519.jwk])),
    );
    expect(await keys.get(p521.kid)).toBeDefined();
    pass(-6 * 3_600_000);
    expect(await keys.get(ed25519.kid)).toMatchObject({ crv: "Ed25519" });
    expect(await keys.get("made-up")).toBeUndefined();
    expect(api.calls).toHaveLength(2);
  });
});

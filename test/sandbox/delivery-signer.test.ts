import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createDeliverySigner, type SignDeliveryOptions } from "upvest-client/sandbox";
import { createWebhookReceiver, WebhookVerificationError } from "upvest-client/webhooks";

const now = Date.parse("2024-03-01T10:00:00Z");
const clock = () => now;
const order = (id: string, created_at?: string) => ({
  type: "ORDER.FILLED",
  object: { id },
  ...(created_at !== undefined && { created_at }),
});

describe("createDeliverySigner", () => {
  it.each([6, 15] as const)("signs what a receiver takes, version %i", async (version) => {
    const signer = createDeliverySigner({ clock });
    const receiver = createWebhookReceiver({ keys: signer.keys, clock });
    const delivery = await signer.sign([order("o-1"), order("o-2")], { to: "/upvest?tenant=7", version });
    expect(delivery).toMatchObject({ method: "POST", path: "/upvest?tenant=7" });
    const events = await receiver.verify(delivery);
    expect(events.map(({ object }) => object)).toEqual([{ id: "o-1" }, { id: "o-2" }]);
    expect(events[0]).toMatchObject({ type: "ORDER.FILLED", created_at: "2024-03-01T10:00:00.000Z" });
  });

  it("makes what a Request is made of", async () => {
    const signer = createDeliverySigner();
    const receiver = createWebhookReceiver({ keys: signer.keys });
    const delivery = await signer.sign([order("o-1")], { to: "https://bank.example/hooks/upvest" });
    const seen: string[] = [];
    const answer = await receiver.handle(new Request(delivery.url, delivery), ({ type }) => {
      seen.push(type);
    });
    expect([answer.status, seen]).toEqual([200, ["ORDER.FILLED"]]);
  });

  it("orders the events of a delivery as the API does", async () => {
    const signer = createDeliverySigner({ clock });
    const { body } = await signer.sign([
      order("late", "2024-03-01T09:00:00Z"),
      order("early", "2024-03-01T08:00:00Z"),
    ]);
    const { payload } = JSON.parse(Buffer.from(body).toString()) as {
      payload: { object: { id: string } }[];
    };
    expect(payload.map(({ object }) => object.id)).toEqual(["early", "late"]);
  });

  it.each<[NonNullable<SignDeliveryOptions["tamper"]>, string]>([
    ["body", "digest_mismatch"],
    ["digest", "bad_signature"],
    ["signature", "bad_signature"],
    ["unsigned", "no_signature"],
    ["key", "unknown_key"],
    ["expired", "stale"],
  ])("makes what a receiver refuses: %s", async (tamper, reason) => {
    const signer = createDeliverySigner({ clock });
    const receiver = createWebhookReceiver({ keys: signer.keys, clock });
    const delivery = await signer.sign([order("o-1")], { tamper });
    const error: unknown = await receiver.verify(delivery).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WebhookVerificationError);
    expect((error as WebhookVerificationError).reason).toBe(reason);
  });

  it("makes one that was changed in path, and one that comes twice, by hand", async () => {
    const signer = createDeliverySigner({ clock });
    const receiver = createWebhookReceiver({ keys: signer.keys, clock });
    const delivery = await signer.sign([order("o-1")], { to: "/upvest" });
    await expect(receiver.verify({ ...delivery, path: "/other" })).rejects.toBeInstanceOf(
      WebhookVerificationError,
    );
    await receiver.verify(delivery);
    await expect(receiver.verify(delivery)).rejects.toMatchObject({ reason: "replayed_nonce" });
  });

  it("takes a key and an id of your own", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-521" });
    const pem = privateKey.export({ type: "sec1", format: "pem" }).toString();
    const signers = [0, 1].map(() => createDeliverySigner({ privateKey: pem, keyId: "k-1" }));
    expect(signers[0]?.keys).toEqual(signers[1]?.keys);
    expect(signers[0]?.keys[0]).toMatchObject({ kid: "k-1", kty: "EC", crv: "P-521" });
    expect(JSON.stringify(signers)).not.toContain('"d"');
  });

  it("refuses what makes no sense", async () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    expect(() => createDeliverySigner({ privateKey: pem })).toThrow("on the curve P-521; it is ed25519");
    expect(() => createDeliverySigner({ privateKey: "secret-x" })).toThrow(
      new TypeError(
        "createDeliverySigner: privateKey must be a PEM (PKCS#8 or SEC1) without a passphrase; what was given cannot be read as one.",
      ),
    );
    expect(() => createDeliverySigner({ keyId: "" })).toThrow(
      new TypeError('createDeliverySigner: keyId must be a non-empty string; it is "".'),
    );
    const misspelt: object = { keyid: "k" };
    expect(() => createDeliverySigner(misspelt)).toThrow(
      new TypeError(
        "the options object of createDeliverySigner has no keyid; it has privateKey, keyId, clock.",
      ),
    );
    const signer = createDeliverySigner();
    // Not of the types: what a user without TypeScript may give.
    for (const to of ["ftp://bank.example/x", "data:,x", "https://", 3 as unknown as string]) {
      await expect(signer.sign([order("o-1")], { to })).rejects.toThrow(
        new TypeError(
          `sign: to must be an http or https URL or begin with "/"; it is ${JSON.stringify(to)}.`,
        ),
      );
    }
    await expect(signer.sign(undefined as unknown as [])).rejects.toThrow(
      new TypeError("sign: events must be an array; it is undefined."),
    );
    await expect(signer.sign([])).rejects.toThrow(/^sign: events must hold at least one event/);
    await expect(signer.sign([order("o-1")], { version: 7 as 6 })).rejects.toThrow(
      new TypeError("sign: version must be 6 or 15; it is 7."),
    );
    await expect(signer.sign([order("o-1")], { to: "hooks" })).rejects.toThrow('begin with "/"');
    await expect(signer.sign([{ type: "", object: {} }])).rejects.toThrow("non-empty string");
    await expect(signer.sign([], { tamper: "replay" as "body" })).rejects.toThrow("replay");
  });
});

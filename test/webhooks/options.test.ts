import { describe, expect, it } from "vitest";
import { UpvestConfigError, UpvestError } from "../../src/index.js";
import { createWebhookReceiver, WebhookVerificationError } from "../../src/webhooks/index.js";
import { deliver, ed25519, impostor, newReceiver, publicKeys } from "./support.js";

describe("what cannot work", () => {
  it.each([
    ["no keys", { keys: [] }],
    ["a key without kid", { keys: [{ ...ed25519.jwk, kid: "" }] }],
    ["two keys of one kid", { keys: [ed25519.jwk, impostor.jwk] }],
    ["a private key", { keys: [{ ...ed25519.privateKey.export({ format: "jwk" }), kid: "k" }] }],
    ["a tolerance that is no number", { keys: publicKeys, tolerance: Number.NaN }],
    ["a negative size", { keys: publicKeys, maxBodySize: -1 }],
  ])("%s", (_, options) => {
    expect(() => createWebhookReceiver(options)).toThrow(UpvestConfigError);
  });

  it("a body that was parsed before it came", async () => {
    const { body, ...delivery } = deliver();
    const parsed: unknown = JSON.parse(String(body));
    // As a caller without types would do it.
    const attempt = Reflect.apply(newReceiver().verify, undefined, [
      { ...delivery, body: parsed },
    ]) as Promise<unknown>;
    await expect(attempt).rejects.toThrow(UpvestConfigError);
    await expect(attempt).rejects.toThrow(/parsed already.*express\.raw/s);
  });

  it("is told in errors that hold no signature", async () => {
    const delivery = deliver({ key: impostor });
    const error: unknown = await newReceiver()
      .verify(delivery)
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(WebhookVerificationError);
    expect(error).toBeInstanceOf(UpvestError);
    expect(error).not.toBeInstanceOf(UpvestConfigError);
    expect(JSON.stringify(error)).not.toContain(delivery.headers["signature"]?.slice(6, 30));
    expect(error).toMatchObject({ name: "WebhookVerificationError", reason: "bad_signature", status: 401 });
    class Mine extends WebhookVerificationError {}
    expect(error).not.toBeInstanceOf(Mine);
    expect(new Mine("stale", "late")).toBeInstanceOf(Mine);
  });
});

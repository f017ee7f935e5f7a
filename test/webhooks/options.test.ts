import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { UpvestConfigError, UpvestError } from "../../src/index.js";
import {
  createWebhookReceiver,
  on,
  toNodeHandler,
  verificationKeys,
  WebhookVerificationError,
} from "../../src/webhooks/index.js";
import { readBack } from "../../src/sandbox/key-pair.js";
import { deliver, ed25519, impostor, newReceiver, p256, p521, publicKeys } from "./support.js";

const rsa = readBack(generateKeyPairSync("rsa", { modulusLength: 2048 })).publicKey.export({ format: "jwk" });
/** Calls as a program without types would. */
const untyped = (call: (...given: never[]) => unknown, ...given: readonly unknown[]): unknown =>
  Reflect.apply(call, undefined, given);

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

  it.each<[string, object | undefined, RegExp]>([
    [
      "milliseconds for seconds",
      { tolerance: 300_000 },
      /^tolerance must be a number of seconds, .* 300000$/,
    ],
    ["a text for a number", { tolerance: "300" }, /^tolerance must be .*; it is string$/],
    ["a store that is none", { seen: {} }, /^seen must be an object with functions get and set/],
    ["no store where one was meant", { seen: null }, /^seen must be .*; it is null$/],
    ["a clock that is none", { clock: 5 }, /^clock must be a function/],
    ["a misspelt store", { sene: new Map() }, /has no member sene; it has keys, .*seen, .*onError$/],
    ["nothing to tell errors to", { onError: "console" }, /^onError must be a function/],
    ["a source of keys that is none", { keys: {} }, /^keys must be verificationKeys\(client\)/],
    ["no key", { keys: [undefined] }, /needs its kid/],
    ["an RSA key", { keys: [{ ...rsa, kid: "k1" }] }, /^The verification key k1 is a JWK with kty "RSA"/],
    ["a P-256 key", { keys: [{ ...p256.jwk, kid: "k1" }] }, /k1 is .*crv "P-256"; accepted are P-521 and/],
    [
      "coordinates that are none",
      { keys: [{ ...p521.jwk, kid: "k1", x: "a", y: "b" }] },
      /k1 is a JWK whose x/,
    ],
    ["short coordinates", { keys: [{ ...p521.jwk, kid: "k1", x: "AA" }] }, /k1 is .* x or y is cut short/],
    ["a short Ed25519 key", { keys: [{ ...ed25519.jwk, kid: "k1", x: "AAAA" }] }, /3 bytes instead of 32/],
    ["no options", undefined, /^the argument of createWebhookReceiver must be .*; it is undefined$/],
  ])("%s, told at once with the name of it", (_, options, message) => {
    const given = options && { keys: publicKeys, ...options };
    const attempt = (): unknown => untyped(createWebhookReceiver, given);
    expect(attempt).toThrow(UpvestConfigError);
    expect(attempt).toThrow(message);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      "no client",
      () => untyped(verificationKeys, undefined),
      /^client must be what createUpvestClient gives/,
    ],
    ["no receiver", () => untyped(toNodeHandler, undefined, () => 1), /^the receiver must be/],
    [
      "no handler",
      () => untyped(toNodeHandler, newReceiver(), undefined),
      /^the handler must be .* undefined$/,
    ],
    ["a handler that is none", () => untyped(toNodeHandler, newReceiver(), {}), /^the handler must be/],
    ["no handlers", () => untyped(on, undefined), /^the argument of on must be/],
    ["a type that is none", () => untyped(on, { "ORDER.FILED": () => 1 }), /"ORDER.FILED" is no event type/],
    [
      "a result for a handler",
      () => untyped(on, { "ORDER.FILLED": 1 }),
      /^the handler of ORDER.FILLED must be/,
    ],
  ])("%s", (_, attempt, message) => {
    expect(attempt).toThrow(UpvestConfigError);
    expect(attempt).toThrow(message);
  });

  it("no handler for a receiver without listener: told at whatever comes first", async () => {
    const told: unknown[] = [];
    const { receive } = newReceiver({ onError: (...given) => told.push(...given) });
    const answer = await (untyped(receive, { ...deliver(), headers: {} }) as Promise<{ status: number }>);
    expect(answer.status).toBe(500);
    expect(told).toEqual([expect.any(UpvestConfigError)]);
    expect(String(told[0])).toContain("the handler must be");
  });

  it("a body that was parsed before it came", async () => {
    const { body, ...delivery } = deliver();
    const parsed: unknown = JSON.parse(String(body));
    // As a caller without types would do it.
    const attempt = Reflect.apply(newReceiver().verify, undefined, [
      { ...delivery, body: parsed },
    ]) as Promise<unknown>;
    await expect(attempt).rejects.toThrow(UpvestConfigError);
    await expect(attempt).rejects.toThrow(/parsed already.*express\.raw\(.*limit: "5mb" \}\)/s);
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

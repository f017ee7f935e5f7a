/**
 * One delivery of 4.4 kB verified, its events read, against the least there is to it: one verification by node:crypto and one
 * digest of the same bytes. P-521 is what Upvest signs with; both sides then verify off the main thread.
 */
import { createHash, hash, verify } from "node:crypto";
import { createWebhookReceiver, type WebhookReceiver } from "upvest-client/webhooks";
import { stopwatch } from "../harness/cpu.js";
import { interleave, versus, type Sampler } from "../harness/interleave.js";
import { atMost, report } from "../harness/row.js";
import { body, delivery, type SignedDelivery } from "../support/deliveries.js";
import { keyId, keys } from "../support/fixtures.js";

/** Deliveries in one sample, for about the same time each. */
const COUNT = { ed25519: 30, p521: 4 } as const;

const sha256: () => string =
  typeof hash === "function"
    ? () => hash("sha256", body, "base64")
    : () => createHash("sha256").update(body).digest("base64");

/** A delivery is accepted once, so each sample has a receiver without a past, which has read its key already. */
async function receiverFor(algorithm: keyof typeof keys): Promise<WebhookReceiver> {
  const jwk = { ...keys[algorithm].publicKey.export({ format: "jwk" }), kid: keyId };
  const receiver = createWebhookReceiver({ keys: [jwk] });
  const events = await receiver.verify((await delivery(algorithm)).delivery);
  if (events.length !== 6) throw new Error(`${events.length} events came of a delivery of 6`);
  return receiver;
}

const ours =
  (algorithm: keyof typeof keys, deliveries: readonly SignedDelivery[]): Sampler =>
  async () => {
    const receiver = await receiverFor(algorithm);
    const taken = stopwatch();
    for (const one of deliveries) await receiver.verify(one.delivery);
    return taken() / deliveries.length;
  };

const bare = (algorithm: keyof typeof keys, deliveries: readonly SignedDelivery[]): Sampler => {
  const { publicKey } = keys[algorithm];
  const check = (base: Buffer, signature: Buffer): boolean | Promise<boolean> =>
    algorithm === "ed25519"
      ? verify(null, base, publicKey, signature)
      : new Promise((resolve, reject) => {
          verify("sha512", base, publicKey, signature, (error, good) =>
            error ? reject(error) : resolve(good),
          );
        });
  return async () => {
    const taken = stopwatch();
    for (const { base, signature, delivery: sent } of deliveries) {
      const good = await check(base, signature);
      if (!good || sent.headers["digest"] !== `SHA-256=${sha256()}`)
        throw new Error("a delivery does not hold");
    }
    return taken() / deliveries.length;
  };
};

const rows = [];
for (const algorithm of ["ed25519", "p521"] as const) {
  const deliveries = await Promise.all(Array.from({ length: COUNT[algorithm] }, () => delivery(algorithm)));
  const samples = await interleave({ ours: ours(algorithm, deliveries), bare: bare(algorithm, deliveries) });
  rows.push(
    versus(
      samples,
      {
        name: `webhook verify, ${algorithm === "p521" ? "P-521" : "Ed25519"}, ${body.length} bytes`,
        unit: "µs",
        goal: atMost(1.15),
      },
      { ours: "ours", other: "bare", against: "node:crypto verify + digest" },
    ),
  );
}
report(rows);

import { createHash, createPublicKey, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createWebhookReceiver } from "../../src/webhooks/index.js";
import { algorithms, vectors } from "../signature/support.js";
import { verdict, type TestDelivery } from "./support.js";

// The signatures of a vector cover the docs' example body, which is JSON but no event: a delivery that gets as far as
// `malformed_body` has passed everything that comes before.
const keys = vectors("keys");
const body = '{"key": "value"}';

function delivered(
  profile: 15 | 6,
  algorithm: (typeof algorithms)[number],
): TestDelivery & { created: number } {
  const vector = vectors("requests").vectors.find(
    (entry) => entry.profile === profile && entry.name.includes("POST"),
  );
  if (!vector) throw new Error(`no vector for profile ${profile}`);
  const values = Object.fromEntries(vector.components);
  const headers = Object.fromEntries(vector.components.filter(([name]) => !name.startsWith("@")));
  return {
    method: values["@method"] ?? "",
    path: `${values["@path"]}${values["@query"]}`,
    headers: {
      ...headers,
      ...(profile === 15 && { "upvest-signature-version": "15" }),
      "signature-input": `sig1=${vector.params}`,
      signature: `sig1=:${vector[algorithm]}:`,
    },
    body,
    created: vector.parameters.created,
  };
}

describe.each(algorithms)("the vectors for %s", (algorithm) => {
  it.each([6, 15] as const)("version %i verify", async (profile) => {
    const { created, ...delivery } = delivered(profile, algorithm);
    const receiver = createWebhookReceiver({
      keys: [{ ...keys[algorithm].publicJwk, kid: "8d4997a8-cf7a-4e51-adbb-401656a3e5c2" }],
      clock: () => created * 1000,
    });
    expect(await verdict(receiver, delivery)).toBe("malformed_body");
    expect(await verdict(receiver, { ...delivery, path: "/endpoint?a=c" })).toBe("bad_signature");
    expect(await verdict(receiver, { ...delivery, body: '{"key":"value"}' })).toBe("digest_mismatch");
  });
});

describe("whole deliveries", () => {
  const { keys, method, tolerance, vectors: deliveries, ...common } = vectors("deliveries");

  it.each(deliveries)("$name: $verdict", async ({ verdict: expected, headers, body, ...own }) => {
    const { path, now } = { ...common, ...own };
    const receiver = createWebhookReceiver({ keys, tolerance, clock: () => now * 1000 });
    expect(await verdict(receiver, { method, path, headers, body })).toBe(expected);
  });

  it.each(deliveries.filter(({ verdict }) => verdict === "accepted"))(
    "$name, by Node's own crypto",
    ({ base = "", headers, body }) => {
      const [, params = ""] = /^sig1=(.+)$/.exec(headers["signature-input"] ?? "") ?? [];
      expect(base.endsWith(params)).toBe(true);
      expect(base).toContain(
        createHash(base.startsWith('"') ? "sha512" : "sha256")
          .update(body)
          .digest("base64"),
      );
      const [, signature = ""] = /^sig1=:(.+):$/.exec(headers["signature"] ?? "") ?? [];
      const [jwk = {}] = keys;
      const key = createPublicKey({ key: jwk, format: "jwk" });
      const bytes = Buffer.from(signature, "base64");
      expect(verify("sha512", Buffer.from(base), { key, dsaEncoding: "der" }, bytes)).toBe(true);
    },
  );
});

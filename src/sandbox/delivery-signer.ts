import { createPrivateKey, randomUUID, type KeyObject } from "node:crypto";
import { readDeliverOptions, type DeliverOptions } from "./deliver-options.js";
import { address, byTime, completeEvents, type SandboxEvent } from "./delivery-events.js";
import { coverOf, seal } from "./delivery-signature.js";
import { requireMembers } from "./members.js";
import { bodyOf } from "./packages.js";
import { bend, spoil, type Tampering } from "./tampering.js";
import { makeDeliveryKey, publicPart, type DeliveryKey, type PublicKey } from "./verification-keys.js";

/** One webhook request, as `receiver.verify`, and `new Request(delivery.url, delivery)`, take it. */
export interface SignedDelivery {
  readonly url: string;
  readonly method: "POST";
  /** Path and query. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes over an `ArrayBuffer`, said in a way that compilers before TypeScript 5.7 understand too. */
  readonly body: ReturnType<InstanceType<typeof TextEncoder>["encode"]>;
}

/** How one delivery is signed. */
export interface SignDeliveryOptions extends Pick<DeliverOptions, "version"> {
  /** Makes what a receiver must refuse. For a replay, give the receiver one delivery twice. */
  readonly tamper?: Exclude<Tampering, "replay">;
  /** The address it is signed for: a URL, or a path with its query. Default `/`. */
  readonly to?: string;
}

/** Signs deliveries as Upvest does, for tests of a receiver. */
export interface DeliverySigner {
  /** The public half: `createWebhookReceiver({ keys: signer.keys })`. */
  readonly keys: readonly [PublicKey];
  /**
   * Makes a delivery of these events as the API sends it, without sending it. Each has a nonce of its own.
   *
   * Rejects with a `TypeError` for arguments that make no sense.
   */
  readonly sign: (events: readonly SandboxEvent[], options?: SignDeliveryOptions) => Promise<SignedDelivery>;
}

/** What {@link createDeliverySigner} may be told. */
export interface DeliverySignerOptions {
  /** P-521, as PEM (PKCS#8 or SEC1). Default: made anew. */
  readonly privateKey?: string;
  /** Default: a new UUID. */
  readonly keyId?: string;
  /** ms since 1970; default `Date.now`. Dates the signatures, and the events that have no `created_at`. */
  readonly clock?: () => number;
}

/**
 * Signs webhook deliveries for the tests of a receiver: no server, no subscription, no Prism.
 *
 * @throws TypeError for a private key that cannot be read or is not on P-521, and for an empty key id
 */
export function createDeliverySigner(options: DeliverySignerOptions = {}): DeliverySigner {
  requireMembers("the options object of createDeliverySigner", options, {
    privateKey: true,
    keyId: true,
    clock: true,
  });
  const { clock = Date.now } = options;
  const key = keyOf(options);
  const webhookId = randomUUID();
  return {
    keys: [publicPart(key)],
    async sign(given, { to = "/", ...how } = {}) {
      const { version, tamper } = readDeliverOptions(how, "sign");
      if (tamper === "replay")
        throw new TypeError("sign: for a replay, give the receiver one delivery twice.");
      const now = clock();
      const completed = completeEvents(given, now, "sign");
      if (completed.length === 0) {
        throw new TypeError(
          "sign: events must hold at least one event; a delivery without any is never sent.",
        );
      }
      const events = completed.map((event) => address(event, webhookId));
      const url = urlOf(to);
      const draft = {
        url,
        body: bodyOf(events.toSorted(byTime)),
        version,
        key,
        created: Math.floor(now / 1000),
        components: coverOf(url, version),
      };
      const { headers, body } = spoil(await seal(bend(draft, tamper)), version, tamper);
      return {
        url: url.href,
        method: "POST",
        path: `${url.pathname}${url.search}`,
        headers,
        body: new Uint8Array(body),
      };
    },
  };
}

function keyOf({ privateKey, keyId }: DeliverySignerOptions): DeliveryKey {
  const made = makeDeliveryKey();
  const key = privateKey === undefined ? made.privateKey : read(privateKey);
  if (key.asymmetricKeyDetails?.namedCurve !== "secp521r1") {
    throw new TypeError(
      `createDeliverySigner: privateKey must be on the curve P-521; it is ${key.asymmetricKeyType}.`,
    );
  }
  if (keyId !== undefined && (typeof keyId !== "string" || keyId === "")) {
    throw new TypeError(
      `createDeliverySigner: keyId must be a non-empty string; it is ${JSON.stringify(keyId)}.`,
    );
  }
  return { kid: keyId ?? made.kid, privateKey: key };
}

function read(privateKey: string): KeyObject {
  try {
    return createPrivateKey(privateKey);
  } catch {
    // Without what OpenSSL says, which names its own decoders, and without the key.
    throw new TypeError(
      "createDeliverySigner: privateKey must be a PEM (PKCS#8 or SEC1) without a passphrase; what was given cannot be read as one.",
    );
  }
}

function urlOf(to: string): URL {
  if (
    typeof to === "string" &&
    (to.startsWith("/") || /^https?:\/\//i.test(to)) &&
    URL.canParse(to, "https://localhost")
  ) {
    return new URL(to, "https://localhost");
  }
  throw new TypeError(
    `sign: to must be an http or https URL or begin with "/"; it is ${JSON.stringify(to)}.`,
  );
}

import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import {
  createWebhookReceiver,
  type KeySource,
  WebhookVerificationError,
  type WebhookReceiver,
  type WebhookReceiverOptions,
} from "../../src/webhooks/index.js";
import { readBack } from "../../src/sandbox/key-pair.js";

/**
 * A sender of deliveries that shares no code with the receiver: strings put together by hand after the docs (v6: names
 * without quotes, `digest: SHA-256=`; v15: names in quotes, `content-digest: sha-512=:...:`), and node:crypto.
 */
export interface SenderKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly jwk: JsonWebKey & { readonly kid: string };
}

const senderKey = (kid: string, made: { readonly privateKey: KeyObject }): SenderKey => {
  const { privateKey, publicKey } = readBack(made);
  return { kid, privateKey, jwk: { ...publicKey.export({ format: "jwk" }), kid } };
};

export const ed25519 = senderKey("7a1f2c64-1111-4b6e-9c0e-0a52cdd3c1aa", generateKeyPairSync("ed25519"));
export const p521 = senderKey(
  "9ed77463-c18e-4794-ab5c-17423f9b801a",
  generateKeyPairSync("ec", { namedCurve: "secp521r1" }),
);
export const p256 = senderKey(
  "2c1d2c64-2222-4b6e-9c0e-0a52cdd3c1bb",
  generateKeyPairSync("ec", { namedCurve: "prime256v1" }),
);
/** Has the kid of `ed25519`, but is another key. */
export const impostor: SenderKey = senderKey(ed25519.kid, generateKeyPairSync("ed25519"));
export const publicKeys = [ed25519.jwk, p521.jwk];
/** The same and one that cannot be used, from where nobody looked at them: a fixed list would be refused. */
const anyKeys: KeySource = {
  get: async (id) => [...publicKeys, p256.jwk].find(({ kid }) => kid === id),
};

/** Unix seconds at which everything is signed and received unless a test says otherwise. */
export const now = 1_763_700_000;
export const clock = (): number => now * 1000;

export interface TestEvent {
  readonly id: string;
  readonly created_at: string;
  readonly type: string;
  readonly object: unknown;
  readonly webhook_id: string;
}

export const anEvent = (nth = 0, different: Partial<TestEvent> = {}): TestEvent => ({
  id: `00000000-0000-4000-8000-${String(nth).padStart(12, "0")}`,
  created_at: "2025-11-21T04:40:00.980159Z",
  type: "USER.CREATED",
  object: { id: "83d83ec2-d2ca-49ff-bbea-b92b5c3be202" },
  webhook_id: "1b097e06-8a14-4181-b72a-de0972a3c57b",
  ...different,
});

export const batch = (...events: readonly unknown[]): string => JSON.stringify({ payload: events });

/** A delivery in a form that every entry takes. */
export interface TestDelivery {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export interface Signing {
  readonly key?: SenderKey;
  readonly version?: 6 | 15;
  readonly method?: string;
  readonly path?: string;
  readonly body?: string | Uint8Array;
  /** More headers; covered when they are named in `components`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What the list in signature-input says, each as it stands there. */
  readonly components?: readonly string[];
  /** What stands after the list; replaces all parameters. */
  readonly parameters?: string;
  readonly keyid?: string;
  readonly created?: number;
  readonly expires?: number;
  readonly nonce?: string;
  readonly label?: string;
  /** How ECDSA signatures are written. */
  readonly encoding?: "der" | "ieee-p1363";
}

let nonces = 0;

/** Signs a delivery as the sender would; `signing` changes what a test is about. */
export function deliver(signing: Signing = {}): TestDelivery {
  const {
    key = ed25519,
    version = 6,
    method = "POST",
    path = "/hooks/upvest?tenant=7",
    body = batch(anEvent()),
    keyid = key.kid,
    created = now,
    expires = created + 60,
    nonce = `nonce${(nonces += 1)}`,
    label = "sig1",
  } = signing;
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const digestName = version === 6 ? "digest" : "content-digest";
  const headers: Record<string, string> = {
    "content-type": "application/json",
    "content-length": String(bytes.length),
    ...(bytes.length > 0 && { [digestName]: digestOf(bytes, version) }),
    ...(version === 15 && { "upvest-signature-version": "15" }),
    ...signing.headers,
  };
  const [target, query] = path.split("?");
  const components = signing.components ?? [
    '"@method"',
    '"@path"',
    ...(query ? ['"@query"'] : []),
    '"content-length"',
    '"content-type"',
    ...(bytes.length > 0 ? [`"${digestName}"`] : []),
  ];
  const parameters =
    signing.parameters ?? `;keyid="${keyid}";created=${created};expires=${expires};nonce="${nonce}"`;
  const params = `(${components.join(" ")})${parameters}`;
  const quote = version === 6 ? "" : '"';
  const values: Readonly<Record<string, string | undefined>> = {
    "@method": method,
    "@path": target,
    "@query": `?${query ?? ""}`,
    ...headers,
  };
  const named = components.filter((component) => component.includes('"'));
  const lines = named.map((component) => {
    const name = component.split('"')[1] ?? "";
    return `${quote}${name}${quote}: ${values[name] ?? ""}\n`;
  });
  const base = `${lines.join("")}${quote}@signature-params${quote}: ${params}`;
  const signature = signText(base, key, signing.encoding);
  return {
    method,
    path,
    body,
    headers: { ...headers, "signature-input": `${label}=${params}`, signature: `${label}=:${signature}:` },
  };
}

export const digestOf = (bytes: Uint8Array, version: 6 | 15): string =>
  version === 6
    ? `SHA-256=${createHash("sha256").update(bytes).digest("base64")}`
    : `sha-512=:${createHash("sha512").update(bytes).digest("base64")}:`;

const signText = (
  base: string,
  { privateKey }: SenderKey,
  dsaEncoding: "der" | "ieee-p1363" = "der",
): string =>
  privateKey.asymmetricKeyType === "ed25519"
    ? sign(null, Buffer.from(base), privateKey).toString("base64")
    : sign("sha512", Buffer.from(base), { key: privateKey, dsaEncoding }).toString("base64");

/** The delivery with some headers replaced, or dropped where the value is undefined. */
export function withHeaders(
  delivery: TestDelivery,
  changes: Readonly<Record<string, string | undefined>>,
): TestDelivery {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...delivery.headers, ...changes })) {
    if (value !== undefined) headers[name] = value;
  }
  return { ...delivery, headers };
}

/** Signs with two labels, each over the whole delivery. */
export function twoLabels(second: Signing, secondLabel = "sig2"): TestDelivery {
  const one = deliver();
  const two = deliver({ ...second, label: secondLabel });
  return withHeaders(one, {
    "signature-input": `${one.headers["signature-input"]}, ${two.headers["signature-input"]}`,
    signature: `${one.headers["signature"]}, ${two.headers["signature"]}`,
  });
}

/** The components of a delivery that are enough. */
export const enough = ['"@method"', '"@path"', '"@query"', '"digest"'];

/** The `digest` of the body that is delivered unless a test says otherwise. */
export const usualDigest = digestOf(Buffer.from(batch(anEvent())), 6);

/** A receiver that knows the sender's keys and shares its clock. */
export const newReceiver = (options: Partial<WebhookReceiverOptions> = {}): WebhookReceiver =>
  createWebhookReceiver({ keys: anyKeys, clock, ...options });

/** What verify says: the reason of its refusal, or "accepted". Any other error is thrown. */
export async function verdict(receiver: WebhookReceiver, delivery: TestDelivery): Promise<string> {
  try {
    await receiver.verify(delivery);
    return "accepted";
  } catch (error) {
    if (error instanceof WebhookVerificationError) return error.reason;
    throw error;
  }
}

/** The delivery as a server with Fetch's types gets it. */
export const asRequest = ({ method, path, headers, body }: TestDelivery): Request =>
  new Request(`https://example.com${path}`, {
    method,
    headers,
    ...(method !== "GET" &&
      method !== "HEAD" && { body: typeof body === "string" ? body : new Uint8Array(body) }),
  });

/** `reason` of a problem+json. */
export async function reasonOf(response: Response): Promise<string | undefined> {
  const problem: unknown = JSON.parse((await response.text()) || "{}");
  return typeof problem === "object" && problem !== null && "reason" in problem
    ? String(problem.reason)
    : undefined;
}

/** A promise that is settled from outside. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** A body with the events of these numbers. */
export const batchOf = (...nths: readonly number[]): string => batch(...nths.map((nth) => anEvent(nth)));

export const idsOf = (...nths: readonly number[]): string[] => nths.map((nth) => anEvent(nth).id);

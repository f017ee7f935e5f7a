import { randomBytes, randomUUID } from "node:crypto";
import { inspect } from "node:util";
import { createPerform } from "./effects.js";
import { createFiles } from "./files.js";
import { createFailures, type FailureRule, type SandboxOperation } from "./failures.js";
import { openGateway } from "./gateway.js";
import { createIdempotency } from "./idempotency.js";
import { createMock } from "./mock.js";
import { readOperations, type Routes } from "./operations.js";
import type { SandboxInspector } from "../inspector/sandbox/inspector.js";
import { readOptions, type SandboxOptions, type Settings } from "./options.js";
import { makeKeyPair } from "./key-pair.js";
import { createPipeline } from "./pipeline.js";
import { createRateLimit } from "./rate-limit.js";
import type { DeliveryAttempt } from "./delivery-records.js";
import { createRecords, type SandboxRequest } from "./records.js";
import { createTokens, type Tokens } from "./tokens.js";
import { createVerifier, type VerificationKey } from "./verify.js";
import { createWebhooks, type Deliver } from "./webhooks.js";

/** A running stand-in for the API; {@link startSandbox} makes one. */
export interface Sandbox {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  /** Made anew for each sandbox. Fit `createUpvestClient({ baseUrl: sandbox.url, ...sandbox.credentials })`. */
  readonly credentials: SandboxCredentials;
  /** The newest 10,000 answered requests, oldest first, with secrets redacted. */
  readonly requests: readonly SandboxRequest[];
  /**
   * Makes coming requests fail. Rules are tried in the order they were given; a request meets one at most, after its
   * signature and token were found good. Throws a `TypeError` for a rule that makes no sense.
   */
  readonly fail: (rule: FailureRule) => void;
  /**
   * How often an operation took effect: answered with success by doing it, whether or not the answer arrived.
   * Repeated answers of an idempotency key do not count. Throws a `TypeError` for an unknown operationId.
   */
  readonly effects: (operationId: SandboxOperation) => number;
  /**
   * Delivers events as the API does, and resolves with what became of each delivery once all of them are over.
   *
   * `to` is the id of a webhook subscription, or a URL (https, or http on loopback) where there need be no
   * subscription; without it events go to every enabled subscription whose `type` takes them.
   *
   * A subscription's events wait for others as long as its `delay` says and are packed by its `max_package_size`; to a
   * URL those of one call go at once, in one delivery of up to 1 MiB. Inside a delivery they are ordered by
   * `created_at`. A delivery is taken when it is answered 200; redirects are not followed. Else it is signed
   * anew and sent again after 1, 2, 3, 5, 8 and so on up to 600 seconds (see `deliverySpeed`) until it is taken, and
   * later ones to the same endpoint wait for it. `close`, or disabling or deleting the subscription, ends it.
   *
   * Rejects with a `TypeError` for arguments that make no sense, and with an `Error` when the subscription is disabled
   * or does not take such events.
   */
  readonly deliver: Deliver;
  /** The newest 10,000 attempts to deliver, also those of test deliveries, in the order of their end. */
  readonly deliveries: readonly DeliveryAttempt[];
  /**
   * Signs deliveries with a new key from now on; gives its `kid`. `GET /auth/verify_keys` answers with it and the one
   * before it.
   */
  readonly rotateVerificationKey: () => string;
  /** The address of the page that shows what happens here; undefined unless the option `inspector` asked for it. */
  readonly inspector: string | undefined;
  /** Ends every connection, delivery and wait; resolves when nothing is left open. */
  readonly close: () => Promise<void>;
}

/** What a client needs to call the sandbox. */
export interface SandboxCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
  /** The private key is PKCS#8 in PEM. */
  readonly signingKey: { readonly keyId: string; readonly privateKey: string };
}

/**
 * Starts a stand-in for the Upvest API on the loopback address: it checks signatures, tokens, scopes, idempotency
 * keys and rates as the API does, pages collections, fails on demand, and answers from the description with Prism.
 * Webhook subscriptions are kept and events are delivered to them, signed by keys that it publishes; unlike at the API,
 * the URL of a subscription may be http on loopback.
 *
 * Rejects with a `TypeError` for an option that makes no sense, and with an `Error` that says what to install when
 * Prism is missing.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const document = options.description ?? (await packageDescription());
  const routes = readOperations(document);
  const settings = readOptions(options, routes);
  const mock = await createMock(document);
  const { clock } = settings;

  const { privateKey, publicKey } = makeKeyPair(settings.algorithm);
  const clientId = randomUUID();
  const clientSecret = randomBytes(32).toString("base64url");
  const keyId = randomUUID();

  const closing = new AbortController();
  const records = createRecords(clientSecret, settings.onRequest);
  const failures = createFailures((id) => routes.byId(id) !== undefined);
  const tokens = createTokens({
    clientId,
    clientSecret,
    scopes: settings.scopes,
    lifetime: settings.tokenLifetime,
    clock,
  });
  const keys = new Map([[keyId, { key: publicKey, algorithm: settings.algorithm, clientId }]]);
  const inspector = await inspectorOf(settings, { clientSecret, keys, scopesOf: tokens.scopesOf });
  let inspectorUrl: string | undefined;
  const webhooks = createWebhooks({
    document,
    clock,
    speed: settings.deliverySpeed,
    timeout: settings.deliveryTimeout,
    observe: inspector?.observer.delivery,
    onDelivery: settings.onDelivery,
  });
  const files = createFiles({ contents: options.files, clock, origin: () => url });
  const effects = new Map<string, number>();
  const pipeline = createPipeline({
    routes,
    admit: createRateLimit(settings.rateLimit, clock),
    verify: createVerifier({
      keys,
      clock,
      window: settings.signatureWindow,
      tolerance: settings.clockTolerance,
      strict: settings.strict,
    }),
    tokens,
    failures,
    idempotency: createIdempotency(clock),
    perform: createPerform({
      mock,
      tokens,
      own: (route) => webhooks.operations(route) ?? files.operations(route),
      sizeOf: settings.sizeOf,
    }),
    records,
    observe: inspector?.observer.call,
    ownHeaders: () => (inspectorUrl === undefined ? {} : { "upvest-sandbox-inspector": inspectorUrl }),
    clientId,
    took: (operation) => effects.set(operation, (effects.get(operation) ?? 0) + 1),
    clock,
    closing: closing.signal,
  });
  const gateway = await openGateway(settings.port, clock, async (received) => {
    const stored = files.serve(received);
    return stored === undefined ? pipeline(received) : { answer: stored };
  });
  const url = `http://127.0.0.1:${gateway.port}`;
  const page = await inspector?.open(url).catch(async (error: unknown) => {
    await gateway.close();
    throw error;
  });
  inspectorUrl = page?.url;

  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const credentials = quiet({ clientId, clientSecret, signingKey: quiet({ keyId, privateKey: pem }) });
  const sandbox: Sandbox = {
    url,
    inspector: inspectorUrl,
    get credentials() {
      return credentials;
    },
    get requests() {
      return records.all();
    },
    fail: failures.add,
    effects: (operationId) => countOf(effects, operationId, routes),
    deliver: webhooks.deliver,
    get deliveries() {
      return webhooks.attempts();
    },
    rotateVerificationKey: webhooks.rotateKey,
    close: async () => {
      closing.abort();
      await Promise.all([gateway.close(), webhooks.close(), page?.close()]);
    },
  };
  // So that printing a sandbox, or making JSON of it, does not show them.
  return Object.defineProperty(sandbox, "credentials", { enumerable: false });
}

function countOf(effects: ReadonlyMap<string, number>, operationId: string, routes: Routes): number {
  if (routes.byId(operationId) === undefined) {
    throw new TypeError(`effects: "${operationId}" is not an operationId of the description.`);
  }
  return effects.get(operationId) ?? 0;
}

/** Loaded only where one is asked for. */
async function inspectorOf(
  settings: Settings,
  seen: {
    readonly clientSecret: string;
    readonly keys: ReadonlyMap<string, VerificationKey>;
    readonly scopesOf: Tokens["scopesOf"];
  },
): Promise<SandboxInspector | undefined> {
  const { inspector: port, clock, signatureWindow: window, clockTolerance: tolerance } = settings;
  if (port === undefined) return undefined;
  const { createSandboxInspector } = await import("../inspector/sandbox/inspector.js");
  const { keys, ...rest } = seen;
  return createSandboxInspector({ port, clock, rules: { keys, window, tolerance }, ...rest });
}

/** Loaded only where no other description is given. */
async function packageDescription(): Promise<Readonly<Record<string, unknown>>> {
  const { description } = await import("../../generated/description.js");
  return description;
}

/** The same members, but printed without their values. */
function quiet<Members extends object>(members: Members): Members {
  return Object.defineProperty(members, inspect.custom, {
    value: () => `{ ${Object.keys(members).join(", ")}: [redacted] }`,
    enumerable: false,
  });
}

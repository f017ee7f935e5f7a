import { generateKeyPairSync, randomBytes, randomUUID, type KeyObject } from "node:crypto";
import { inspect } from "node:util";
import { createPerform } from "./effects.js";
import { createFailures, type FailureRule } from "./failures.js";
import { openGateway } from "./gateway.js";
import { createIdempotency } from "./idempotency.js";
import { createMock } from "./mock.js";
import { readOperations, type Routes } from "./operations.js";
import { readOptions, type SandboxOptions } from "./options.js";
import { createPipeline } from "./pipeline.js";
import { createRateLimit } from "./rate-limit.js";
import { createRecords, type SandboxRequest } from "./records.js";
import { createTokens } from "./tokens.js";
import { createVerifier, type Algorithm } from "./verify.js";

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
  readonly effects: (operationId: string) => number;
  /** Ends every connection and wait; resolves when nothing is left open. */
  readonly close: () => Promise<void>;
}

export interface SandboxCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
  /** The private key is PKCS#8 in PEM. */
  readonly signingKey: { readonly keyId: string; readonly privateKey: string };
}

/**
 * Starts a stand-in for the Upvest API on the loopback address: it checks signatures, tokens, scopes, idempotency
 * keys and rates as the API does, pages collections, fails on demand, and answers from the description with Prism.
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

  const { privateKey, publicKey } = makeKeys(settings.algorithm);
  const clientId = randomUUID();
  const clientSecret = randomBytes(32).toString("base64url");
  const keyId = randomUUID();

  const closing = new AbortController();
  const records = createRecords(clientSecret);
  const failures = createFailures((id) => routes.byId(id) !== undefined);
  const tokens = createTokens({
    clientId,
    clientSecret,
    scopes: settings.scopes,
    lifetime: settings.tokenLifetime,
    clock,
  });
  const effects = new Map<string, number>();
  const pipeline = createPipeline({
    routes,
    admit: createRateLimit(settings.rateLimit, clock),
    verify: createVerifier({
      keys: new Map([[keyId, { key: publicKey, algorithm: settings.algorithm, clientId }]]),
      clock,
      window: settings.signatureWindow,
      tolerance: settings.clockTolerance,
    }),
    tokens,
    failures,
    idempotency: createIdempotency(clock),
    perform: createPerform({ mock, tokens, sizeOf: settings.sizeOf }),
    records,
    clientId,
    took: (operation) => effects.set(operation, (effects.get(operation) ?? 0) + 1),
    clock,
    closing: closing.signal,
  });
  const gateway = await openGateway(settings.port, clock, pipeline);

  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const credentials = quiet({ clientId, clientSecret, signingKey: quiet({ keyId, privateKey: pem }) });
  const sandbox: Sandbox = {
    url: `http://127.0.0.1:${gateway.port}`,
    get credentials() {
      return credentials;
    },
    get requests() {
      return records.all();
    },
    fail: failures.add,
    effects: (operationId) => countOf(effects, operationId, routes),
    close: () => {
      closing.abort();
      return gateway.close();
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

/** Loaded only where no other description is given. */
async function packageDescription(): Promise<Readonly<Record<string, unknown>>> {
  const { description } = await import("../../generated/description.js");
  return description;
}

function makeKeys(algorithm: Algorithm): { privateKey: KeyObject; publicKey: KeyObject } {
  return algorithm === "ed25519"
    ? generateKeyPairSync("ed25519")
    : generateKeyPairSync("ec", { namedCurve: "P-521" });
}

/** The same members, but printed without their values. */
function quiet<Members extends object>(members: Members): Members {
  return Object.defineProperty(members, inspect.custom, {
    value: () => `{ ${Object.keys(members).join(", ")}: [redacted] }`,
    enumerable: false,
  });
}

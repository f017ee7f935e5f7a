/**
 * The signing layer alone: from a request as plain data to its signed headers. The package does not export it, so this one
 * takes it from src/, bundled with this file.
 */
import { randomUUID, sign as nodeSign } from "node:crypto";
import { operationAt } from "../../src/call.js";
import type { PipelineRequest } from "../../src/pipeline/request.js";
import { sign } from "../../src/pipeline/sign.js";
import { createSigner, type Signer } from "../../src/signature/keys.js";
import { interleave, versus } from "../harness/interleave.js";
import { atMost, report } from "../harness/row.js";
import { timed } from "../harness/timed.js";
import { coveredBy, requireSame } from "../support/check.js";
import { accountId, baseUrl, clientId, keyId, keys, order, token } from "../support/fixtures.js";
import { coveredNames, withHttpMessageSig, withHttpMessageSignatures } from "../support/libraries.js";

const answer = new Response();

const requests = {
  GET: request(
    "GET",
    "/accounts/{account_id}/orders",
    `/accounts/${accountId}/orders`,
    "?offset=0&limit=100",
  ),
  POST: request("POST", "/orders", "/orders", "", JSON.stringify(order)),
} as const;

function request(
  method: "GET" | "POST",
  template: string,
  path: string,
  query: string,
  body?: string,
): PipelineRequest {
  return {
    operation: operationAt(method, template),
    origin: baseUrl,
    path,
    query,
    params: {},
    headers: {
      accept: "application/json",
      authorization: `Bearer ${token.access_token}`,
      "accept-language": "*",
      ...(body !== undefined && { "content-type": "application/json", "idempotency-key": randomUUID() }),
    },
    body: body === undefined ? undefined : new TextEncoder().encode(body),
    signal: undefined,
    timeout: 30_000,
    deadline: undefined,
    retry: { maxAttempts: 1, baseDelay: 1, maxDelay: 1, maxRetryAfter: 1 },
    maxResponseSize: 1,
    stream: false,
    trace: { attempts: 0, pending: false },
  };
}

const layer = (signer: Signer, seen?: (request: PipelineRequest) => void) =>
  sign({ signer, clientId, clock: Date.now })((signed) => {
    seen?.(signed);
    return Promise.resolve(answer);
  });

const pem = (algorithm: keyof typeof keys): string =>
  keys[algorithm].privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const signers = {
  ed25519: createSigner({ keyId, privateKey: pem("ed25519") }),
  p521: createSigner({ keyId, privateKey: pem("p521") }),
};
const noSignature = new Uint8Array(64);
const dummy: Signer = { keyId, algorithm: "ed25519", sign: () => Promise.resolve(noSignature) };

/** The names that our layer covers, after a look at its signature. */
async function checkedNames(
  given: PipelineRequest,
  algorithm: keyof typeof keys,
): Promise<readonly string[]> {
  let names: readonly string[] = [];
  await layer(signers[algorithm], ({ operation, origin, path, query, headers, body }) => {
    const sent = { method: operation.method, url: `${origin}${path}${query}`, headers, body };
    names = coveredBy(sent, keys[algorithm].publicKey);
  })(given);
  return names;
}

/** The base that our layer signs for this request. */
async function baseOf(given: PipelineRequest): Promise<Uint8Array> {
  let base = new Uint8Array();
  const keep = (bytes: Uint8Array): Promise<Uint8Array> => {
    base = Uint8Array.from(bytes);
    return Promise.resolve(noSignature);
  };
  await layer({ ...dummy, sign: keep })(given);
  return base;
}

async function withEd25519(method: "GET" | "POST") {
  const given = requests[method];
  const base = await baseOf(given);
  const ours = layer(signers.ed25519);
  const samples = await interleave({
    ours: timed(() => ours(given)),
    other: timed(() => nodeSign(null, base, keys.ed25519.privateKey)),
  });
  return versus(
    samples,
    { name: `${method}: all header work, Ed25519`, unit: "µs", goal: atMost(1.15) },
    { ours: "ours", other: "other", against: "node:crypto sign of the same base" },
  );
}

/** Base and headers alone. */
async function withoutCryptography(method: "GET" | "POST") {
  const given = requests[method];
  const { headers, body, origin, path, query } = given;
  const names = await checkedNames(given, "ed25519");
  const unsigned = { method, url: `${origin}${path}${query}`, headers, body };
  const signatures = withHttpMessageSignatures(unsigned, names);
  const sig = withHttpMessageSig(unsigned, names);
  requireSame("components of http-message-signatures", coveredNames(await signatures()), names);
  requireSame("components of http-message-sig", coveredNames(await sig()), names);
  const ours = layer(dummy);
  const samples = await interleave({
    ours: timed(() => ours(given)),
    signatures: timed(signatures),
    sig: timed(sig),
  });
  const row = { name: `${method}: base and headers, no cryptography`, unit: "µs", goal: atMost(0.1) };
  return [
    versus(samples, row, { ours: "ours", other: "signatures", against: "http-message-signatures" }),
    versus(samples, row, { ours: "ours", other: "sig", against: "http-message-sig" }),
  ];
}

async function withP521() {
  const given = requests.GET;
  await checkedNames(given, "p521");
  const base = await baseOf(given);
  const ours = layer(signers.p521);
  const callback = (): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      nodeSign("sha512", base, keys.p521.privateKey, (error, signature) => {
        if (error) reject(error);
        else resolve(signature);
      });
    });
  const samples = await interleave({ ours: timed(() => ours(given), 8), other: timed(callback, 8) });
  return versus(
    samples,
    { name: "GET: all header work, P-521", unit: "µs", goal: atMost(1.03) },
    { ours: "ours", other: "other", against: "callback form of node:crypto sign" },
  );
}

report([
  await withEd25519("GET"),
  await withEd25519("POST"),
  ...(await withoutCryptography("GET")),
  ...(await withoutCryptography("POST")),
  await withP521(),
]);

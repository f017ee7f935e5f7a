/**
 * Run as a program: the sandbox's own gateway, with all of its checks, but canned answers where Prism would make them.
 * Prism answers some hundred requests a second here; what is measured must be the client.
 */
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { description } from "../../generated/description.js";
import type { Perform } from "../../src/sandbox/effects.js";
import { createFailures } from "../../src/sandbox/failures.js";
import { openGateway } from "../../src/sandbox/gateway.js";
import { createIdempotency } from "../../src/sandbox/idempotency.js";
import { readOperations } from "../../src/sandbox/operations.js";
import { createPipeline } from "../../src/sandbox/pipeline.js";
import { createRateLimit } from "../../src/sandbox/rate-limit.js";
import { createRecords } from "../../src/sandbox/records.js";
import { createTokens } from "../../src/sandbox/tokens.js";
import { createVerifier } from "../../src/sandbox/verify.js";
import { serveParent, type ServerReport } from "./processes.js";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const [clientId, keyId, clientSecret] = [randomUUID(), randomUUID(), randomUUID()];
const clock = Date.now;

const routes = readOperations(description);
const tokens = createTokens({
  clientId,
  clientSecret,
  scopes: new Set(routes.scopes),
  lifetime: 1_800,
  clock,
});

const answer = (status: number, body: unknown) => ({
  status,
  headers: { "content-type": "application/json" },
  body: Buffer.from(JSON.stringify(body)),
});
const perform: Perform = async ({ route, received }) => {
  if (route.issuesTokens) {
    const issued = tokens.issue(received.body.toString(), clientId);
    return "token" in issued ? answer(200, issued.token) : answer(401, {});
  }
  return answer(route.method === "POST" ? 202 : 200, { id: randomUUID(), status: "ACTIVE" });
};

const admitted: number[] = [];
let refused = 0;
let orders = 0;

async function serve({ limit }: { readonly limit: number }) {
  // One look at the clock for both: a process that stands still between two would be blamed on the limit.
  let now = 0;
  const admits = createRateLimit(limit, () => now);
  const admit = (): boolean => {
    now = performance.now();
    const fine = admits();
    if (fine) admitted.push(now);
    else refused += 1;
    return fine;
  };
  const pipeline = createPipeline({
    routes,
    admit,
    verify: createVerifier({
      keys: new Map([[keyId, { key: publicKey, algorithm: "ed25519", clientId }]]),
      clock,
      window: 60,
      tolerance: 5,
    }),
    tokens,
    failures: createFailures(() => true),
    idempotency: createIdempotency(clock),
    perform,
    records: createRecords(clientSecret),
    clientId,
    took: (operation) => {
      if (operation === "place_order") orders += 1;
    },
    clock,
    closing: new AbortController().signal,
  });
  const gateway = await openGateway(0, clock, pipeline);
  process.once("disconnect", () => void gateway.close());
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return {
    baseUrl: `http://127.0.0.1:${gateway.port}`,
    clientId,
    clientSecret,
    signingKey: { keyId, privateKey: pem },
  };
}

function report({ seconds }: { readonly seconds: number }): ServerReport {
  const [first = 0] = admitted;
  let peak = 0;
  let oldest = 0;
  for (const [nth, at] of admitted.entries()) {
    while ((admitted[oldest] ?? at) <= at - 1_000) oldest += 1;
    peak = Math.max(peak, nth - oldest + 1);
  }
  const used = admitted.filter((at) => at < first + seconds * 1_000).length;
  return { admitted: admitted.length, refused, used, peak, orders };
}

serveParent((message: { readonly limit: number } | { readonly seconds: number }) =>
  "limit" in message ? serve(message) : report(message),
);

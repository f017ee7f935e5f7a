/** Runs a program against the installed package, in both module forms and across them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { run } from "./tarball.js";

const body = `
const main = async () => {
  for (const algorithm of ["ed25519", "ecdsa-p521"]) await use(algorithm);
};
const use = async (algorithm) => {
  const sandbox = await startSandbox({ algorithm });
  const client = createUpvestClient({ baseUrl: sandbox.url, ...sandbox.credentials });
  const accounts = await client.paginate("/accounts").toArray({ max: 2 });
  const names = accounts.map((account) => account.name);
  const { error } = await client.GET("/accounts", { params: { query: { limit: 5000 } } });
  if (names.length !== 2 || !(error instanceof UpvestApiError) || error.code !== "invalid_request") {
    throw new Error("the packed client does not do what the checked-out one does");
  }
  if (!sandbox.requests.every((request) => request.signature?.verified === true)) throw new Error("a signature was refused");
  await sandbox.close();
  const receiver = createWebhookReceiver({ keys: verificationKeys(client) });
  const refusal = await receiver.verify({ method: "POST", path: "/", headers: {}, body: "{}" }).catch((error) => error);
  if (!(refusal instanceof WebhookVerificationError) || refusal.reason !== "no_signature") throw new Error("not refused");
  if (!(refusal instanceof UpvestError)) throw new Error("the entries do not share their errors");
  if ((await validateEvent({})).valid) throw new Error("the lazy validators did not load");
  // Redis is away, so the library that is loaded for it gives the share of this process.
  const limiter = redisLimiter({ sendCommand: () => Promise.reject(new Error("away")) }, { requestsPerSecond: 10 });
  await limiter.acquire({ operationId: "list_users" });
};
main().catch((error) => {
  console.error(error);
  // At once: the sandbox may still be open.
  process.exit(1);
});
`;
const imports = `import { createUpvestClient, UpvestApiError, UpvestError } from "upvest-client";
import { redisLimiter } from "upvest-client/redis";
import { startSandbox } from "upvest-client/sandbox";
import { createWebhookReceiver, validateEvent, verificationKeys, WebhookVerificationError } from "upvest-client/webhooks";
`;
const requires = `const { createUpvestClient, UpvestApiError, UpvestError } = require("upvest-client");
const { redisLimiter } = require("upvest-client/redis");
const { startSandbox } = require("upvest-client/sandbox");
const { createWebhookReceiver, validateEvent, verificationKeys, WebhookVerificationError } = require("upvest-client/webhooks");
`;
/**
 * Runs the program as Jest runs tests: each file as a script of `node:vm`, where `import()` is refused. With "noble" the
 * platform has no Ed25519 of its own, so that a package which is ESM alone must be loaded.
 */
const asJest = `const { createRequire, isBuiltin } = require("node:module");
const { readFileSync } = require("node:fs");
const { runInThisContext } = require("node:vm");
if (process.argv[2] === "noble") {
  process.getBuiltinModule = undefined;
  const { importKey } = crypto.subtle;
  crypto.subtle.importKey = async function (format, key, algorithm, ...rest) {
    if ((algorithm.name ?? algorithm) === "Ed25519") throw new Error("no Ed25519");
    return importKey.call(this, format, key, algorithm, ...rest);
  };
}
const modules = new Map();
const load = (filename) => {
  if (modules.has(filename)) return modules.get(filename).exports;
  const module = { exports: {} };
  modules.set(filename, module);
  const real = createRequire(filename);
  const ask = (name) => {
    const found = isBuiltin(name) ? name : real.resolve(name);
    return /upvest-client.dist/.test(found) ? load(found) : real(name);
  };
  const code = "(function (require, module, exports) {" + readFileSync(filename, "utf8") + "})";
  runInThisContext(code, { filename })(ask, module, module.exports);
  return module.exports;
};
load(require.resolve("./consumer.cjs"));
`;

export function consume(project: string): void {
  writeFileSync(join(project, "consumer.mjs"), imports + body);
  writeFileSync(join(project, "consumer.cjs"), requires + body);
  for (const form of ["consumer.mjs", "consumer.cjs"]) run(process.execPath, [form], project);
  writeFileSync(join(project, "as-jest.cjs"), asJest);
  run(process.execPath, ["as-jest.cjs"], project);
  run(process.execPath, ["as-jest.cjs", "noble"], project);
  const crossed = `${requires}import("upvest-client").then((esm) => {
    if (!(new esm.UpvestConfigError("x") instanceof require("upvest-client").UpvestError)) process.exitCode = 1;
  });`;
  writeFileSync(join(project, "crossed.cjs"), crossed);
  run(process.execPath, ["crossed.cjs"], project);
  // The command line takes names from files that other builds made.
  const dist = join(project, "node_modules", "upvest-client", "dist");
  run(process.execPath, [join(dist, "esm", "cli.js"), "--version"], project);
  const proxy = `import { startProxy } from ${JSON.stringify(pathToFileURL(join(dist, "cjs", "proxy.js")))}; startProxy.call;`;
  run(process.execPath, ["--input-type=module", "--eval", proxy], project);
}

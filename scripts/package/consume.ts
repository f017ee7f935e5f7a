/** Runs a program against the installed package, in both module forms and across them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { run } from "./tarball.js";

const body = `
const main = async () => {
  const sandbox = await startSandbox({ algorithm: "ecdsa-p521" });
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
};
main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
`;
const imports = `import { createUpvestClient, UpvestApiError, UpvestError } from "upvest-client";
import { startSandbox } from "upvest-client/sandbox";
import { createWebhookReceiver, validateEvent, verificationKeys, WebhookVerificationError } from "upvest-client/webhooks";
`;
const requires = `const { createUpvestClient, UpvestApiError, UpvestError } = require("upvest-client");
const { startSandbox } = require("upvest-client/sandbox");
const { createWebhookReceiver, validateEvent, verificationKeys, WebhookVerificationError } = require("upvest-client/webhooks");
`;

export function consume(project: string): void {
  writeFileSync(join(project, "consumer.mjs"), imports + body);
  writeFileSync(join(project, "consumer.cjs"), requires + body);
  for (const form of ["consumer.mjs", "consumer.cjs"]) run(process.execPath, [form], project);
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

/**
 * Checks what is published as it is published: the packed tarball, laid out as an install would, used from ESM and from
 * CommonJS, and type-checked in both forms under `nodenext` and `bundler`.
 *
 * Run it after a build: npm run package:check
 */
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "upvest-client-package-"));

const run = (command: string, args: readonly string[], cwd = scratch): string =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

/** Everything the tarball may hold. */
const expected = [
  /^(?:CHANGELOG\.md|LICENSE|NOTICE|README\.md|package\.json)$/,
  /^dist\/(?:esm|cjs)\/[a-z]+(?:-[a-z]+)*(?:\.d)?\.(?:js|ts)$/,
  /^dist\/cjs\/package\.json$/,
  /^test\/vectors\/(?:README\.md|[a-z0-9-]+\.json)$/,
];

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

function pack(): Packed {
  const [packed] = JSON.parse(
    run("npm", ["pack", "--json", "--pack-destination", scratch], root),
  ) as readonly Packed[];
  if (packed === undefined) throw new Error("npm pack made nothing");
  const surplus = packed.files
    .map(({ path }) => path)
    .filter((path) => !expected.some((name) => name.test(path)));
  if (surplus.length > 0) throw new Error(`the tarball holds what nobody asked for: ${surplus.join(", ")}`);
  return packed;
}

/** Lays the tarball out as an install would, with its dependencies taken from this checkout. */
function install({ filename }: Packed): void {
  const modules = join(scratch, "node_modules");
  mkdirSync(join(modules, "upvest-client"), { recursive: true });
  run("tar", ["-xzf", filename, "--strip-components=1", "-C", join(modules, "upvest-client")]);
  const { dependencies, peerDependencies } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  ) as Record<"dependencies" | "peerDependencies", Readonly<Record<string, string>>>;
  for (const name of [...Object.keys({ ...dependencies, ...peerDependencies }), "@types/node"]) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(modules, name), "dir");
  }
}

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
  const refusal = await receiver.verify({ method: "POST", path: "/", headers: {}, body: "{}" }).catch((error: unknown) => error);
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

function consume(): void {
  const untyped = body.replaceAll("(error: unknown)", "(error)");
  writeFileSync(join(scratch, "consumer.mjs"), imports + untyped);
  writeFileSync(join(scratch, "consumer.cjs"), requires + untyped);
  for (const form of ["consumer.mjs", "consumer.cjs"]) run(process.execPath, [form]);
  const crossed = `${requires}import("upvest-client").then((esm) => {
    if (!(new esm.UpvestConfigError("x") instanceof require("upvest-client").UpvestError)) process.exitCode = 1;
  });`;
  writeFileSync(join(scratch, "crossed.cjs"), crossed);
  run(process.execPath, ["crossed.cjs"]);
}

function checkTypes(): void {
  const typed = `import type { Account, PlaceOrderRequest, UpvestEvent } from "upvest-client";
export type Used = readonly [Account, PlaceOrderRequest, UpvestEvent];
`;
  writeFileSync(join(scratch, "consumer.mts"), imports + typed + body);
  writeFileSync(join(scratch, "consumer.cts"), imports + typed + body);
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const common = [
    "--noEmit",
    "--strict",
    "--target",
    "es2022",
    "--lib",
    "es2022,dom,dom.iterable",
    "--types",
    "node",
  ];
  run(process.execPath, [tsc, ...common, "--module", "nodenext", "consumer.mts", "consumer.cts"]);
  const bundler = ["--module", "esnext", "--moduleResolution", "bundler"];
  run(process.execPath, [tsc, ...common, ...bundler, "consumer.mts"]);
}

try {
  const packed = pack();
  install(packed);
  consume();
  checkTypes();
  const files = readdirSync(join(scratch, "node_modules", "upvest-client", "dist")).length;
  console.log(
    `${packed.filename}: ${Math.round(packed.size / 1000)} kB, ${files} files in dist; ESM, CommonJS and types work`,
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/**
 * The packed package on every runtime: it is installed into a scratch project, and one script of checks is run by each
 * runtime against servers of this process. Read on in this order: plan.ts (what is told and checked), subject/ (what
 * runs inside), oracle.ts and control.ts (what judges), runtimes.ts and start.ts (who runs it).
 *
 * Run it after a build: npm run test:runtimes [-- NAME ...]
 */
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSandbox, type Sandbox } from "upvest-client/sandbox";
import { nobody, serveControl, type Control } from "./control.js";
import { createOracle } from "./oracle.js";
import { serveOracle } from "./oracle-server.js";
import { algorithms, checkNames, type Plan, type Report, type Vectors } from "./plan.js";
import { runtimes, type Runtime } from "./runtimes.js";
import { bundleWorker, compileSubject, installPackage, installRuntimes } from "./scratch.js";
import { start, versionOf, type Surroundings } from "./start.js";
import { table } from "./table.js";

/** ms; a script takes one or two seconds. */
const patience = 90_000;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function unsupported(): string | undefined {
  const { platform, arch } = process;
  const report = process.report.getReport() as { readonly header: { readonly glibcVersionRuntime?: string } };
  const libc = report.header.glibcVersionRuntime === undefined ? "without glibc" : "glibc";
  if (platform === "linux" && arch === "x64" && libc === "glibc") return undefined;
  return `the runtimes are installed as binaries for linux-x64 with glibc; this is ${platform}-${arch}, ${libc}`;
}

const vectors = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));

/** One runtime's row: its report, completed by what only this side can see. */
interface Outcome {
  readonly runtime: Runtime;
  readonly version: string;
  readonly report: Report;
  readonly failures: readonly string[];
}

async function tryOn(
  runtime: Runtime,
  control: Control,
  sandbox: Sandbox,
  surroundings: Surroundings,
): Promise<Outcome> {
  const version = versionOf(runtime);
  const seen = sandbox.requests.length;
  const reported = control.nextReport();
  const started = start(runtime, surroundings);
  const timer = setTimeout(started.stop, patience);
  const report = await Promise.race([reported, started.ended]);
  clearTimeout(timer);
  started.stop();
  await started.ended;
  if (typeof report === "string") return crashed(runtime, version, report);

  const failures = report.checks.flatMap(({ name, failure }) =>
    failure === undefined ? [] : [`${name}: ${failure}`],
  );
  for (const algorithm of algorithms) {
    const [is, should] = [report.crypto[algorithm], runtime.crypto[algorithm]];
    if (is !== should) failures.push(`${algorithm} is signed by ${is}; it should be ${should}`);
  }
  if (runtime.form !== "worker" && report.version.replace(/^v/, "") !== version) {
    failures.push(`the script ran on ${report.version}, not on ${version}`);
  }
  const refused = sandbox.requests.slice(seen).filter(({ signature }) => signature?.verified !== true);
  // The order whose answer was lost, byte for byte: the sandbox knows its nonce.
  const resent = refused.filter(
    ({ url, signature }) => url === "/orders" && signature?.reason?.includes("was used before"),
  );
  if (runtime.resends === true && resent.length !== 1) {
    failures.push(
      `it sent ${resent.length} requests again by itself, not 1: docs/runtimes.md says otherwise`,
    );
  }
  for (const { method, url, signature } of refused) {
    if (runtime.resends === true && resent.length === 1 && url === "/orders") continue;
    failures.push(`the sandbox refused ${method} ${url}: ${signature?.reason}`);
  }
  return { runtime, version, report, failures };
}

function crashed(runtime: Runtime, version: string, why: string): Outcome {
  const nothing = { ed25519: "nothing", "ecdsa-p521": "nothing" } as const;
  const checks = checkNames.map((name) => ({ name, failure: "not reached" }));
  return { runtime, version, report: { version, crypto: nothing, checks }, failures: [why] };
}

function show(outcomes: readonly Outcome[]): void {
  const rows = outcomes.map(({ runtime, version, report, failures }) => [
    runtime.name,
    version,
    [...new Set(algorithms.map((algorithm) => report.crypto[algorithm]))].join(", "),
    ...checkNames.map((name) => {
      const check = report.checks.find((each) => each.name === name);
      return check !== undefined && check.failure === undefined ? "ok" : "FAILED";
    }),
    failures.length === 0 ? "ok" : "FAILED",
  ]);
  say(table([["runtime", "version", "signed by", ...checkNames, "all"], ...rows]));
}

async function main(wanted: readonly string[]): Promise<void> {
  const skipped = unsupported();
  if (skipped !== undefined) {
    say(`SKIPPED, nothing was checked: ${skipped}.`);
    say("0 passed, 0 failed, all skipped");
    return;
  }
  const chosen = runtimes.filter(
    ({ name }) =>
      wanted.length === 0 || wanted.some((part) => name.toLowerCase().includes(part.toLowerCase())),
  );
  if (chosen.length === 0) throw new Error(`no runtime is called ${wanted.join(" or ")}`);
  installRuntimes();

  const scratch = realpathSync(mkdtempSync(join(tmpdir(), "upvest-client-runtimes-")));
  const known: Vectors = {
    keys: vectors("keys") as Vectors["keys"],
    requests: vectors("requests") as Vectors["requests"],
    containers: vectors("containers") as Vectors["containers"],
  };
  const oracle = await serveOracle(createOracle(known));
  const sandbox = await startSandbox({
    strict: true,
    collections: { list_accounts: 250 },
    rateLimit: Number.POSITIVE_INFINITY,
  });
  const { credentials } = sandbox;
  const plan: Plan = {
    oracle: oracle.url,
    nobody: await nobody(),
    // Its members are hidden from JSON.
    sandbox: { url: sandbox.url, credentials: structuredClone(credentials) },
    vectors: known,
  };
  const control = await serveControl(plan, sandbox);
  try {
    installPackage(scratch);
    await compileSubject(scratch);
    const keyFile = join(scratch, "signing-key.pem");
    writeFileSync(keyFile, credentials.signingKey.privateKey);
    const common = {
      UPVEST_API_BASE_URL: sandbox.url,
      UPVEST_API_CLIENT_ID: credentials.clientId,
      UPVEST_API_CLIENT_SECRET: credentials.clientSecret,
      UPVEST_API_KEY_ID: credentials.signingKey.keyId,
    };
    const surroundings: Surroundings = {
      scratch,
      control: control.url,
      worker: await bundleWorker(scratch),
      keyFile,
      environment: { ...common, UPVEST_API_HTTP_SIGN_PRIVATE_KEY_FILENAME: keyFile },
      bindings: { ...common, UPVEST_API_HTTP_SIGN_PRIVATE_KEY: credentials.signingKey.privateKey },
    };
    const outcomes: Outcome[] = [];
    for (const runtime of chosen) outcomes.push(await tryOn(runtime, control, sandbox, surroundings));
    show(outcomes);
    const failed = outcomes.filter(({ failures }) => failures.length > 0);
    for (const { runtime, failures } of failed) {
      say(`\n${runtime.name}`);
      for (const failure of failures) say(`  ${failure}`);
    }
    say(`\n${outcomes.length - failed.length} passed, ${failed.length} failed`);
    if (failed.length > 0) process.exitCode = 1;
  } finally {
    await Promise.all([control.close(), oracle.close(), sandbox.close()]);
    rmSync(scratch, { recursive: true, force: true });
  }
}

await main(process.argv.slice(2));

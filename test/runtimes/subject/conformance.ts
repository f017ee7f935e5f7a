/**
 * What every runtime must pass, the same for all. Imports nothing but the package, by its name, and needs nothing but
 * what the Fetch standard and WebCrypto give.
 */
import { algorithms, checkNames } from "../plan.js";
import type { Algorithm, CheckName, CheckResult, Cryptography, Plan, Report } from "../plan.js";
import { env } from "./checks/env.js";
import { error } from "./checks/error.js";
import { failures } from "./checks/failures.js";
import { keys } from "./checks/keys.js";
import { retry } from "./checks/retry.js";
import { server } from "./checks/server.js";
import { sign } from "./checks/sign.js";
import { token } from "./checks/token.js";
import { vectors } from "./checks/vectors.js";
import { walk } from "./checks/walk.js";
import { webhooks } from "./checks/webhooks.js";
import { tell } from "./expect.js";
import type { Check, Subject } from "./subject.js";

const checks: Readonly<Record<CheckName, Check>> = {
  "sign Ed25519": sign("ed25519"),
  "sign P-521": sign("ecdsa-p521"),
  vectors,
  keys,
  token,
  walk,
  retry,
  error,
  failures,
  webhooks,
  server,
  env,
};

/**
 * Asks the driver for the plan, does all checks and reports.
 *
 * @param control the driver's address
 */
export async function conform(control: string, host: Omit<Subject, "plan" | "ask">): Promise<void> {
  const ask = async (path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(
      `${control}${path}`,
      body === undefined ? {} : { method: "POST", body: JSON.stringify(body) },
    );
    const text = await response.text();
    if (!response.ok) throw new Error(`the driver refused ${path}: ${text}`);
    return JSON.parse(text);
  };
  const subject: Subject = { ...host, ask, plan: (await ask("/plan")) as Plan };
  const results: CheckResult[] = [];
  const signedBy: (readonly [Algorithm, Cryptography])[] = [];
  for (const name of checkNames) {
    results.push(await outcome(name, subject));
    // Looked at now: later on keys come up that WebCrypto alone can use.
    if (name === "sign P-521")
      signedBy.push(...algorithms.map((each) => [each, host.cryptographyOf(each)] as const));
  }
  const crypto = Object.fromEntries(signedBy) as Report["crypto"];
  await ask("/report", { version: host.version, crypto, checks: results } satisfies Report);
}

async function outcome(name: CheckName, subject: Subject): Promise<CheckResult> {
  try {
    await checks[name](subject);
    return { name };
  } catch (error) {
    return { name, failure: tell(error) };
  }
}

import { inspect } from "node:util";
import { afterEach } from "vitest";

/**
 * Every fixture's secrets are made to be recognised. Wherever one of them shows, the test that let it out fails: in what
 * is printed (this file, loaded for every test), and in every error that a client ends a call with (watched-client.ts).
 */
const canaries = [/canary-/, /ory_at_token-\d/, /PRIVATE KEY-----/, /\bsig1=:[\w+/]{20}/, /Bearer ory_at_/];

let shown: string[] = [];

/** Notes a secret in what a person or a log would see of a value. */
export function look(value: unknown, where: string): void {
  const text = typeof value === "string" ? value : visible(value);
  const found = canaries.find((canary) => canary.test(text));
  if (found !== undefined) shown.push(`${where} shows ${String(found)}: ${text.slice(0, 2_000)}`);
}

function visible(value: unknown): string {
  const json = ((): string => {
    try {
      return JSON.stringify(value) ?? "";
    } catch {
      return "";
    }
  })();
  return `${inspect(value, { depth: 12, showHidden: true })}\n${json}\n${String(value)}`;
}

for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream);
  stream.write = ((chunk: string | Uint8Array, ...rest: []) => {
    look(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString(), "what was printed");
    return write(chunk, ...rest);
  }) as typeof stream.write;
}

for (const name of ["log", "info", "warn", "error", "debug"] as const) {
  const print = console[name].bind(console);
  console[name] = (...values: unknown[]) => {
    for (const value of values) look(value, `console.${name}`);
    print(...values);
  };
}

afterEach(() => {
  const leaks = shown;
  shown = [];
  if (leaks.length > 0) throw new Error(`A secret got out.\n${leaks.join("\n")}`);
});

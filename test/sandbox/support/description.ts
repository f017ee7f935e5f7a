import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { startSandbox, type Sandbox, type SandboxOptions } from "upvest-client/sandbox";

export type Json = Readonly<Record<string, unknown>>;

export function readDescription(file: string | URL): Json {
  const parsed: unknown = parse(readFileSync(file, "utf8"));
  return Object(parsed);
}

/** TEMPORARY until generated/description.js exists. */
export const description = readDescription(
  process.env["BOX_SPEC"] ?? new URL("../../../openapi/upvest.yaml", import.meta.url),
);

export function start(options: SandboxOptions = {}): Promise<Sandbox> {
  return startSandbox({ description, ...options });
}

import { readFileSync } from "node:fs";
import { parse } from "yaml";

export type Json = Readonly<Record<string, unknown>>;

/** Reads an OpenAPI document. */
export function readDescription(file: string): Json {
  const parsed: unknown = parse(readFileSync(file, "utf8"));
  return Object(parsed);
}

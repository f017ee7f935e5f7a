import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./tarball.js";

interface Report {
  readonly analysis?: { readonly entrypoints?: Readonly<Record<string, unknown>> };
  readonly problems?: Readonly<Record<string, unknown>>;
}

/** What "are the types wrong" finds in a tarball under all resolutions: of Node 10, of Node 16 and newer, of bundlers. */
export function typesWrong(tarball: string, scratch: string): string[] {
  // Through a pipe its JSON is cut off.
  const file = join(scratch, "attw.json");
  const out = openSync(file, "w");
  const attw = join(root, "node_modules", "@arethetypeswrong", "cli", "dist", "index.js");
  const args = [attw, tarball, "--profile", "strict", "--format", "json"];
  const { status } = spawnSync(process.execPath, args, { cwd: scratch, stdio: ["ignore", out, "inherit"] });
  closeSync(out);
  const { analysis, problems } = JSON.parse(readFileSync(file, "utf8")) as Report;
  if (Object.keys(analysis?.entrypoints ?? {}).length === 0) return ["attw: found no entries"];
  if (status === 0) return [];
  return [`attw: ${JSON.stringify(problems ?? {})}`];
}

import { build } from "esbuild";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ENTRIES, TARBALL, type Budget } from "./budget.js";

/** Bytes of an installed entry, as a bundler takes it: minified and gzipped. */
export async function entrySize(directory: string, name: string): Promise<number> {
  const result = await build({
    entryPoints: [join(directory, "dist", "esm", `${name}.js`)],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    legalComments: "none",
    // Loaded when they are wanted, if ever.
    external: [
      "node:*",
      "@noble/ed25519",
      "structured-headers",
      "undici",
      "rate-limiter-flexible",
      "*/validators.js",
    ],
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error(`${name}: the bundler wrote nothing`);
  return gzipSync(file.contents, { level: 9 }).length;
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`.padStart(9);

const line = (name: string, size: number, { limit, goal }: Budget): string =>
  `${name.padEnd(10)}${kilobytes(size)}${kilobytes(limit)}${kilobytes(goal)}`;

export interface Weighed {
  readonly table: string;
  readonly faults: readonly string[];
}

/** The table of sizes, and what passes its limit. */
export async function weigh(directory: string, tarball: number): Promise<Weighed> {
  const lines = [`${"".padEnd(10)}${"size".padStart(9)}${"limit".padStart(9)}${"goal".padStart(9)}`];
  const faults: string[] = [];
  for (const [name, budget] of Object.entries(ENTRIES)) {
    const size = await entrySize(directory, name);
    lines.push(line(name, size, budget));
    if (size > budget.limit) faults.push(`entry ${name} has ${size} bytes, ${budget.limit} are allowed`);
  }
  lines.push(line("tarball", tarball, TARBALL));
  return { table: lines.join("\n"), faults };
}

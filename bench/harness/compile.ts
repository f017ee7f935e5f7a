/**
 * Makes plain JavaScript of the measurements, so that what is timed runs as a user's own code would: not through a loader
 * that wraps functions. Packages stay outside, and `upvest-client` is then what `dist/` holds, by the package's own exports.
 */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

/** @returns the directory of the compiled measurements and of what they start */
export async function compile(root: string): Promise<string> {
  const outdir = join(root, "bench/.build");
  rmSync(outdir, { recursive: true, force: true });
  const measurements = readdirSync(join(root, "bench/measure")).map((file) => join("bench/measure", file));
  await build({
    absWorkingDir: root,
    entryPoints: [...measurements, "bench/support/server.ts"],
    outdir,
    entryNames: "[name]",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    // Else the paths for the type checker would lead to src/.
    tsconfigRaw: {},
  });
  return outdir;
}

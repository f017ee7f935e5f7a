/** What a user's bundler makes of the package: minified, in one piece, with what it loads on demand apart. */
import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";

export interface Bundle {
  /** Bytes, minified and gzipped: the entry and all that it imports at once. */
  readonly size: number;
  /** What a dynamic import brings, by the file that it leads to. */
  readonly onDemand: readonly { readonly name: string; readonly size: number }[];
  /** Minified bytes of each source file in the entry and what it imports at once, largest first. */
  readonly files: readonly (readonly [file: string, bytes: number])[];
}

export interface BundleOptions {
  readonly platform?: "neutral" | "node";
  readonly external?: readonly string[];
}

/** @param contents a module that imports what is to be measured, as if it lay at the root of the project */
export async function bundle(
  contents: string,
  { platform = "neutral", external = [] }: BundleOptions = {},
): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: process.cwd(), sourcefile: "entry.js" },
    bundle: true,
    minify: true,
    splitting: true,
    metafile: true,
    write: false,
    format: "esm",
    target: "es2022",
    outdir: "out",
    platform,
    mainFields: ["module", "main"],
    external: [...external],
    // Else the paths for the type checker would lead to src/.
    tsconfigRaw: {},
    legalComments: "none",
  });
  const sizes = new Map(
    outputFiles.map(({ path, contents: bytes }) => [
      path.replace(/^.*\/(?=out\/)/, ""),
      gzipSync(bytes).length,
    ]),
  );
  const entry = Object.keys(metafile.outputs).find(
    (path) => metafile.outputs[path]?.entryPoint === "entry.js",
  );
  if (entry === undefined) throw new Error("esbuild made no entry");
  const atOnce = reachable(metafile, entry);
  const sum = (paths: Iterable<string>): number =>
    [...paths].reduce((total, path) => total + (sizes.get(path) ?? Number.NaN), 0);
  const later = new Map<string, ReadonlySet<string>>();
  for (const path of atOnce) {
    for (const { path: to, kind, external: outside } of metafile.outputs[path]?.imports ?? []) {
      if (kind === "dynamic-import" && outside !== true && !atOnce.has(to))
        later.set(to, reachable(metafile, to));
    }
  }
  return {
    size: sum(atOnce),
    onDemand: [...later].map(([path, paths]) => ({
      name: metafile.outputs[path]?.entryPoint ?? path,
      size: sum([...paths].filter((one) => !atOnce.has(one))),
    })),
    files: filesOf(metafile, atOnce),
  };
}

/** An output and all that it imports at once. */
function reachable({ outputs }: Metafile, from: string): ReadonlySet<string> {
  const found = new Set([from]);
  // A set that grows while it is walked is walked to its new end.
  for (const path of found) {
    for (const { path: to, kind, external } of outputs[path]?.imports ?? []) {
      if (kind === "import-statement" && external !== true) found.add(to);
    }
  }
  return found;
}

function filesOf({ outputs }: Metafile, paths: ReadonlySet<string>): [string, number][] {
  const bytes = new Map<string, number>();
  for (const path of paths) {
    for (const [file, { bytesInOutput }] of Object.entries(outputs[path]?.inputs ?? {})) {
      bytes.set(file, (bytes.get(file) ?? 0) + bytesInOutput);
    }
  }
  return [...bytes].toSorted(([, a], [, b]) => b - a);
}

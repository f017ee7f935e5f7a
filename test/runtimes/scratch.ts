/** What is tried: the packed tarball, installed as a user would, and the script in the forms in which it is run. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions, type Metafile } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const here = fileURLToPath(new URL(".", import.meta.url));

/** The folder whose lock file names the runtimes. */
export const programs = join(here, "programs");

function npm(args: readonly string[], cwd: string): string {
  return execFileSync("npm", [...args, "--no-audit", "--no-fund", "--ignore-scripts"], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Installs the runtimes by their lock file, unless that was done before. */
export function installRuntimes(): void {
  const lock = readFileSync(join(programs, "package-lock.json"), "utf8");
  const stamp = join(programs, "node_modules", ".installed-lock.json");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  npm(["ci"], programs);
  writeFileSync(stamp, lock);
}

/** Packs what was built and installs it into `scratch`, with the dependencies that it names. */
export function installPackage(scratch: string): void {
  if (!existsSync(join(root, "dist"))) throw new Error("there is no dist: npm run build first");
  const [packed] = JSON.parse(npm(["pack", "--json", "--pack-destination", scratch], root)) as readonly {
    readonly filename: string;
  }[];
  if (packed === undefined) throw new Error("npm pack made nothing");
  writeFileSync(join(scratch, "package.json"), JSON.stringify({ name: "consumer", private: true }));
  npm(["install", "--prefer-offline", "--omit=peer", `./${packed.filename}`], scratch);
}

/** The script as it is, file by file, once for each module form: the package is found by its name, from there. */
export async function compileSubject(scratch: string): Promise<void> {
  const subject = join(here, "subject");
  const files = readdirSync(subject, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  for (const [format, type] of [
    ["esm", "module"],
    ["cjs", "commonjs"],
  ] as const) {
    const outdir = join(scratch, format);
    mkdirSync(outdir, { recursive: true });
    writeFileSync(join(outdir, "package.json"), JSON.stringify({ type }));
    await build({
      entryPoints: [join(here, "plan.ts"), ...files.map((file) => join(subject, file))].filter(
        // A worker is bundled; the others use top-level await or their own globals and have one form.
        (file) => format === "esm" || !/(?:bun|deno|worker)\.ts$/.test(file),
      ),
      outdir,
      outbase: here,
      format,
      platform: "neutral",
      target: "es2022",
    });
  }
}

/** What runs where there is nothing of Node's. */
const anywhere = ["upvest-client", "upvest-client/webhooks", "upvest-client/redis", "upvest-client/download"];

/**
 * One file for a worker, as the tools for workers make it.
 *
 * @throws Error when anything in it, or in an entry that it does not use, imports a module of Node's
 */
export async function bundleWorker(scratch: string): Promise<string> {
  const outfile = join(scratch, "worker.js");
  const settings = {
    absWorkingDir: scratch,
    bundle: true,
    format: "esm",
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
    mainFields: ["module", "main"],
    target: "es2022",
    metafile: true,
    // Left in place and found below, in place of an error that names only the first.
    external: ["node:*"],
  } satisfies BuildOptions;
  const worker = await build({
    ...settings,
    entryPoints: [join(scratch, "esm", "subject", "worker.js")],
    outfile,
  });
  const contents = anywhere.map((entry) => `import * as all from "${entry}"; console.log(all);`);
  const entries = await Promise.all(
    contents.map((each) =>
      build({ ...settings, stdin: { contents: each, resolveDir: scratch }, write: false }),
    ),
  );
  const imports = [worker, ...entries].flatMap(({ metafile }) => nodeImports(metafile));
  if (imports.length > 0) throw new Error(`a worker bundle must not need Node: ${imports.join("; ")}`);
  return outfile;
}

const nodeImports = ({ inputs }: Metafile): readonly string[] =>
  Object.entries(inputs).flatMap(([file, { imports }]) =>
    imports.filter(({ path }) => isBuiltin(path)).map(({ path }) => `${file} imports ${path}`),
  );

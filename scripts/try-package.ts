/**
 * Tries the package as its users do: packs it, lets npm install the tarball into an empty project with what the documents tell
 * users to install beside it, and runs every example, every block and every command of the documents there.
 *
 * Run it after a build: npm run package:try
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pack, root } from "./package/tarball.js";

const project = realpathSync(mkdtempSync(join(tmpdir(), "upvest-client-try-")));
const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));

/** Runs a command and ends with it if it fails. */
function must(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): void {
  console.log(`> ${[command, ...args].join(" ")}`);
  const { status, error } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: "inherit",
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args[0] ?? ""} ended with ${status}`);
}

/** The newest declarations of Node, which this repository, on its oldest, does not develop against. */
const NEWEST_TYPES = "@types/node@26.6.6";

/** Folders of Markdown and programs whose imports the project must be able to resolve. */
const READ = ["README.md", "docs", "examples", "test/docs/prelude"];

/** What they import or tell to install and this repository develops against, in the versions that it does. */
function besides(): string[] {
  const { devDependencies, peerDependencies } = read("package.json") as Record<
    "devDependencies" | "peerDependencies",
    Readonly<Record<string, string>>
  >;
  const texts = READ.flatMap((path) =>
    path.endsWith(".md")
      ? [path]
      : readdirSync(join(root, path), { recursive: true, encoding: "utf8" })
          .filter((file) => /\.(?:md|ts)$/.test(file))
          .map((file) => join(path, file)),
  ).map((path) => readFileSync(join(root, path), "utf8"));
  const imported = new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/\bfrom "((?:@[\w-]+\/)?[\w.-]+)/g)].map(([, name = ""]) => name),
    ),
  );
  const wanted = new Set([
    ...imported,
    ...Object.keys(peerDependencies),
    "tsx",
    "typescript",
    "@types/node",
    "@types/express",
  ]);
  return Object.entries(devDependencies)
    .filter(([name]) => wanted.has(name))
    .map(([name, version]) => `${name}@${version}`);
}

try {
  const packed = pack(project);
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ name: "user", private: true, type: "module" }),
  );
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  must("npm", ["install", ...quiet, `./${packed.filename}`], project);
  must("npm", ["install", ...quiet, "--save-dev", ...besides()], project);

  cpSync(join(root, "examples"), join(project, "examples"), { recursive: true });
  cpSync(join(root, "test/docs/prelude"), join(project, "test/docs/prelude"), { recursive: true });
  const { compilerOptions } = read("tsconfig.json") as { readonly compilerOptions: object };
  // As strict as ours; but the package is found as any other is.
  const { paths, ...options } = compilerOptions as { readonly paths: object };
  if (Object.keys(paths).length === 0) throw new Error("tsconfig.json: no paths to leave out");
  writeFileSync(
    join(project, "tsconfig.json"),
    JSON.stringify({ compilerOptions: options, include: ["examples"] }),
  );

  const bin = join(project, "node_modules", ".bin");
  must(join(bin, "tsc"), ["-p", "."], project);
  must(join(bin, "vitest"), ["run", "examples/testing/orders.vitest.test.ts"], project);
  const test = (...args: readonly string[]): void =>
    must("npx", ["vitest", "run", ...args, "--typecheck.enabled=false"], root, {
      UPVEST_TEST_INSTALLED: project,
    });
  test("test/docs/blocks.test.ts", "test/examples");

  must("npm", ["install", ...quiet, "--save-dev", NEWEST_TYPES], project);
  must(join(bin, "tsc"), ["-p", "."], project);
  test("test/docs/blocks.test.ts", "-t", "are TypeScript as strict as the sources");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(project, { recursive: true, force: true });
}

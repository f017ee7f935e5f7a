import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { FILES, TARBALL, TWIN_LIMIT, VECTORS } from "./budget.js";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 1 << 26,
  });
}

export interface Packed {
  readonly filename: string;
  /** Bytes of the tarball. */
  readonly size: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

export function pack(into: string): Packed {
  const [packed] = JSON.parse(
    run("npm", ["pack", "--json", "--pack-destination", into], root),
  ) as readonly Packed[];
  if (packed === undefined) throw new Error("npm pack made nothing");
  return packed;
}

/** What is there and should not be, or the other way round; one line each. */
export function wrongFiles(paths: readonly string[], expected: readonly string[] = FILES): string[] {
  return [
    ...paths.filter((path) => !expected.includes(path)).map((path) => `nobody asked for ${path}`),
    ...expected.filter((path) => !paths.includes(path)).map((path) => `${path} is missing`),
  ];
}

/** What must not be published, whatever file it is in. */
const SECRETS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["a private key", /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*[A-Za-z\d+/=]{16}/],
  ["a private key as JWK", /"d"\s*:\s*"[\w-]{40,}"/],
  ["a token", /\b(?:npm_|ghp_|gho_|github_pat_)[A-Za-z\d]{20,}/],
  ["a path of somebody's machine", /(?<![\w.:/])\/(?:home|Users|root|tmp|work|private)\/[\w.-]+\/[\w.-]+/],
  ["a path of somebody's machine", /\b[A-Z]:\\\\?Users\\/],
  ["a host of somebody's network", /\bhttps?:\/\/[\w.-]+\.(?:local|internal|lan|corp)\b/],
  ["a source map", /\/\/# sourceMappingURL=/],
];

/** @returns one line for each thing in `text` that must not be published */
export function secretsIn(path: string, text: string): string[] {
  const found = SECRETS.filter(([, pattern]) => pattern.test(text))
    .filter(([what]) => !(path.startsWith(VECTORS) && what.startsWith("a private key")))
    .map(([what]) => `${path} holds ${what}`);
  return /(?:^|\/)\.env/.test(path) ? [...found, `${path} is an environment file`] : found;
}

/** Characters in a line of code: Node prints the line of an error that nobody catches. */
const LONGEST_LINE = 1000;
/** Data, on long lines of their own. "recent" holds the inspector's page. */
const DATA = new Set(["description", "recent", "validators"].map((name) => `dist/cjs/${name}.js`));

/** @returns a line if `text` is code whose lines nobody wants in a terminal */
export function longLinesIn(path: string, text: string): string[] {
  if (!path.endsWith(".js") || DATA.has(path)) return [];
  const longest = Math.max(...text.split("\n").map(({ length }) => length));
  return longest > LONGEST_LINE ? [`${path} has a line of ${longest} characters`] : [];
}

/** Everything that is wrong with the tarball as a list of files. */
export function faultsOf(packed: Packed, directory: string): string[] {
  const faults = wrongFiles(packed.files.map(({ path }) => path));
  for (const { path } of packed.files) {
    const text = readFileSync(join(directory, path), "utf8");
    faults.push(...secretsIn(path, text), ...longLinesIn(path, text));
  }
  if (packed.size > TARBALL.limit) {
    faults.push(`the tarball has ${packed.size} bytes, ${TARBALL.limit} are allowed`);
  }
  return faults;
}

/** Files whose two forms are too long to share their bytes in the tarball. */
export function longTwins(packed: Packed): string[] {
  return packed.files
    .filter(({ path, size }) => path.startsWith("dist/cjs/") && path.endsWith(".js") && size > TWIN_LIMIT)
    .filter(({ path }) =>
      packed.files.some((file) => file.path === path.replace("cjs", "esm") && file.size > TWIN_LIMIT / 2),
    )
    .map(({ path, size }) => `${path} (${size} bytes)`);
}

/**
 * Lays the tarball out in a project of its own as an install would. Its dependencies come from this checkout, so that no
 * network is needed. Gives the directory of the package.
 */
export function install(packed: Packed, scratch: string): string {
  const { dependencies, peerDependencies } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  ) as Record<"dependencies" | "peerDependencies", Readonly<Record<string, string>>>;
  writeFileSync(join(scratch, "package.json"), JSON.stringify({ name: "consumer", private: true }));
  const modules = join(scratch, "node_modules");
  const own = join(modules, "upvest-client");
  mkdirSync(own, { recursive: true });
  run("tar", ["-xzf", join(scratch, packed.filename), "--strip-components=1", "-C", own], scratch);
  const needed = [...Object.keys({ ...dependencies, ...peerDependencies }), "@types/node", "undici-types"];
  for (const name of needed) {
    if (!existsSync(join(root, "node_modules", name))) continue;
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(modules, name), "dir");
  }
  if (readdirSync(own).length === 0) throw new Error("the tarball is empty");
  return own;
}

/** Type-checks programs against the installed package: every compiler, resolution and library that it promises to work with. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./tarball.js";

/** TypeScript 5.4 is the oldest that is promised. Each is the name of an installed package. */
export const COMPILERS = ["ts54", "typescript", "ts6", "ts7"] as const;
export type Compiler = (typeof COMPILERS)[number];

export interface Setting {
  readonly compiler: Compiler;
  readonly resolution: "bundler" | "nodenext";
  /**
   * Without the DOM library `@types/node` (20 or newer) must give the globals that the declarations name: `AbortSignal`,
   * `Blob`, `CryptoKey`, `FormData`, `Headers`, `ReadableStream`, `Request`, `Response`, `URL`, `fetch`.
   */
  readonly dom: boolean;
}

export const SETTINGS: readonly Setting[] = COMPILERS.flatMap((compiler) =>
  (["bundler", "nodenext"] as const).flatMap((resolution) =>
    [true, false].map((dom): Setting => ({ compiler, resolution, dom })),
  ),
);

export const PROGRAMS = join(root, "test", "types", "package");
export const RELEASED = join(root, "test", "types", "released");

const compilerOptions = ({ resolution, dom }: Omit<Setting, "compiler">): Record<string, unknown> => ({
  noEmit: true,
  strict: true,
  skipLibCheck: false,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  target: "es2022",
  lib: dom ? ["es2022", "dom", "dom.iterable"] : ["es2022"],
  types: ["node"],
  module: resolution === "bundler" ? "esnext" : "nodenext",
  moduleResolution: resolution,
});

/**
 * Compiles the programs in `from` as ESM, and as CommonJS too where Node's own rules resolve.
 * @param project where the package is installed
 * @returns what the compiler says; empty when all is well
 */
export function compile(project: string, from: string, setting: Setting): string {
  const name = `${setting.compiler}-${setting.resolution}${setting.dom ? "-dom" : ""}-${pathName(from)}`;
  const directory = join(project, name);
  mkdirSync(directory, { recursive: true });
  const programs = readdirSync(from).filter((file) => file.endsWith(".ts"));
  if (programs.length === 0) throw new Error(`${from}: no programs to compile`);
  for (const program of programs) {
    const forms = setting.resolution === "nodenext" ? ["mts", "cts"] : ["mts"];
    for (const form of forms) {
      cpSync(join(from, program), join(directory, program.replace(/ts$/, form)));
    }
  }
  writeFileSync(
    join(directory, "tsconfig.json"),
    JSON.stringify({ compilerOptions: compilerOptions(setting), include: ["*"] }),
  );
  const tsc = join(root, "node_modules", setting.compiler, "bin", "tsc");
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, "-p", directory], {
    cwd: project,
    encoding: "utf8",
  });
  return status === 0 ? "" : `${name}: ${stdout}${stderr}`;
}

const pathName = (path: string): string => path.split(/[\\/]/).at(-1) ?? "";

/** The type tests of every release, which programs of its users stand for. */
export function releasedSets(): string[] {
  if (!existsSync(RELEASED)) return [];
  return readdirSync(RELEASED, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(RELEASED, name));
}

/** Puts together, in a directory of its own, the three programs that are compared. */
import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import openapiTS, { astToString, type OpenAPI3 } from "openapi-typescript";
import ts from "typescript";
import { check } from "../../scripts/generate/check.js";
import { correct } from "../../scripts/generate/correct.js";
import { generate } from "../../scripts/generate/generate.js";
import { objectAt, stringAt, type JsonObject } from "../../scripts/generate/json.js";
import { name } from "../../scripts/generate/name.js";
import { normalise } from "../../scripts/generate/normalise.js";
import { write } from "../../scripts/generate/output.js";
import { readObject } from "../../scripts/generate/read.js";
import { consumers } from "./consumer.js";

const run = promisify(execFile);

export const VARIANTS = ["empty", "raw", "ours"] as const;
export type Variant = (typeof VARIANTS)[number];

export interface Programs {
  /** Title and version of the description. */
  readonly title: string;
  readonly calls: number;
  /** The directory of each program; its `tsconfig.json` says what to measure, `guard.json` what proves that it counts. */
  readonly directories: Readonly<Record<Variant, string>>;
  /** Bytes of the types, laid out alike and without comments; ours with the lists of events, scopes and operation ids. */
  readonly bytes: { readonly raw: number; readonly ours: number };
}

export interface Sources {
  readonly root: string;
  readonly spec: string;
  readonly overlay: string;
  /** The compiler that writes our declarations. */
  readonly tsc: string;
}

export async function makePrograms(directory: string, sources: Sources): Promise<Programs> {
  const { root, spec, overlay } = sources;
  const original = await readObject(spec);
  const { description } = correct(original, await readObject(overlay), overlay);
  check(description, spec);
  const document = name(normalise(description), spec);
  const { raw, ours, calls } = consumers(document);

  const directories = {
    empty: join(directory, "empty"),
    raw: join(directory, "raw"),
    ours: join(directory, "ours"),
  };
  const types = astToString(await openapiTS(asOpenApi(original), { silent: true }));
  await mkdir(directory, { recursive: true });
  await symlink(join(root, "node_modules"), join(directory, "node_modules"));
  await makeProgram(root, directories.empty, { "consumer.ts": "export {};\n", "guard.ts": "export {};\n" });
  await makeProgram(root, directories.raw, {
    "consumer.ts": raw.text,
    "guard.ts": raw.guard,
    "schema.d.ts": types,
  });
  await makeProgram(root, directories.ours, { "consumer.ts": ours.text, "guard.ts": ours.guard });
  const declarations = await makeClient(join(directory, "client"), directories.ours, sources);
  const info = objectAt(original, "info");
  return {
    title: `${stringAt(info, "title") ?? ""} ${stringAt(info, "version") ?? ""}`,
    calls: calls.length,
    directories,
    bytes: { raw: sizeOf(types), ours: sizeOf(declarations) },
  };
}

/** The compiler's settings are the project's own: as strict as it gets, with Node's types. */
async function makeProgram(
  root: string,
  directory: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  const config = (file: string): string =>
    JSON.stringify({
      extends: join(root, "tsconfig.json"),
      compilerOptions: { paths: {}, skipLibCheck: true },
      include: [file],
    });
  await writeFile(join(directory, "package.json"), JSON.stringify({ type: "module" }));
  await writeFile(join(directory, "tsconfig.json"), config("consumer.ts"));
  await writeFile(join(directory, "guard.json"), config("guard.ts"));
  for (const [file, text] of Object.entries(files)) await writeFile(join(directory, file), text);
}

/**
 * The declarations that a user of the package has, made from the client's source and what is generated from the
 * description. Gives the text of those that come from the description.
 */
async function makeClient(
  source: string,
  consumer: string,
  { root, spec, overlay, tsc }: Sources,
): Promise<string> {
  await mkdir(source, { recursive: true });
  await cp(join(root, "src"), join(source, "src"), { recursive: true });
  const generated = join(source, "generated");
  await write(generated, (await generate(spec, overlay)).files);
  await writeFile(join(source, "package.json"), JSON.stringify({ type: "module" }));
  const out = join(consumer, "declarations");
  const config = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      outDir: out,
      rootDir: source,
    },
    include: ["src/index.ts"],
  };
  await writeFile(join(source, "tsconfig.json"), JSON.stringify(config));
  await run(process.execPath, [tsc, "-p", source]);
  // Declarations that are already such are read by the compiler, but not written by it.
  for (const file of (await readdir(generated)).filter((entry) => entry.endsWith(".d.ts")))
    await cp(join(generated, file), join(out, "generated", file));
  await mkdir(join(consumer, "client"));
  await writeFile(join(consumer, "client", "index.d.ts"), `export * from "../declarations/src/index.js";\n`);
  const described = await Promise.all(
    ["schema", "models", "events", "operations"].map((file) =>
      readFile(join(out, "generated", `${file}.d.ts`), "utf8"),
    ),
  );
  return described.join("\n");
}

function sizeOf(types: string): number {
  const file = ts.createSourceFile("types.d.ts", types, ts.ScriptTarget.Latest);
  return Buffer.byteLength(ts.createPrinter({ removeComments: true }).printFile(file));
}

function asOpenApi(description: JsonObject): OpenAPI3 {
  return JSON.parse(JSON.stringify(description)) as OpenAPI3;
}

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import ts from "typescript";
import { place, type Block, type Finding } from "./documents.js";

/** A block that became a file of its own. */
export interface Module {
  readonly block: Block;
  readonly file: string;
}

/** Blocks as files in a folder of their own, inside the project whose packages they use. */
export interface Modules {
  readonly modules: readonly Module[];
  /** The configuration that they are compiled and run by. */
  readonly config: string;
  readonly remove: () => void;
}

const preludes = join(place, "test/docs/prelude");

export const isTypeScript = ({ language }: Block): boolean => language === "ts" || language === "js";

export function writeModules(blocks: readonly Block[]): Modules {
  const parent = join(place, "test/docs/.blocks");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(`${parent}/`);
  const before = new Map<string, Earlier>();
  const modules = blocks.filter(isTypeScript).map((block) => {
    const earlier = before.get(block.path) ?? { imports: new Map(), declared: new Map() };
    before.set(block.path, earlier);
    const file = join(folder, `${block.path.replaceAll("/", "-")}-${block.line}.ts`);
    writeFileSync(file, complete(block, earlier, folder, basename(file, ".ts")));
    return { block, file };
  });
  const config = join(folder, "tsconfig.json");
  writeFileSync(config, JSON.stringify(configuration(folder)));
  return { modules, config, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** As strict as the sources; but a fragment need not use all that it declares. */
function configuration(folder: string): object {
  const read = ts.readConfigFile(join(place, "tsconfig.json"), (path) => readFileSync(path, "utf8"));
  const { compilerOptions } = read.config as {
    compilerOptions: { lib: string[]; paths?: Record<string, string[]> };
  };
  const paths = Object.entries(compilerOptions.paths ?? {}).map(
    ([name, targets]) => [name, targets.map((target) => join(place, target))] as const,
  );
  return {
    extends: relative(folder, join(place, "tsconfig.json")),
    compilerOptions: {
      // Web streams can be iterated on Node, and its own types say so.
      lib: [...compilerOptions.lib, "DOM.AsyncIterable"],
      noUnusedLocals: false,
      noUnusedParameters: false,
      // The documents say `redis`, the package that people know; here its core is enough.
      paths: {
        ...Object.fromEntries(paths),
        redis: [join(place, "node_modules/@redis/client/dist/index.js")],
      },
    },
    include: ["*.ts"],
  };
}

/** What the blocks of a document so far offer to the later ones: name to a statement that imports it. */
interface Earlier {
  readonly imports: Map<string, string>;
  readonly declared: Map<string, string>;
}

/** The code, with an import of what it uses and does not declare, on the same line, so that line numbers hold. */
function complete(block: Block, earlier: Earlier, folder: string, module: string): string {
  const names = namesOf(block.code);
  const missing = new Set([...names.used].filter((name) => !names.declared.has(name)));
  // A whole program gets nothing: as it stands, so it is pasted.
  const sources: ReadonlyMap<string, string>[] = block.directives.includes("whole")
    ? []
    : [
        earlier.imports,
        ...block.directives.flatMap(preludesOf).map((prelude) => offerOf(prelude, folder, block)),
        earlier.declared,
        offerOf("common", folder, block),
      ];
  const statements: string[] = [];
  for (const name of missing) {
    const statement = sources.find((source) => source.has(name))?.get(name);
    if (statement !== undefined) statements.push(statement);
  }
  for (const [name, statement] of names.imported) earlier.imports.set(name, statement);
  // What is not run cannot be run for the sake of a later block either.
  const offers = !block.directives.some((text) => /^(?:not run|needs)/.test(text));
  for (const [name, kind] of offers ? names.own : []) {
    earlier.declared.set(name, `import { ${kind}${name} } from "./${module}.js";`);
  }
  const exported = [...names.own].filter(([name]) => !names.exported.has(name));
  const list = exported.map(([name, kind]) => `${kind}${name}`).join(", ");
  return `${statements.join(" ")}${block.code}\nexport { ${list} };\n`;
}

/** What a prelude exports: name to a statement that imports it. */
function offerOf(prelude: string, folder: string, { path, line }: Block): ReadonlyMap<string, string> {
  const file = join(preludes, `${prelude}.ts`);
  if (!existsSync(file)) throw new Error(`${path}:${line} asks for a prelude "${prelude}" that is not there`);
  const from = JSON.stringify(relative(folder, file).replace(/\.ts$/, ".js"));
  const { own, exported } = namesOf(readFileSync(file, "utf8"));
  const offered = [...own].filter(([name]) => exported.has(name));
  return new Map(offered.map(([name, kind]) => [name, `import { ${kind}${name} } from ${from};`]));
}

const preludesOf = (directive: string): string[] => /^with (.+)$/.exec(directive)?.[1]?.split(/[,\s]+/) ?? [];

interface Names {
  /** At the top level, imports included. */
  readonly declared: ReadonlySet<string>;
  /** Those of them that are no imports: name to `type ` or nothing. */
  readonly own: ReadonlyMap<string, "type " | "">;
  readonly exported: ReadonlySet<string>;
  /** Name to a statement that imports it alone. */
  readonly imported: ReadonlyMap<string, string>;
  readonly used: ReadonlySet<string>;
}

function namesOf(code: string): Names {
  const source = ts.createSourceFile("block.ts", code, ts.ScriptTarget.Latest, true);
  const own = new Map<string, "type " | "">();
  const exported = new Set<string>();
  const imported = new Map<string, string>();
  const used = new Set<string>();
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement)) {
      for (const [name, text] of importedBy(statement, source)) imported.set(name, text);
    }
    const isType = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
    const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
    const isExported = modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
    for (const name of declaredBy(statement)) {
      own.set(name, isType ? "type " : "");
      if (isExported) exported.add(name);
    }
  }
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && !isMemberName(node)) used.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { declared: new Set([...own.keys(), ...imported.keys()]), own, exported, imported, used };
}

function declaredBy(statement: ts.Statement): string[] {
  const bound = (name: ts.BindingName): string[] =>
    ts.isIdentifier(name)
      ? [name.text]
      : name.elements.flatMap((element) => (ts.isBindingElement(element) ? bound(element.name) : []));
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => bound(name));
  }
  const named =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement);
  return named && statement.name !== undefined ? [statement.name.text] : [];
}

const isMemberName = (node: ts.Identifier): boolean =>
  (ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) ||
  (ts.isPropertyAssignment(node.parent) && node.parent.name === node) ||
  (ts.isPropertySignature(node.parent) && node.parent.name === node);

function importedBy(statement: ts.ImportDeclaration, source: ts.SourceFile): [string, string][] {
  const clause = statement.importClause;
  if (clause === undefined) return [];
  const from = statement.moduleSpecifier.getText(source);
  const word = clause.phaseModifier === ts.SyntaxKind.TypeKeyword ? "import type" : "import";
  const found: [string, string][] = [];
  if (clause.name !== undefined) found.push([clause.name.text, `${word} ${clause.name.text} from ${from};`]);
  const bindings = clause.namedBindings;
  if (bindings !== undefined && ts.isNamespaceImport(bindings)) {
    found.push([bindings.name.text, `${word} ${bindings.getText(source)} from ${from};`]);
  } else if (bindings !== undefined) {
    for (const element of bindings.elements) {
      found.push([element.name.text, `${word} { ${element.getText(source)} } from ${from};`]);
    }
  }
  return found;
}

/** What the compiler has against them, at the lines of the documents. */
export function compile({ modules, config }: Modules): Finding[] {
  const { config: read } = ts.readConfigFile(config, (path) => readFileSync(path, "utf8"));
  const { options } = ts.parseJsonConfigFileContent(read, ts.sys, join(config, ".."));
  // At run time a path leads to a program, here to its types.
  const paths = Object.entries(options.paths ?? {}).map(
    ([name, targets]) => [name, targets.map((target) => target.replace(/\.js$/, ".d.ts"))] as const,
  );
  const files = new Map(modules.map((module) => [module.file, module.block]));
  const program = ts.createProgram([...files.keys()], { ...options, paths: Object.fromEntries(paths) });
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, " ");
    const { file, start } = diagnostic;
    const block = file && files.get(file.fileName);
    if (file === undefined || block === undefined || start === undefined) {
      return { path: file === undefined ? "" : relative(place, file.fileName), line: 0, text };
    }
    const { line } = file.getLineAndCharacterOfPosition(start);
    return { path: block.path, line: block.line + line, text: `TS${diagnostic.code}: ${text}` };
  });
}

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { root, type Block, type Finding } from "./documents.js";

/** A block that became a file of its own. */
export interface Module {
  readonly block: Block;
  readonly file: string;
}

/** Blocks as files in a folder of their own, inside the project so that its packages resolve. */
export interface Modules {
  readonly modules: readonly Module[];
  /** The configuration that they are compiled and run by. */
  readonly config: string;
  readonly remove: () => void;
}

const preludes = join(root, "test/docs/prelude");

export const isTypeScript = ({ language }: Block): boolean => language === "ts" || language === "js";

export function writeModules(blocks: readonly Block[]): Modules {
  const parent = join(root, "test/docs/.blocks");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(`${parent}/`);
  const importsOf = new Map<string, Map<string, string>>();
  const modules = blocks.filter(isTypeScript).map((block) => {
    const earlier = importsOf.get(block.path) ?? new Map<string, string>();
    importsOf.set(block.path, earlier);
    const file = join(folder, `${block.path.replaceAll("/", "-")}-${block.line}.ts`);
    writeFileSync(file, complete(block, earlier, folder));
    return { block, file };
  });
  const config = join(folder, "tsconfig.json");
  writeFileSync(config, JSON.stringify(configuration(folder)));
  return { modules, config, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** As strict as the sources; but a fragment need not use all that it declares. */
function configuration(folder: string): object {
  const read = ts.readConfigFile(join(root, "tsconfig.json"), (path) => readFileSync(path, "utf8"));
  const { compilerOptions } = read.config as { compilerOptions: { paths: Record<string, string[]> } };
  const paths = Object.entries(compilerOptions.paths).map(
    ([name, targets]) => [name, targets.map((target) => join(root, target))] as const,
  );
  return {
    extends: relative(folder, join(root, "tsconfig.json")),
    compilerOptions: {
      noUnusedLocals: false,
      noUnusedParameters: false,
      // The documents say `redis`, the package that people know; here its core is enough.
      paths: {
        ...Object.fromEntries(paths),
        redis: [join(root, "node_modules/@redis/client/dist/index.js")],
      },
    },
    include: ["*.ts"],
  };
}

/** The code, with an import of what it uses and does not declare, on the same line, so that line numbers hold. */
function complete(block: Block, earlier: Map<string, string>, folder: string): string {
  const { declared, imported, used } = namesOf(block.code);
  const missing = new Set([...used].filter((name) => !declared.has(name)));
  const statements: string[] = [];
  for (const name of missing) {
    const statement = earlier.get(name);
    if (statement === undefined) continue;
    statements.push(statement);
    missing.delete(name);
  }
  for (const prelude of [...block.directives.flatMap(preludeOf), "common"]) {
    const file = join(preludes, `${prelude}.ts`);
    if (!existsSync(file))
      throw new Error(`${block.path}:${block.line} asks for a prelude "${prelude}" that is not there`);
    const offered = exportsOf(readFileSync(file, "utf8"));
    const names = [...missing].filter((name) => offered.has(name));
    if (names.length === 0) continue;
    for (const name of names) missing.delete(name);
    const from = JSON.stringify(relative(folder, file).replace(/\.ts$/, ".js"));
    statements.push(
      `import { ${names.map((name) => `${offered.get(name)}${name}`).join(", ")} } from ${from};`,
    );
  }
  for (const [name, statement] of imported) earlier.set(name, statement);
  return `${statements.join(" ")}${block.code}\nexport {};\n`;
}

const preludeOf = (directive: string): string[] => /^with (.+)$/.exec(directive)?.[1]?.split(/[,\s]+/) ?? [];

/** What a prelude exports: name to `type ` or nothing. */
function exportsOf(code: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, kind, name = ""] of code.matchAll(
    /^export (?:declare )?(?:async )?(const|let|function|class|type|interface) (\w+)/gm,
  )) {
    found.set(name, kind === "type" || kind === "interface" ? "type " : "");
  }
  return found;
}

interface Names {
  readonly declared: ReadonlySet<string>;
  /** Name to a statement that imports it alone. */
  readonly imported: ReadonlyMap<string, string>;
  readonly used: ReadonlySet<string>;
}

function namesOf(code: string): Names {
  const source = ts.createSourceFile("block.ts", code, ts.ScriptTarget.Latest, true);
  const declared = new Set<string>();
  const imported = new Map<string, string>();
  const used = new Set<string>();
  const declare = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) declared.add(name.text);
    else for (const element of name.elements) if (ts.isBindingElement(element)) declare(element.name);
  };
  for (const statement of source.statements) {
    if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations) declare(name);
    } else if (ts.isImportDeclaration(statement)) {
      for (const [name, text] of importedBy(statement, source)) {
        declared.add(name);
        imported.set(name, text);
      }
    } else if (
      ts.isFunctionDeclaration(statement) ||
      ts.isClassDeclaration(statement) ||
      ts.isInterfaceDeclaration(statement) ||
      ts.isTypeAliasDeclaration(statement)
    ) {
      if (statement.name !== undefined) declared.add(statement.name.text);
    }
  }
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && !isMemberName(node)) used.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { declared, imported, used };
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
      return { path: file === undefined ? "" : relative(root, file.fileName), line: 0, text };
    }
    const { line } = file.getLineAndCharacterOfPosition(start);
    return { path: block.path, line: block.line + line, text: `TS${diagnostic.code}: ${text}` };
  });
}

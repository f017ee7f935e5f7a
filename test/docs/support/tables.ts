import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { root, takeApart, type Document, type Finding } from "./documents.js";

interface Table {
  readonly line: number;
  readonly type: string;
  readonly entry: string;
  readonly names: readonly string[];
}

let read: ReturnType<typeof readTypes> | undefined;

/** Tables that list the members of an exported type, and the members that they miss or made up. */
export function checkTables(documents: readonly Document[]): Finding[] {
  const tables = documents.flatMap((document) => tablesOf(document).map((table) => ({ document, table })));
  read ??= readTypes();
  const members = read;
  return tables.flatMap(({ document, table }) => {
    const wrong = (text: string): Finding => ({ path: document.path, line: table.line, text });
    const known = members(table.type, table.entry);
    if (known === undefined) return [wrong(`${table.entry} exports no type ${table.type} with members`)];
    const missing = known.filter((name) => !table.names.includes(name));
    const unknown = table.names.filter((name) => !known.includes(name));
    return [
      ...missing.map((name) => wrong(`the table of ${table.type} misses \`${name}\``)),
      ...unknown.map((name) => wrong(`the table of ${table.type} has \`${name}\`, which the type has not`)),
    ];
  });
}

function tablesOf(document: Document): Table[] {
  const tables: Table[] = [];
  const { prose } = takeApart(document);
  for (const [index, { line, directives }] of prose.entries()) {
    for (const directive of directives) {
      const [, type, entry] = /^table of (\w+|exports \S+) in (\S+)$/.exec(directive) ?? [];
      if (type === undefined || entry === undefined) continue;
      const start = prose.slice(index).findIndex(({ text }) => text.startsWith("|"));
      const rest = prose.slice(index + start);
      const end = rest.findIndex(({ text }) => !text.startsWith("|"));
      const rows = rest.slice(2, end === -1 ? undefined : end);
      const names = rows.flatMap(({ text }) => {
        const cell = text.split("|")[1] ?? "";
        return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
      });
      tables.push({ line, type, entry, names });
    }
  }
  return tables;
}

/** The members of exported types, by the compiler: an interface's properties, or the literals of a union. */
function readTypes(): (type: string, entry: string) => string[] | undefined {
  const config = ts.readConfigFile(join(root, "tsconfig.json"), (path) => readFileSync(path, "utf8"));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const entries = new Map(
    Object.entries(options.paths ?? {}).map(([name, [target = ""]]) => [name, join(root, target)]),
  );
  const program = ts.createProgram([...entries.values()], options);
  const checker = program.getTypeChecker();
  return (type, entry) => {
    const source = program.getSourceFile(entries.get(entry) ?? "");
    const module = source && checker.getSymbolAtLocation(source);
    const exports = module === undefined ? [] : checker.getExportsOfModule(module);
    const pattern = /^exports (.+)$/.exec(type)?.[1];
    if (pattern !== undefined) {
      const matching = new RegExp(`^${pattern}$`);
      return exports.map(({ name }) => name).filter((name) => matching.test(name));
    }
    const exported = exports.find(({ name }) => name === type);
    if (exported === undefined) return undefined;
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const declared = checker.getDeclaredTypeOfSymbol(symbol);
    if (declared.isUnion()) {
      const literals = declared.types.filter((one) => one.isStringLiteral()).map((one) => one.value);
      return literals.length > 0 ? literals : undefined;
    }
    const properties = declared.getProperties().map(({ name }) => name);
    return properties.length > 0 ? properties : undefined;
  };
}

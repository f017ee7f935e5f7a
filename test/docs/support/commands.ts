import { existsSync, readFileSync } from "node:fs";
import { root, takeApart, type Document, type Finding } from "./documents.js";

interface PackageFile {
  readonly name: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export const packageFile = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as PackageFile;

/** One command of a shell block. */
export interface Command {
  readonly path: string;
  readonly line: number;
  /** Without its comment. */
  readonly text: string;
  readonly directives: readonly string[];
}

/** The commands of all shell blocks: lines that end in a backslash are joined, `&&` takes them apart. */
export function commandsOf(document: Document): Command[] {
  return takeApart(document)
    .blocks.filter(({ language }) => language === "sh")
    .flatMap(({ path, line, code, directives }) => {
      const joined = code.replaceAll("\\\n", " ");
      return joined.split("\n").flatMap((text, index) =>
        withoutComment(text)
          .split("&&")
          .map((part) => part.trim())
          .filter((part) => part !== "")
          .map((part) => ({ path, line: line + index, text: part, directives })),
      );
    });
}

const withoutComment = (text: string): string => text.replace(/(?:^|\s)#.*$/, "");

/** Packages that a document may tell people to install: ours, and the ones that people know by another name. */
const installable = (name: string): boolean =>
  name === packageFile.name ||
  name === "redis" ||
  [packageFile.dependencies, packageFile.devDependencies, packageFile.peerDependencies ?? {}].some((list) =>
    Object.hasOwn(list, name),
  );

/** Commands that promise what is not there: scripts, files, packages. */
export function checkCommands(documents: readonly Document[]): Finding[] {
  return documents.flatMap((document) => {
    const findings: Finding[] = [];
    const wrong = (line: number, text: string): void =>
      void findings.push({ path: document.path, line, text });
    const script = (name: string, line: number): void => {
      if (!Object.hasOwn(packageFile.scripts, name)) wrong(line, `package.json has no script "${name}"`);
    };
    for (const { line, text } of takeApart(document).prose) {
      for (const [, name = ""] of text.matchAll(/`npm run ([\w:-]+)/g)) script(name, line);
      for (const [, name = ""] of text.matchAll(/`npm (start|test)\b/g)) script(name, line);
      for (const [, file = ""] of text.matchAll(/`npx tsx (?!-)([\w./-]+)/g)) {
        if (!existsSync(`${root}${file}`)) wrong(line, `there is no ${file} to run`);
      }
    }
    for (const { line, text } of commandsOf(document)) {
      const named = /^npm (?:run )?(start|test)\b|^npm run ([\w:-]+)/.exec(text);
      if (named !== null) script(named[1] ?? named[2] ?? "", line);
      const file = /^(?:npx tsx|node(?: --import tsx)?) ([\w./-]+\.[cm]?[jt]s)\b/.exec(text)?.[1];
      if (file !== undefined && file.includes("/") && !existsSync(`${root}${file}`)) {
        wrong(line, `there is no ${file} to run`);
      }
      const packages = /^npm (?:install|i|add)\s+(.+)$/.exec(text)?.[1] ?? "";
      for (const one of packages.split(/\s+/).filter((part) => part !== "" && !part.startsWith("-"))) {
        const name = one.replace(/(?<=.)@[^/]*$/, "");
        if (!installable(name)) wrong(line, `this package knows no ${name}`);
      }
    }
    return findings;
  });
}

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * Where programs and commands are run: here, against the sources, or in a project that the packed tarball is installed in
 * (`npm run package:try`).
 */
export const installed = process.env["UPVEST_TEST_INSTALLED"];
export const place = installed === undefined ? root : `${installed}/`;

export interface Document {
  /** Relative to the root, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** Where something is wrong, in words for whoever has to mend it. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

export const told = (findings: readonly Finding[]): string[] =>
  findings.map(({ path, line, text }) => `${path}:${line} ${text}`);

/** A fenced block of code. */
export interface Block {
  readonly path: string;
  /** Of the first line of code, from 1. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
  /** What the comments right before it say, without `docs:`. */
  readonly directives: readonly string[];
}

/** All Markdown files of the project. What tools write is left out. */
export function readDocuments(): Document[] {
  const skipped = new Set(["node_modules", "dist", "coverage"]);
  const walk = (folder: string): string[] =>
    readdirSync(`${root}${folder}`, { withFileTypes: true }).flatMap((entry) => {
      const path = `${folder}${entry.name}`;
      if (entry.isDirectory()) {
        return skipped.has(entry.name) ||
          (entry.name.startsWith(".") && entry.name !== ".github") ||
          path === "docs/api"
          ? []
          : walk(`${path}/`);
      }
      return entry.name.endsWith(".md") ? [path] : [];
    });
  return walk("").map((path) => ({ path, text: readFileSync(`${root}${path}`, "utf8") }));
}

/** A line of a document outside of blocks, with the directives that stand right before it. */
export interface ProseLine {
  readonly line: number;
  readonly text: string;
  readonly directives: readonly string[];
}

/** Takes a document apart into its blocks and the lines around them. */
export function takeApart({ path, text }: Document): {
  readonly blocks: Block[];
  readonly prose: ProseLine[];
} {
  const blocks: Block[] = [];
  const prose: ProseLine[] = [];
  let directives: string[] = [];
  let open: { fence: string; indent: number; language: string; line: number; code: string[] } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    if (open !== undefined) {
      if (line.trim() === open.fence) {
        const { language, line: first, code } = open;
        blocks.push({ path, line: first, language, code: code.join("\n"), directives });
        directives = [];
        open = undefined;
      } else {
        open.code.push(line.slice(Math.min(open.indent, line.length - line.trimStart().length)));
      }
      continue;
    }
    const fence = /^(\s*)(`{3,})\s*([\w-]*)\s*$/.exec(line);
    const directive = /^\s*<!--\s*docs:\s*(.+?)\s*-->\s*$/.exec(line);
    if (fence !== null) {
      const [, indent = "", ticks = "", language = ""] = fence;
      open = { fence: ticks, indent: indent.length, language, line: index + 2, code: [] };
    } else if (directive?.[1] !== undefined) {
      directives.push(directive[1]);
    } else {
      const blank = line.trim() === "";
      prose.push({ line: index + 1, text: line, directives: blank ? [] : directives });
      if (!blank) directives = [];
    }
  }
  if (open !== undefined) throw new Error(`${path}:${open.line} is in a block that nothing closes`);
  return { blocks, prose };
}

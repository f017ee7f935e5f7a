import type { Rolldown } from "tsdown";

/** Characters after which a line ends, as soon as it can. */
const LINE = 200;

/**
 * Breaks minified code into lines: of an error that nobody catches Node prints the line, and all of a file is no help.
 * esbuild breaks lines too, but what it minifies makes the tarball 3 kB larger; this costs the line ends.
 */
export function shortLines(): Rolldown.Plugin {
  return {
    name: "short-lines",
    // At the end, when the bundler has minified it.
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === "chunk") chunk.code = broken(chunk.code, startsIn(this.parse(chunk.code)));
      }
    },
  };
}

/** Where the nodes of a syntax tree start, but for the text of templates. */
function startsIn(tree: unknown): readonly number[] {
  if (typeof tree !== "object" || tree === null) return [];
  const starts = Object.values(tree).flatMap(startsIn);
  if (!("type" in tree && "start" in tree) || tree.type === "TemplateElement") return starts;
  return typeof tree.start === "number" ? [tree.start, ...starts] : starts;
}

/** Before a node, where these stand before it, a line may end whatever the node is. */
const BEFORE = ",;{}([";

function broken(code: string, starts: readonly number[]): string {
  const ends: number[] = [];
  for (const start of starts.toSorted((a, b) => a - b)) {
    // Templates have line ends of their own.
    const line = Math.max(ends.at(-1) ?? 0, code.lastIndexOf("\n", start - 1) + 1);
    if (start - line >= LINE && BEFORE.includes(code.charAt(start - 1))) ends.push(start);
  }
  return [0, ...ends].map((start, index) => code.slice(start, ends[index])).join("\n");
}

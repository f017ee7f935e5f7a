/**
 * Puts the inspector's page into a module: npm run inspector:page
 *
 * The page is HTML, CSS and TypeScript in src/inspector/page/; what the package carries are their texts, made small.
 * With --check nothing is written, and it fails where the module is not what the page makes.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const source = (name: string): string => fileURLToPath(new URL(`../src/inspector/${name}`, import.meta.url));

/** Bytes of the page as gzip makes them: the tarball has a budget. */
const BUDGET = 12_000;

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [source(`page/${entry}`)],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
  });
  return outputFiles[0]?.text.trimEnd() ?? "";
}

const html = (await readFile(source("page/index.html"), "utf8")).trimEnd();
const [css, js] = [await bundle("style.css"), await bundle("main.ts")];
const text = `// Made by \`npm run inspector:page\` from page/. Do not edit.

export const page = {
  html: ${JSON.stringify(html)},
  css: ${JSON.stringify(css)},
  js: ${JSON.stringify(js)},
} as const;
`;

const size = gzipSync(html + css + js).length;
const target = source("page-files.ts");
if (size > BUDGET) {
  console.error(`The inspector's page is ${size} bytes gzipped; at most ${BUDGET} are wanted.`);
  process.exitCode = 1;
} else if (!process.argv.includes("--check")) {
  await writeFile(target, text);
  console.log(`src/inspector/page-files.ts: ${size} bytes gzipped`);
} else if ((await readFile(target, "utf8").catch(() => "")) !== text) {
  console.error(
    "src/inspector/page-files.ts is not what page/ makes. Run `npm run inspector:page`, and commit it.",
  );
  process.exitCode = 1;
}

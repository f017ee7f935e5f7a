import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { checkCommands } from "./support/commands.js";
import { readDocuments, root, told } from "./support/documents.js";
import { checkLinks } from "./support/links.js";
import { checkTables } from "./support/tables.js";

const documents = readDocuments();

it("links, anchors and paths in the documents lead somewhere", () => {
  expect(told(checkLinks(documents))).toEqual([]);
});

it("commands in the documents exist", () => {
  expect(told(checkCommands(documents))).toEqual([]);
});

it("tables of options and codes list all that the types have, and nothing else", { timeout: 60_000 }, () => {
  expect(told(checkTables(documents))).toEqual([]);
});

it("the API reference is made of every entry of the package", () => {
  const read = (file: string): unknown => JSON.parse(readFileSync(`${root}${file}`, "utf8"));
  const { entryPoints } = read("typedoc.json") as { readonly entryPoints: readonly string[] };
  const { compilerOptions } = read("tsconfig.json") as {
    readonly compilerOptions: { readonly paths: Readonly<Record<string, readonly string[]>> };
  };
  const entries = Object.values(compilerOptions.paths).map(([path = ""]) => path.replace("./", ""));
  expect(entryPoints.toSorted()).toEqual(entries.toSorted());
});

it("docs/README.md lists every guide", () => {
  const index = documents.find(({ path }) => path === "docs/README.md")?.text ?? "";
  const guides = documents.map(({ path }) => path).filter((path) => /^docs\/(?!README)[^/]+$/.test(path));
  expect(guides.length).toBeGreaterThan(4);
  expect(guides.filter((path) => !index.includes(`](${path.slice("docs/".length)})`))).toEqual([]);
});

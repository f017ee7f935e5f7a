import { expect, it } from "vitest";
import { checkCommands } from "./support/commands.js";
import { readDocuments, told } from "./support/documents.js";
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

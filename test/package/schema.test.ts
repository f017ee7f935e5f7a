/** The published declarations are the generated ones, in another order. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { compact } from "../../scripts/build/schema-apart.js";

const generated = readFileSync(
  fileURLToPath(new URL("../../generated/schema.d.ts", import.meta.url)),
  "utf8",
);
const sorted = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .toSorted();

it("no line of the declarations is lost, none is there twice", () => {
  expect(sorted(compact(generated))).toEqual(sorted(generated));
});

it("each type keeps its text, and types of one thing lie side by side", () => {
  const model = (name: string): string =>
    `/** About ${name}. */\nexport interface ${name} {\n    id: string;\n}\n`;
  const list = "/** All. */\nexport type CreateUserRequest = string | number;\n";
  const paths = "export interface paths {\n    /** Kept. */\n    a: 1;\n}\n";
  const head = "// Generated.\n\n";
  const flat = (text: string): string => text.replaceAll("    ", "");
  expect(compact(head + list + model("Order") + model("User") + paths)).toBe(
    flat(head + model("Order") + list + model("User") + paths),
  );
});

it("declarations of another shape are refused", () => {
  expect(() => compact("export type Id = string;\n")).toThrow("not models and then paths");
});

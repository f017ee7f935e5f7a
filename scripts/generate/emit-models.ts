/** `generated/models.ts`: the named types, for users to import. */
export function emitModels(names: readonly string[]): string {
  if (names.length === 0) return "export {};\n";
  return `export type {\n${names.map((name) => `  ${name},\n`).join("")}} from "./schema.js";\n`;
}

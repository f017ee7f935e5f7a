import type { Rolldown } from "tsdown";

const GENERATED = /generated\/(?:schema|models)\.js$/;
const APART = "./schema.js";

/**
 * Leaves the generated types in the file that they were generated into, for all entries to share: three lists of some two
 * hundred names each would otherwise stand in the declarations, and be read by every compiler.
 */
export function schemaApart(text: () => string): Rolldown.Plugin {
  return {
    name: "schema-apart",
    resolveId: {
      order: "pre",
      handler: (source) =>
        GENERATED.test(source) || source === APART ? { id: APART, external: true } : undefined,
    },
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "cjs/schema.d.ts", source: compact(text()) });
    },
  };
}

/** What begins or ends the names of types around what they are about. */
const AROUND = /^(?:List|Create|Update|Cancel|Get)|(?:Request|Response|Event)+$/g;

const about = (model: string): string => (/^export \w+ (\w+)/m.exec(model)?.[1] ?? "").replaceAll(AROUND, "");

/**
 * The same declarations and texts in the order and form that compress best: types of one thing side by side, for gzip looks
 * back 32 kB, and nothing indented, for editors show a type as they format it.
 */
export function compact(declarations: string): string {
  const start = declarations.search(/^\/\*\*|^export /m);
  const end = declarations.search(/^export interface paths /m);
  if (start < 0 || end < start) throw new Error("schema.d.ts: not models and then paths");
  const models = declarations
    .slice(start, end)
    .split(/(?<=^\}\n|^export type [^{]*;\n)/m)
    .map((model) => ({ model, key: about(model) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ model }) => model);
  return (declarations.slice(0, start) + models.join("") + declarations.slice(end)).replaceAll(/^ +/gm, "");
}

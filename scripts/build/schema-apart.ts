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
      this.emitFile({ type: "asset", fileName: "cjs/schema.d.ts", source: text() });
    },
  };
}

import type { Rolldown } from "tsdown";

/**
 * The ESM side of what exists once, as CommonJS: a file that hands on the names. Declarations are always that; of the code
 * it is what nobody bundles and so needs no tree-shaking.
 */
export function esmDoors(kind: "declarations" | "code", entries: readonly string[]): Rolldown.Plugin {
  return {
    name: `esm-doors-${kind}`,
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== "chunk" || !chunk.isEntry) continue;
        const name = chunk.name.replace(/\.d$/, "");
        if (!entries.includes(name)) continue;
        const [extension, names] =
          kind === "declarations" ? ["d.ts", "*"] : ["js", `{ ${chunk.exports.toSorted().join(", ")} }`];
        const source = `export ${names} from "../cjs/${name}.js";\n`;
        this.emitFile({ type: "asset", fileName: `esm/${name}.${extension}`, source });
      }
    },
  };
}

/** Tells Node that the files in `cjs` are CommonJS, in a package that is ESM. */
export function cjsMarker(): Rolldown.Plugin {
  return {
    name: "cjs-marker",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "cjs/package.json", source: '{ "type": "commonjs" }\n' });
    },
  };
}

import { transform } from "esbuild";
import type { Rolldown } from "tsdown";

/** They were generated, and nobody reads them. */
export function validatorsMinified(): Rolldown.Plugin {
  return {
    name: "validators-minified",
    // At the end: the bundler writes each chunk in its own way after the plug-ins have rendered it.
    async generateBundle(_, bundle) {
      const chunk = Object.values(bundle).find(({ fileName }) => fileName.endsWith("/validators.js"));
      if (chunk?.type !== "chunk") throw new Error("validators.js was not built");
      chunk.code = (await transform(chunk.code, { minify: true, target: "es2022" })).code;
    },
  };
}

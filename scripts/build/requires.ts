import type { Rolldown } from "tsdown";

/**
 * Lets CommonJS load by `require` what it loads when it is wanted: Jest and others that run code in a context of their own
 * know no `import()` there. ESM alone, as `@noble/ed25519` is, can be required in every Node that is supported.
 *
 * The bundler's `dynamicImportInCjs` does it too, but with a helper and a file for that; the names are all that is used here.
 */
export function requires(): Rolldown.Plugin {
  return {
    name: "requires",
    renderChunk: (code) => code.replaceAll(/\bimport\((?=["\w$])/g, "require("),
  };
}

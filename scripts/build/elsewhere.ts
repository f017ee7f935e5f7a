import type { Rolldown } from "tsdown";

/**
 * Takes a module from the file that another build makes of it instead of building it again: for what is so long that gzip
 * would not find it twice, and for what tools share with the client.
 */
export function elsewhere(module: RegExp, file: string, form: "cjs" | "esm" = "cjs"): Rolldown.Plugin {
  return {
    name: `elsewhere-${file}`,
    resolveId: {
      order: "pre",
      handler: (source) =>
        module.test(source) ? { id: `../${form}/${file}.js`, external: true } : undefined,
    },
  };
}

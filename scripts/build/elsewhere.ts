import type { Rolldown } from "tsdown";

/**
 * Takes a module from its file in `cjs` instead of building it again: for what is mostly data, loaded when it is wanted, and
 * so long that gzip would not find it twice.
 */
export function elsewhere(module: RegExp, file: string): Rolldown.Plugin {
  return {
    name: `elsewhere-${file}`,
    resolveId: {
      order: "pre",
      handler: (source) => (module.test(source) ? { id: `../cjs/${file}.js`, external: true } : undefined),
    },
  };
}

import { relative } from "node:path";
import { fileURLToPath } from "node:url";

/** A path inside the project, from the directory the command was called in. */
export const inProject = (path: string): string =>
  relative(process.cwd(), fileURLToPath(new URL(`../../${path}`, import.meta.url))) || ".";

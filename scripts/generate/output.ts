import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BANNER_START } from "./banner.js";

export interface Drift {
  readonly file: string;
  readonly state: "missing" | "drifted" | "extra";
}

/** How what is in `directory` differs from `files`, in the order of the names; empty when it does not. */
export async function compareWith(directory: string, files: ReadonlyMap<string, string>): Promise<Drift[]> {
  const drift: Drift[] = [];
  const present = await filesIn(directory);
  for (const [file, text] of files) {
    if (!present.includes(file)) drift.push({ file, state: "missing" });
    else if ((await readFile(join(directory, file), "utf8")) !== text) drift.push({ file, state: "drifted" });
  }
  for (const file of present) if (!files.has(file)) drift.push({ file, state: "extra" });
  return drift.toSorted((a, b) => (a.file < b.file ? -1 : 1));
}

/**
 * Writes `files` into `directory`. All are written beside their places first and moved in at the end, so that a disk that is
 * full leaves what was there. Files of an earlier run that are no longer generated are removed.
 */
export async function write(directory: string, files: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(directory, { recursive: true });
  const temporary = (file: string): string => join(directory, `.${file}.${process.pid}.tmp`);
  try {
    for (const [file, text] of files) await writeFile(temporary(file), text);
    for (const file of files.keys()) await rename(temporary(file), join(directory, file));
  } finally {
    for (const file of files.keys()) await rm(temporary(file), { force: true });
  }
  for (const file of await filesIn(directory)) {
    if (files.has(file)) continue;
    const text = await readFile(join(directory, file), "utf8");
    if (text.startsWith(BANNER_START)) await rm(join(directory, file));
  }
}

async function filesIn(directory: string): Promise<string[]> {
  try {
    const found = await readdir(directory, { withFileTypes: true });
    return found.filter((entry) => entry.isFile()).map((entry) => entry.name);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

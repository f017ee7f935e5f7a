import { constants } from "node:fs";
import { access, open, rename, rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { CliError } from "./exit-codes.js";

/** @throws CliError where the file is there already, or cannot be made where it should be */
export async function requireFree(file: string, force: boolean): Promise<void> {
  await access(dirname(file), constants.W_OK).catch((error: Error) => {
    throw new CliError(`${file} cannot be written: ${error.message}`);
  });
  const taken = await access(file).then(
    () => true,
    () => false,
  );
  if (taken && !force)
    throw new CliError(`${file} is there already: name another with --out, or say --force`);
}

/**
 * Writes a new file that only its owner can read (or, with `mode` 644, anyone). It never passes through a state in which
 * others could: it is made with its mode, and replaces an old one by a rename.
 */
export async function writeNew(
  file: string,
  text: string,
  { mode, force }: { readonly mode: 0o600 | 0o644; readonly force: boolean },
): Promise<void> {
  const target = force ? join(dirname(file), `.${randomUUID()}.tmp`) : file;
  try {
    // O_EXCL: nor does it follow a link that somebody has laid there.
    const handle = await open(target, "wx", mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (force) await rename(target, file);
  } catch (error) {
    if (force) await rm(target, { force: true });
    throw new CliError(`${file} cannot be written: ${error instanceof Error ? error.message : "unknown"}`);
  }
}

/** Moves the package to another description: everything is made first, and put in place at the end. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { BANNER_START } from "../generate/banner.js";
import { generate } from "../generate/generate.js";
import { compareWith } from "../generate/output.js";
import { addToChangelog, entriesOf } from "./changelog.js";
import { readDescription } from "./description.js";
import { diff, type Diff } from "./diff.js";
import type { Obtained } from "./obtain.js";
import { putInPlace } from "./put-in-place.js";

/** Where everything is. */
export interface Places {
  readonly spec: string;
  readonly overlay: string;
  /** The directory of the generated files. */
  readonly generated: string;
  readonly changelog: string;
}

export interface Updated {
  readonly diff: Diff;
  /** The files that were written or removed; empty when all was as it should be. */
  readonly files: readonly string[];
}

/** Throws, with nothing changed, where the new description cannot be used or something cannot be written. */
export async function update({ text, source }: Obtained, places: Places): Promise<Updated> {
  const directory = await mkdtemp(join(tmpdir(), "upvest-spec-"));
  const candidate = join(directory, basename(places.spec));
  try {
    await writeFile(candidate, text);
    const found = diff(
      await readDescription(places.spec, places.overlay),
      await readDescription(candidate, places.overlay),
    );
    const placement = await generatedFiles(candidate, places);
    if ((await readIfThere(places.spec)) !== text) {
      placement.set(places.spec, text);
      placement.set(places.changelog, addToChangelog(await readIfThere(places.changelog), entriesOf(found)));
    }
    await putInPlace(placement);
    return { diff: found, files: [...placement.keys()] };
  } catch (error) {
    // The candidate is gone by the time the message is read; where it came from is what helps.
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${message.replaceAll(candidate, source)}\nNothing was changed.`, { cause: error });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The generated files that are not yet as they should be; those of an earlier run that are not made any more shall go. */
async function generatedFiles(
  spec: string,
  { overlay, generated }: Places,
): Promise<Map<string, string | undefined>> {
  const { files } = await generate(spec, overlay);
  const placement = new Map<string, string | undefined>();
  for (const { file, state } of await compareWith(generated, files)) {
    const path = join(generated, file);
    const ours = state !== "extra" || (await readFile(path, "utf8")).startsWith(BANNER_START);
    if (ours) placement.set(path, files.get(file));
  }
  return placement;
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Changes several files at once: all of them, or none. */
import { lstat, mkdir, mkdtemp, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** The new text of each file, by path; `undefined` for a file that shall go. */
export type Placement = ReadonlyMap<string, string | undefined>;

interface Step {
  readonly target: string;
  /** Where the new text waits, beside its place so that moving it is one step of the file system. */
  readonly staged: string | undefined;
  readonly former: Buffer | undefined;
}

/**
 * Everything is written beside its place before the first file is moved, so that a full disk or a missing right shows
 * while nothing has changed yet. Should moving fail half way, what was moved is put back. Throws what went wrong.
 */
export async function putInPlace(placement: Placement): Promise<void> {
  const scratch: string[] = [];
  const done: Step[] = [];
  try {
    const steps: Step[] = [];
    for (const [path, text] of placement) steps.push(await stage(path, text, scratch));
    for (const step of steps) {
      if (step.staged === undefined) await rm(step.target, { force: true });
      else await rename(step.staged, step.target);
      done.push(step);
    }
  } catch (error) {
    const lost = await putAllBack(done);
    if (lost.length === 0) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason}\nThese could not be put back as they were: ${lost.join(", ")}`, {
      cause: error,
    });
  } finally {
    for (const directory of scratch) await rm(directory, { recursive: true, force: true });
  }
}

async function stage(path: string, text: string | undefined, scratch: string[]): Promise<Step> {
  await mkdir(dirname(path), { recursive: true });
  const target = await behindLink(path);
  const former = await contentOf(target);
  if (text === undefined) return { target, staged: undefined, former };
  const directory = await mkdtemp(join(dirname(target), ".spec-"));
  scratch.push(directory);
  const staged = join(directory, basename(target));
  await writeFile(staged, text, { flush: true });
  return { target, staged, former };
}

/** A link stays a link: what it leads to is changed. */
async function behindLink(path: string): Promise<string> {
  try {
    return (await lstat(path)).isSymbolicLink() ? await realpath(path) : path;
  } catch (error) {
    if (isMissing(error)) return path;
    throw error;
  }
}

async function contentOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Gives the files for which that failed. */
async function putAllBack(steps: readonly Step[]): Promise<string[]> {
  const lost: string[] = [];
  for (const { target, former } of steps) {
    try {
      if (former === undefined) await rm(target, { force: true });
      else await writeFile(target, former);
    } catch {
      lost.push(target);
    }
  }
  return lost;
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";

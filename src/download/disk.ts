import type * as NodeFs from "node:fs/promises";
import { UpvestConfigError } from "../base-errors.js";
import { UpvestDownloadError } from "./errors.js";

/** What is used of `node:fs/promises`. */
export type Fs = Pick<
  typeof NodeFs,
  "open" | "rename" | "rm" | "stat" | "lstat" | "readdir" | "copyFile" | "constants"
>;

type Handle = Awaited<ReturnType<Fs["open"]>>;

/** A file that grows under another name until it is whole. */
export interface Part {
  /** Bytes that were there at the start. */
  readonly size: number;
  /** What is there so far. */
  readonly read: () => AsyncIterable<Uint8Array>;
  /** Adds to the end of what is there. */
  readonly add: (bytes: Uint8Array) => Promise<void>;
  /** Makes sure that it is on the disk, and gives it its name in one step. */
  readonly finish: () => Promise<void>;
  /** Lets go of it; what is there is kept for a later download, if there is anything and it has a name to be kept under. */
  readonly leave: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

/** @throws UpvestConfigError where there is no file system */
export function fileSystem(): Fs {
  const fs = globalThis.process?.getBuiltinModule?.("node:fs/promises");
  if (fs !== undefined) return fs;
  throw new UpvestConfigError(
    "this platform has no file system to write to: use openFile, which gives a stream",
  );
}

/** The same for all ways to write a path. */
export const absolute = (path: string): string =>
  globalThis.process?.getBuiltinModule?.("node:path")?.resolve(path) ?? path;

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "there is no space left on the device",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be larger than is allowed",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOENT: "the directory does not exist",
  ENOTDIR: "a part of the path is not a directory",
  EISDIR: "there is a directory of that name",
  ELOOP: "there is a symbolic link in its place",
};

/**
 * What can be seen of a target before anything is asked.
 *
 * @throws UpvestConfigError for what is no path; UpvestDownloadError (`disk`) for a directory, a device or a pipe
 */
export async function checkTarget(fs: Fs, to: unknown): Promise<void> {
  if (typeof to !== "string" || to === "") {
    const found = to === "" ? "empty" : to === null ? "null" : typeof to;
    throw new UpvestConfigError(`to must be the path of the new file, a string; it is ${found}`);
  }
  const there = await fs.stat(to).catch(() => undefined);
  if (there?.isDirectory() === true) {
    const code = "EISDIR";
    throw new UpvestDownloadError("disk", `cannot write ${to}: ${reasons[code]} (${code})`, { code });
  }
  // A device or a pipe would be gone: the new file takes its name. /dev/null is one that root may replace.
  if (there?.isFile() === false) {
    throw new UpvestDownloadError("disk", `cannot write ${to}: a device or a pipe has that name`);
  }
}

/** ms after which a part that nobody has written to is nobody's. */
const FORGOTTEN = 3_600_000;

/**
 * Gives a new part what earlier downloads of the same contents left: `kept`, or what one that was killed, or is still at
 * it, has written so far. That is copied and not taken, since nobody can tell the two apart.
 */
async function takeOver(fs: Fs, kept: string, part: string): Promise<void> {
  const left = await fs.lstat(kept).catch(() => undefined);
  let found = left?.isFile() === true && (await succeeds(fs.rename(kept, part)));
  const [base = ""] = /[^/\\]*$/.exec(kept) ?? [];
  const stem = base.slice(0, -"part".length);
  for (const entry of await fs.readdir(directoryOf(kept)).catch(() => [])) {
    const path = kept.slice(0, -base.length) + entry;
    if (!entry.startsWith(stem) || !/^[0-9a-f]{8}\.part$/.test(entry.slice(stem.length))) continue;
    if (path === part) continue;
    const other = await fs.lstat(path).catch(() => undefined);
    if (other?.isFile() !== true) continue;
    if (!found && other.size > 0) found = await succeeds(fs.copyFile(path, part));
    if (Date.now() - other.mtimeMs > FORGOTTEN) await succeeds(fs.rm(path));
  }
}

const succeeds = (task: Promise<unknown>): Promise<boolean> =>
  task.then(
    () => true,
    () => false,
  );

/**
 * Opens the file that `to` grows in: one of its own beside it, readable by its owner alone, so that nobody else has it open
 * when it gets its name.
 *
 * @param kept the name that it has between two downloads of the same contents; undefined where none could go on with it
 * @param most bytes that one left over may have; a larger one is emptied, and with 0 none is taken over
 * @throws UpvestDownloadError (`disk`), as do all its functions
 */
export async function openPart(fs: Fs, to: string, kept: string | undefined, most: number): Promise<Part> {
  const id = crypto.randomUUID().slice(0, 8);
  const part = `${kept?.slice(0, -".part".length) ?? to}.${id}.part`;
  const onDisk = async <T>(path: string, task: () => Promise<T>): Promise<T> => {
    try {
      return await task();
    } catch (error) {
      const { code } = error as { readonly code?: string };
      // Once it is open, it is the part itself that is missed.
      const gone = made && code === "ENOENT";
      const why = gone
        ? `${part} is gone: somebody has removed it`
        : (reasons[code ?? ""] ?? "the system refuses");
      const stays =
        position > 0 && !gone && kept !== undefined
          ? `. ${position} bytes are kept in ${kept}: a later download goes on from there`
          : "";
      throw new UpvestDownloadError("disk", `cannot write ${path}: ${why} (${code ?? "no code"})${stays}`, {
        code,
      });
    }
  };
  let position = 0;
  let made = false;
  // Not through a symbolic link that somebody else may have put there. Windows has no such flag.
  const { O_RDWR, O_CREAT, O_NOFOLLOW = 0 } = fs.constants as Partial<typeof fs.constants>;
  const flags = (O_RDWR ?? 0) | (O_CREAT ?? 0) | O_NOFOLLOW;
  if (kept !== undefined && most > 0) await takeOver(fs, kept, part);
  const handle = await onDisk(part, () => fs.open(part, flags, 0o600));
  made = true;
  let open = true;
  const close = async (): Promise<void> => {
    if (open) await handle.close();
    open = false;
  };
  try {
    await onDisk(part, async () => {
      // One that was there before may have had any mode.
      await handle.chmod(0o600);
      position = (await handle.stat()).size;
      if (position > most) {
        await handle.truncate(0);
        position = 0;
      }
    });
  } catch (error) {
    await close();
    throw error;
  }
  const size = position;
  const remove = async (): Promise<void> => {
    await close();
    await fs.rm(part, { force: true });
  };
  return {
    size,
    read: () => contents(handle, size),
    add: (bytes) =>
      onDisk(part, async () => {
        for (let done = 0; done < bytes.length;) {
          const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position);
          done += bytesWritten;
          position += bytesWritten;
        }
      }),
    finish: () =>
      onDisk(to, async () => {
        await handle.sync();
        await close();
        await fs.rename(part, to);
        await syncDirectory(fs, to);
      }),
    async leave() {
      if (position === 0 || kept === undefined) return remove();
      await close();
      // Somebody may have removed it.
      await succeeds(fs.rename(part, kept));
    },
    remove,
  };
}

async function* contents(handle: Handle, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  const buffer = new Uint8Array(64 * 1024);
  for (let at = 0; at < size;) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, size - at), at);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

const directoryOf = (path: string): string => {
  const directory = /^(.*)[/\\][^/\\]*$/.exec(path)?.[1];
  return directory === "" ? "/" : (directory ?? ".");
};

/** Until the directory is written, a power cut could take the new name back. Not every system can do it. */
async function syncDirectory(fs: Fs, path: string): Promise<void> {
  try {
    const handle = await fs.open(directoryOf(path), "r");
    await handle.sync().finally(() => handle.close());
  } catch {
    // The bytes are safe and the name is there.
  }
}

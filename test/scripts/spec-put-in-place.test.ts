import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { putInPlace } from "../../scripts/spec/put-in-place.js";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "spec-place-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe("putting files in place", () => {
  const path = (name: string): string => join(directory, name);

  it("changes all or none", async () => {
    await writeFile(path("a"), "old a");
    await writeFile(path("gone"), "old");
    // A directory in the way of the last one: it cannot be replaced by a file.
    await mkdir(join(directory, "c", "full"), { recursive: true });
    const files = new Map([
      [path("a"), "new a"],
      [path("b"), "new b"],
      [path("gone"), undefined],
      [path("c"), "new c"],
    ]);
    await expect(putInPlace(files)).rejects.toThrow(/EISDIR/);
    expect((await readdir(directory)).toSorted()).toEqual(["a", "c", "gone"]);
    expect(await readFile(path("a"), "utf8")).toBe("old a");

    await rm(path("c"), { recursive: true });
    await putInPlace(files);
    expect((await readdir(directory)).toSorted()).toEqual(["a", "b", "c"]);
    expect(await readFile(path("a"), "utf8")).toBe("new a");
  });

  it("puts back what was moved when a later move fails", async () => {
    await writeFile(path("a"), "old a");
    await writeFile(path("gone"), "old");
    // While the last one waits beside its place, that place makes a directory of the one before, which then cannot be a file.
    const files = new Map([
      [path("a"), "new a"],
      [path("b"), "new b"],
      [path("gone"), undefined],
      [path("d"), "new d"],
      [join(path("d"), "x"), "new x"],
    ]);
    await expect(putInPlace(files)).rejects.toThrow(/EISDIR/);
    expect(await readFile(path("a"), "utf8")).toBe("old a");
    expect(await readFile(path("gone"), "utf8")).toBe("old");
    expect((await readdir(directory)).toSorted()).toEqual(["a", "d", "gone"]);
    expect(await readdir(path("d"))).toEqual([]);
  });

  it("keeps a link a link", async () => {
    await writeFile(path("real"), "old");
    await symlink(path("real"), path("link"));
    await putInPlace(new Map([[path("link"), "new"]]));
    expect(await readFile(path("real"), "utf8")).toBe("new");
    expect(
      (await readdir(directory, { withFileTypes: true }))
        .find(({ name }) => name === "link")
        ?.isSymbolicLink(),
    ).toBe(true);
  });

  it.skipIf(process.getuid?.() === 0)("changes nothing where it may not write", async () => {
    await writeFile(path("a"), "old a");
    await chmod(directory, 0o500);
    await expect(putInPlace(new Map([[path("a"), "new a"]]))).rejects.toThrow(/EACCES/);
    await chmod(directory, 0o700);
    expect(await readFile(path("a"), "utf8")).toBe("old a");
  });
});

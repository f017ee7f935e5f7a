import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import {
  chmod,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import * as fs from "node:fs/promises";
import { join, relative } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { UpvestApiError, UpvestConfigError } from "upvest-client";
import {
  downloadFile,
  downloadReport,
  openFile,
  UpvestDownloadError,
  type DownloadFailure,
} from "upvest-client/download";
import { downloadThrough } from "../../src/download/file.js";
import { orderOf } from "../../src/download/options.js";
import { look } from "../support/canary.js";
import { freePort } from "../support/free-port.js";
import { metadataOf, name, sendBytes, setUp, sha256, someBytes, type Setting } from "./support.js";

const bytes = someBytes(300_000);
const whole = () => metadataOf(bytes);
const partName = `list.txt.${sha256(bytes).slice(0, 12)}.part`;
const partOfAnother = `list.txt.${sha256(bytes).slice(0, 12)}.0badf00d.part`;

const download = (setting: Setting, more: object = {}) =>
  downloadFile(setting.client, name, setting.to, { ...setting.options, ...more });

/** The error of a download that must fail, searched for the link. */
async function failure(promise: Promise<unknown>, reason: DownloadFailure): Promise<UpvestDownloadError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  look(error, "the error of a download");
  expect(error).toBeInstanceOf(UpvestDownloadError);
  expect((error as UpvestDownloadError).reason).toBe(reason);
  return error as UpvestDownloadError;
}

describe("a download to the disk", () => {
  it("is the file, whole, for its owner alone, with progress", async () => {
    const setting = await setUp((asked, response) => sendBytes(asked, response, bytes), whole);
    const progress: number[] = [];
    const result = await download(setting, {
      onProgress: ({ bytes: came, total }: { bytes: number; total: number }) => {
        expect(total).toBe(bytes.length);
        progress.push(came);
      },
    });
    look(result, "the result");
    expect(result).toMatchObject({
      path: setting.to,
      bytes: bytes.length,
      resumed: 0,
      checksum: sha256(bytes),
    });
    expect(result.metadata).not.toHaveProperty("signed_url");
    expect(sha256(await readFile(setting.to))).toBe(sha256(bytes));
    expect((await stat(setting.to)).mode & 0o777).toBe(0o600);
    expect(await readdir(setting.directory)).toEqual(["list.txt"]);
    expect(progress.at(-1)).toBe(bytes.length);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  });

  it("tells the storage nothing of the client", async () => {
    const setting = await setUp((asked, response) => sendBytes(asked, response, bytes), whole);
    await download(setting);
    expect(setting.api.calls[0]?.headers).toHaveProperty("authorization");
    const { headers } = setting.storage.asked[0] ?? {};
    for (const [header, value] of Object.entries(headers ?? {})) {
      expect(header).not.toMatch(/^(?:authorization|signature|upvest)/);
      expect(value).not.toMatch(/upvest|ory_at|ebabcf4d/);
    }
    expect(headers?.["accept-encoding"]).toBe("identity");
  });

  it("takes the place of what had the name, only when it is whole", async () => {
    const setting = await setUp(
      (asked, response, nth) => sendBytes(asked, response, bytes, nth < 4 ? { cut: 0 } : {}),
      whole,
    );
    await writeFile(setting.to, "the old one");
    await failure(download(setting), "connection");
    expect(await readFile(setting.to, "utf8")).toBe("the old one");
    await download(setting);
    expect(sha256(await readFile(setting.to))).toBe(sha256(bytes));
  });

  it("may be empty", async () => {
    const nothing = new Uint8Array();
    const setting = await setUp(
      (asked, response) => sendBytes(asked, response, nothing),
      () => metadataOf(nothing),
    );
    expect((await download(setting)).bytes).toBe(0);
    expect(await readFile(setting.to)).toHaveLength(0);
  });
});

describe("a connection that is lost", () => {
  it("is taken up where it was cut, with a new link and for the same version", async () => {
    const setting = await setUp(
      (asked, response, nth) => sendBytes(asked, response, bytes, nth < 2 ? { cut: 100_000 } : {}),
      whole,
    );
    await download(setting);
    expect(sha256(await readFile(setting.to))).toBe(sha256(bytes));
    const { asked } = setting.storage;
    expect(asked.map(({ headers }) => headers["if-range"])).toEqual([undefined, '"v1"', '"v1"']);
    expect(asked[0]?.headers).not.toHaveProperty("range");
    expect(asked[2]?.headers.range).toMatch(/^bytes=\d+-$/);
    expect(new Set(asked.map(({ url }) => url)).size).toBe(3);
  });

  it("is begun anew by a storage that knows no ranges", async () => {
    const setting = await setUp(
      (asked, response, nth) =>
        sendBytes(asked, response, bytes, { ranges: false, ...(nth === 0 && { cut: 100_000 }) }),
      whole,
    );
    await download(setting);
    expect(sha256(await readFile(setting.to))).toBe(sha256(bytes));
  });

  it("is taken up by a later download", async () => {
    const setting = await setUp(
      (asked, response, nth) => sendBytes(asked, response, bytes, nth === 0 ? { cut: 120_000 } : {}),
      whole,
    );
    await failure(download(setting, { retry: { maxAttempts: 1 } }), "connection");
    expect(await readdir(setting.directory)).toEqual([partName]);
    const left = (await stat(join(setting.directory, partName))).size;
    expect(left).toBeGreaterThan(0);
    const result = await download(setting);
    expect(result.resumed).toBe(left);
    expect(setting.storage.asked[1]?.headers.range).toBe(`bytes=${left}-`);
    expect(sha256(await readFile(setting.to))).toBe(sha256(bytes));
    expect(await readdir(setting.directory)).toEqual(["list.txt"]);
  });

  it("is given up after so many failures in a row", async () => {
    const setting = await setUp((asked, response) => sendBytes(asked, response, bytes, { cut: 0 }), whole);
    const error = await failure(download(setting, { retry: { maxAttempts: 3, baseDelay: 0 } }), "connection");
    expect(error.message).toContain("booking_references/list.txt: the storage at 127.0.0.1");
    expect(setting.storage.asked).toHaveLength(3);
    expect(await readdir(setting.directory)).toEqual([]);
  });

  it("may also be a silence", async () => {
    // Time stands still but for the silence: a slow machine would be silent in the second answer too.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const setting = await setUp((asked, response, nth) => {
      if (nth > 0) sendBytes(asked, response, bytes);
      // The silence, and the wait of 0 ms after it.
      else void vi.advanceTimersByTimeAsync(31);
    }, whole);
    await download(setting, { timeout: 30 });
    expect(setting.storage.asked).toHaveLength(2);
  });

  it("cannot be made again where nothing listens: the code says why", async () => {
    const port = await freePort();
    const setting = await setUp(
      () => undefined,
      () => ({ ...whole(), signed_url: `http://127.0.0.1:${port}/canary-link` }),
    );
    const error = await failure(download(setting), "connection");
    expect(error.code).toBe("ECONNREFUSED");
    expect(error.message).toContain("(ECONNREFUSED)");
  });
});

describe("a link", () => {
  it("that has expired is asked for again", async () => {
    const setting = await setUp((asked, response, nth) => {
      if (nth === 0) response.writeHead(403).end("ExpiredToken");
      else sendBytes(asked, response, bytes);
    }, whole);
    await download(setting);
    expect(setting.api.calls).toHaveLength(2);
    expect(sha256(await readFile(setting.to))).toBe(sha256(bytes));
  });

  it("that is refused every time ends it, with the status", async () => {
    const setting = await setUp((_, response) => response.writeHead(404).end("NoSuchKey"), whole);
    const error = await failure(download(setting), "storage");
    expect(error.status).toBe(404);
    expect(setting.storage.asked).toHaveLength(4);
  });

  it("that redirects is followed, and the link itself is not shown to the new place", async () => {
    const setting = await setUp((asked, response) => {
      if (asked.url.startsWith("/bucket")) response.writeHead(307, { location: "/elsewhere" }).end();
      else sendBytes(asked, response, bytes);
    }, whole);
    await download(setting);
    expect(setting.storage.asked[1]?.headers.referer).toBeUndefined();
    expect(sha256(await readFile(setting.to))).toBe(sha256(bytes));
  });

  it.each([
    ["to another scheme", "ftp://files.example/list.txt"],
    ["to a file", "file:///etc/passwd"],
    ["out of TLS", "http://storage.example/list.txt"],
    ["to a user's address", "https://user:canary-password@storage.example/"],
    ["nowhere", "http://"],
  ])("that redirects %s is refused", async (_, location) => {
    const setting = await setUp((_asked, response) => response.writeHead(302, { location }).end(), whole);
    await failure(download(setting), "address");
    expect(setting.storage.asked).toHaveLength(1);
    expect(await readdir(setting.directory)).toEqual([]);
  });

  it("that redirects in circles is refused", async () => {
    const setting = await setUp(
      (asked, response) => response.writeHead(302, { location: asked.url }).end(),
      whole,
    );
    await failure(download(setting), "address");
  });

  it.each([
    ["ftp://files.example/canary-link", "address"],
    ["http://storage.example/canary-link", "address"],
    ["https://user:canary-password@storage.example/", "address"],
    ["not a link, canary-link", "metadata"],
  ] as const)("such as %s is not followed", async (signed, reason) => {
    const setting = await setUp(
      () => undefined,
      () => ({ ...whole(), signed_url: signed }),
    );
    await failure(download(setting), reason);
  });

  it("on loopback does not follow from a link with TLS", async () => {
    const setting = await setUp(
      () => undefined,
      () => ({ ...whole(), signed_url: "https://storage.example/x" }),
    );
    const redirecting = async () =>
      new Response(null, { status: 302, headers: { location: "http://127.0.0.1:1/x" } });
    await failure(download(setting, { fetch: redirecting }), "address");
  });
});

describe("what came is not what was promised", () => {
  it("another checksum: nothing is left", async () => {
    const other = someBytes(bytes.length, 2);
    const setting = await setUp((asked, response) => sendBytes(asked, response, other), whole);
    const error = await failure(download(setting), "checksum");
    expect(error.message).toContain(sha256(other));
    expect(await readdir(setting.directory)).toEqual([]);
  });

  it("more bytes than its size", async () => {
    const setting = await setUp(
      (asked, response) => sendBytes(asked, response, Buffer.concat([bytes, bytes])),
      whole,
    );
    await failure(download(setting), "size");
    expect(await readdir(setting.directory)).toEqual([]);
  });

  it.each([
    ["and says how many", { "content-length": 1000 }],
    ["and says so when it is asked for more", {}],
  ])("fewer bytes than its size, %s: nothing is left, so the next one begins anew", async (_, header) => {
    const short = bytes.subarray(0, 1000);
    const setting = await setUp((asked, response, nth) => {
      if (nth > 1) sendBytes(asked, response, bytes);
      else if (asked.headers.range !== undefined) response.writeHead(416).end();
      else response.writeHead(200, header).end(short);
    }, whole);
    const told = await failure(download(setting), "size");
    expect(told.message).toMatch(/1000 bytes/);
    expect(await readdir(setting.directory)).toEqual([]);
    while (setting.storage.asked.length < 2) await failure(download(setting), "size");
    expect(await download(setting)).toMatchObject({ resumed: 0, checksum: sha256(bytes) });
  });

  it("a storage that refuses the rest of a leftover is asked for all", async () => {
    const setting = await setUp((asked, response) => {
      if (asked.headers.range === undefined) sendBytes(asked, response, bytes);
      else response.writeHead(416).end();
    }, whole);
    await writeFile(join(setting.directory, partName), bytes.subarray(0, 1000));
    expect(await download(setting)).toMatchObject({ resumed: 0, checksum: sha256(bytes) });
  });

  describe("without a checksum", () => {
    const second = someBytes(bytes.length, 5);
    const size = () => ({ content_length: bytes.length });

    it.each([
      ["another etag", '"v2"'],
      ["a weak etag", 'W/"v1"'],
    ])("a whole answer to a range, with %s, is another version: the file is begun anew", async (_, etag) => {
      const setting = await setUp(
        (asked, response, nth) =>
          nth === 0
            ? sendBytes(asked, response, bytes, { cut: 50_000 })
            : sendBytes(asked, response, second, { etag }),
        size,
      );
      expect((await download(setting)).checksum).toBe(sha256(second));
      expect(setting.storage.asked.map(({ headers }) => headers["if-range"])).toEqual([
        undefined,
        '"v1"',
        undefined,
      ]);
    });

    it("a whole answer with the same etag is gone on with", async () => {
      const setting = await setUp(
        (asked, response, nth) =>
          sendBytes(asked, response, bytes, { ranges: false, ...(nth === 0 && { cut: 50_000 }) }),
        size,
      );
      expect((await download(setting)).checksum).toBe(sha256(bytes));
      expect(setting.storage.asked).toHaveLength(2);
    });

    it("and without etags nothing is gone on with: the file is begun anew", async () => {
      const setting = await setUp(
        (asked, response, nth) =>
          nth === 0
            ? sendBytes(asked, response, bytes, { cut: 50_000, etag: 'W/"v1"' })
            : sendBytes(asked, response, second, { etag: 'W/"v2"' }),
        size,
      );
      expect((await download(setting)).checksum).toBe(sha256(second));
      const { body } = await openFile(
        (await setUp((asked, response) => sendBytes(asked, response, bytes, { cut: 50_000, etag: "" }), size))
          .client,
        name,
      );
      await failure(new Response(body).arrayBuffer(), "changed");
    });

    it("a part that does not repeat the etag it was asked for is of that version", async () => {
      const setting = await setUp((asked, response, nth) => {
        if (nth === 0) return sendBytes(asked, response, bytes, { cut: 50_000 });
        const from = Number(/\d+/.exec(asked.headers.range ?? "")?.[0]);
        const range = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
        response.writeHead(206, { "content-range": range }).end(bytes.subarray(from));
      }, size);
      expect((await download(setting)).checksum).toBe(sha256(bytes));
    });
  });

  it("a leftover that was damaged is thrown away, and the file begun anew", async () => {
    const setting = await setUp((asked, response) => sendBytes(asked, response, bytes), whole);
    await writeFile(join(setting.directory, partName), someBytes(1000, 9));
    await chmod(join(setting.directory, partName), 0o644);
    const result = await download(setting);
    expect(result.resumed).toBe(0);
    expect(sha256(await readFile(setting.to))).toBe(sha256(bytes));
    expect((await stat(setting.to)).mode & 0o777).toBe(0o600);
  });

  it("a leftover that is too long is begun anew", async () => {
    const setting = await setUp((asked, response) => sendBytes(asked, response, bytes), whole);
    await writeFile(join(setting.directory, partName), someBytes(400_000));
    await download(setting);
    expect(sha256(await readFile(setting.to))).toBe(sha256(bytes));
  });

  it("a file that becomes another one half-way is begun anew", async () => {
    const second = someBytes(200_000, 5);
    const setting = await setUp(
      (asked, response, nth) =>
        nth === 0
          ? sendBytes(asked, response, bytes, { cut: 50_000 })
          : sendBytes(asked, response, second, { etag: '"v2"' }),
      (nth) => metadataOf(nth === 0 ? bytes : second),
    );
    expect((await download(setting)).checksum).toBe(sha256(second));
    expect(sha256(await readFile(setting.to))).toBe(sha256(second));
    expect(await readdir(setting.directory)).toEqual(["list.txt"]);
  });

  it("another version in the storage than in the metadata is noticed by its checksum", async () => {
    const second = someBytes(bytes.length, 5);
    const setting = await setUp(
      (asked, response, nth) =>
        nth === 0
          ? sendBytes(asked, response, bytes, { cut: 50_000 })
          : sendBytes(asked, response, second, { etag: '"v2"' }),
      whole,
    );
    await failure(download(setting), "checksum");
  });

  it.each([
    ["no size", { content_length: undefined }],
    ["a size that is none", { content_length: "919" }],
    ["a checksum that is none", { checksum: "md5:abc" }],
    ["no link", { signed_url: undefined }],
  ])("metadata with %s", async (_, broken) => {
    const setting = await setUp(
      () => undefined,
      () => ({ ...whole(), ...broken }),
    );
    await failure(download(setting), "metadata");
  });

  it("without a checksum the size is what is checked, and nothing left over is trusted", async () => {
    const setting = await setUp(
      (asked, response) => sendBytes(asked, response, bytes),
      () => ({ content_length: bytes.length }),
    );
    await writeFile(`${setting.to}.part`, someBytes(1000, 9));
    expect(await download(setting)).toMatchObject({ resumed: 0, checksum: sha256(bytes) });
    expect(sha256(await readFile(setting.to))).toBe(sha256(bytes));
  });
});

describe("the disk", () => {
  it("that is full is told so, and what was written stays for later", async () => {
    const setting = await setUp((asked, response) => sendBytes(asked, response, bytes), whole);
    let part = "";
    // The real error of the system: /dev/full refuses each write.
    const full = await open("/dev/full", "r+");
    const opening = (async (path: string, ...rest: [string | number, number]) => {
      part = path;
      const handle = await open(path, ...rest);
      const write = handle.write.bind(handle);
      let room = 2;
      handle.write = ((buffer: Uint8Array, offset: number, length: number, position: number) =>
        room-- > 0
          ? write(buffer, offset, length, position)
          : full.write(buffer, offset, length)) as typeof handle.write;
      return handle;
    }) as typeof open;
    const order = orderOf(setting.client, name, setting.options);
    const error = await failure(downloadThrough({ ...fs, open: opening }, order, setting.to), "disk");
    await full.close();
    expect(error.code).toBe("ENOSPC");
    expect(error.message).toMatch(
      /^cannot write .*\.part: there is no space left on the device \(ENOSPC\)\. \d+ bytes are kept in .*: a later download goes on from there$/,
    );
    expect(await readdir(setting.directory)).toEqual([partName]);
    expect(part).toMatch(/list\.txt\.[0-9a-f]{12}\.[0-9a-f]{8}\.part$/);
    expect((await download(setting)).resumed).toBeGreaterThan(0);
    expect(sha256(await readFile(setting.to))).toBe(sha256(bytes));
  });

  it("has no such directory", async () => {
    const setting = await setUp((asked, response) => sendBytes(asked, response, bytes), whole);
    const to = join(setting.directory, "missing", "list.txt");
    const error = await failure(downloadFile(setting.client, name, to), "disk");
    expect(error.message).toContain("the directory does not exist (ENOENT)");
    expect(setting.storage.asked).toHaveLength(0);
  });

  it.skipIf(process.platform === "win32")(
    "has a device or a pipe of that name: it would be replaced",
    async () => {
      const setting = await setUp((asked, response) => sendBytes(asked, response, bytes), whole);
      execFileSync("mkfifo", [setting.to]);
      await failure(download(setting), "disk");
      await failure(downloadReport(setting.client, crypto.randomUUID(), setting.to), "disk");
      expect((await stat(setting.to)).isFIFO()).toBe(true);
      expect(setting.api.calls).toHaveLength(0);
    },
  );

  it("has a directory of that name", async () => {
    const setting = await setUp((asked, response) => sendBytes(asked, response, bytes), whole);
    await mkdir(setting.to);
    const error = await failure(download(setting), "disk");
    expect(error.message).toBe(`cannot write ${setting.to}: there is a directory of that name (EISDIR)`);
    expect(setting.api.calls).toHaveLength(0);
    expect(await readdir(setting.directory)).toEqual(["list.txt"]);
  });

  it("lost the part: it is not said to be kept", async () => {
    const setting = await setUp((asked, response) => sendBytes(asked, response, bytes), whole);
    let part = "";
    const error = await failure(
      download(setting, {
        onProgress: () => {
          part ||= join(setting.directory, readdirSync(setting.directory)[0] ?? "");
          rmSync(part, { force: true });
        },
      }),
      "disk",
    );
    expect(error.message).toBe(
      `cannot write ${setting.to}: ${part} is gone: somebody has removed it (ENOENT)`,
    );
  });

  it("has symbolic links where parts would be: they are neither written through nor read", async () => {
    const setting = await setUp((asked, response) => sendBytes(asked, response, bytes), whole);
    const victim = join(setting.directory, "victim");
    await writeFile(victim, "untouched");
    await symlink(victim, join(setting.directory, partName));
    await symlink(victim, join(setting.directory, partOfAnother));
    expect((await download(setting)).resumed).toBe(0);
    expect(await readFile(victim, "utf8")).toBe("untouched");
    expect((await lstat(setting.to)).isFile()).toBe(true);
  });

  it.skipIf(process.getuid?.() === 0)("does not permit it", async () => {
    const setting = await setUp((asked, response) => sendBytes(asked, response, bytes), whole);
    await chmod(setting.directory, 0o500);
    const error = await failure(download(setting), "disk");
    await chmod(setting.directory, 0o700);
    expect(error.message).toContain("permission denied (EACCES)");
  });
});

describe("two downloads to one target", () => {
  /** The first to ask the storage gets the rest when it is let go. */
  async function together(first: Uint8Array) {
    let letGo = (): void => undefined;
    const going = new Promise<void>((resolve) => (letGo = resolve));
    let begun = (): void => undefined;
    const beginning = new Promise<void>((resolve) => (begun = resolve));
    const setting = await setUp((asked, response, nth) => {
      if (nth > 0) return sendBytes(asked, response, bytes);
      response.writeHead(200, { "content-length": first.length });
      response.write(first.subarray(0, 1000));
      void going.then(() => response.end(first.subarray(1000)));
    }, whole);
    const slow = download(setting, { onProgress: () => begun() });
    slow.catch(() => undefined);
    await beginning;
    return { setting, slow, letGo };
  }

  it("in one process: the second is refused at once, and may come later", async () => {
    const { setting, slow, letGo } = await together(bytes);
    const error = await failure(download(setting), "disk");
    expect(error.message).toBe(
      `cannot write ${setting.to}: another download to it is under way in this process`,
    );
    await failure(download({ ...setting, to: relative(process.cwd(), setting.to) }), "disk");
    expect(setting.api.calls).toHaveLength(1);
    letGo();
    await slow;
    await download(setting);
    expect(await readdir(setting.directory)).toEqual(["list.txt"]);
  });

  // Under another name of the directory one process knows as little of the other download as two processes do.
  it.each([
    ["whole as well", bytes],
    ["not what was promised", someBytes(bytes.length, 7)],
  ])(
    "in two processes: who ends first has the file for good, though the other one is %s",
    async (_, other) => {
      const { setting, slow, letGo } = await together(other);
      const alias = `${setting.directory}-alias`;
      await symlink(setting.directory, alias);
      onTestFinished(() => rm(alias));
      const fast = await download({ ...setting, to: join(alias, "list.txt") });
      expect(fast.checksum).toBe(sha256(bytes));
      expect(sha256(await readFile(setting.to))).toBe(sha256(bytes));
      letGo();
      await slow.catch(() => undefined);
      expect(sha256(await readFile(setting.to))).toBe(sha256(bytes));
      expect(await readdir(setting.directory)).toEqual(["list.txt"]);
    },
  );

  it("of which one was killed: the next goes on from there, and what nobody wants any more is removed", async () => {
    const setting = await setUp((asked, response) => sendBytes(asked, response, bytes), whole);
    const left = join(setting.directory, partOfAnother);
    await writeFile(left, bytes.subarray(0, 1000));
    expect((await download(setting)).resumed).toBe(1000);
    // It may still be written to.
    expect(await readdir(setting.directory)).toEqual(["list.txt", partOfAnother]);
    const hourAgo = Date.now() / 1_000 - 3_601;
    await utimes(left, hourAgo, hourAgo);
    expect((await download(setting)).resumed).toBe(1000);
    expect(await readdir(setting.directory)).toEqual(["list.txt"]);
  });

  it("of which one wrote something else: that is noticed, and the file begun anew", async () => {
    const setting = await setUp((asked, response) => sendBytes(asked, response, bytes), whole);
    await writeFile(join(setting.directory, partOfAnother), someBytes(1000, 9));
    expect(await download(setting)).toMatchObject({ resumed: 0, checksum: sha256(bytes) });
    expect(setting.storage.asked.map(({ headers }) => headers.range)).toEqual(["bytes=1000-", undefined]);
  });
});

describe("what is not the download's", () => {
  it("an abort comes back with its reason, and leaves what can be gone on with", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const setting = await setUp((_, response) => {
      response.writeHead(200, { "content-length": bytes.length });
      response.write(bytes.subarray(0, 1000));
    }, whole);
    const going = download(setting, {
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    });
    await expect(going).rejects.toBe(reason);
    expect(await readdir(setting.directory)).toEqual([partName]);
  });

  it("an abort ends it also where all has come, and only the end of the answer is waited for", async () => {
    // Long enough for Node's fetch to hand it over in pieces: then it leaves a read that it interrupts there open for ever.
    const long = someBytes(300_000);
    const controller = new AbortController();
    const reason = new Error("enough");
    const setting = await setUp(
      (_, response) => {
        response.writeHead(200, { "content-length": long.length });
        response.end(long);
      },
      () => metadataOf(long),
    );
    const going = download(setting, {
      signal: controller.signal,
      onProgress: ({ bytes: came, total }: { bytes: number; total: number }) => {
        if (came === total) controller.abort(reason);
      },
    });
    await expect(going).rejects.toBe(reason);
    expect(existsSync(setting.to)).toBe(false);
  });

  it("what an async onProgress rejects with comes as it is, and ends no process", async () => {
    const setting = await setUp((asked, response) => sendBytes(asked, response, bytes), whole);
    const reason = new Error("mine");
    const onProgress = async (): Promise<void> => Promise.reject(reason);
    await expect(download(setting, { onProgress })).rejects.toBe(reason);
    const { body } = await openFile(setting.client, name, { onProgress });
    await expect(new Response(body).text()).rejects.toBe(reason);
  });

  it("a refusal of the API comes as it is", async () => {
    const setting = await setUp(() => undefined, whole);
    const { client } = setting;
    const refusing = {
      ...client,
      GET: async () => ({
        error: new UpvestApiError(
          { operationId: "o", operation: "GET /", attempts: 1 },
          { status: 404, problem: { type: "about:blank", status: 404 } },
        ),
      }),
    } as unknown as typeof client;
    await expect(downloadFile(refusing, name, setting.to)).rejects.toBeInstanceOf(UpvestApiError);
  });

  it.each([undefined, null, "", new URL("file:///tmp/list.txt")])(
    "a target that is no path: %s",
    async (to) => {
      const setting = await setUp(() => undefined, whole);
      for (const call of [
        () => downloadFile(setting.client, name, to as string),
        () => downloadReport(setting.client, crypto.randomUUID(), to as string),
      ]) {
        await expect(call()).rejects.toBeInstanceOf(UpvestConfigError);
        await expect(call()).rejects.toThrow(/^to must be the path of the new file, a string; it is /);
      }
      expect(setting.api.calls).toHaveLength(0);
    },
  );

  it("a file that is none is refused at once", async () => {
    const setting = await setUp(() => undefined, whole);
    for (const file of [undefined, { folder: "a" }]) {
      for (const call of [openFile, downloadFile]) {
        const going = Reflect.apply(call, undefined, [setting.client, file, setting.to]) as Promise<unknown>;
        await expect(going).rejects.toBeInstanceOf(UpvestConfigError);
      }
    }
    expect(setting.api.calls).toHaveLength(0);
  });

  it("options that cannot work are refused at once", async () => {
    const setting = await setUp(() => undefined, whole);
    await expect(download(setting, { timeout: 0 })).rejects.toBeInstanceOf(UpvestConfigError);
    const misspelt = { timout: 5_000 };
    await expect(download(setting, misspelt)).rejects.toThrow(
      "the options object of the download has no member timout; it has signal, timeout,",
    );
    await expect(
      downloadFile(setting.client, { folder: "..", file_name: "x" }, setting.to),
    ).rejects.toBeInstanceOf(UpvestConfigError);
    expect(setting.api.calls).toHaveLength(0);
  });
});

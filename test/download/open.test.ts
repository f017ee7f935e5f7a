import { createHash as nodeHash } from "node:crypto";
import { getEventListeners } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUpvestClient, type UpvestClient } from "upvest-client";
import { downloadFile, downloadReport, openFile } from "upvest-client/download";
import { startSandbox, type Sandbox } from "upvest-client/sandbox";
import { createHash } from "../../src/download/hash.js";
import { json, startApi } from "../support/api.js";
import { metadataOf, name, sendBytes, setUp, sha256, someBytes } from "./support.js";

const bytes = someBytes(200_000);

const read = async (body: ReadableStream<Uint8Array>): Promise<Buffer> =>
  Buffer.from(await new Response(body).arrayBuffer());

describe("a file as a stream", () => {
  it("is whole, though the connection is lost, and asks for nothing before it is read", async () => {
    const setting = await setUp(
      (asked, response, nth) => sendBytes(asked, response, bytes, nth === 0 ? { cut: 50_000 } : {}),
      () => metadataOf(bytes),
    );
    const { metadata, body } = await openFile(setting.client, name, setting.options);
    expect(metadata).toMatchObject({ file_name: "list.txt", content_length: bytes.length });
    expect(metadata).not.toHaveProperty("signed_url");
    expect(setting.storage.asked).toHaveLength(0);
    expect(sha256(await read(body))).toBe(sha256(bytes));
  });

  it.each([
    ["checksum", someBytes(bytes.length, 3)],
    ["size", Buffer.concat([bytes, bytes])],
  ])("ends with an error where the %s is another", async (reason, other) => {
    const setting = await setUp(
      (asked, response) => sendBytes(asked, response, other),
      () => metadataOf(bytes),
    );
    const { body } = await openFile(setting.client, name, setting.options);
    await expect(read(body)).rejects.toMatchObject({ reason });
  });

  it("ends with an error where the file becomes another one", async () => {
    const setting = await setUp(
      (asked, response) => sendBytes(asked, response, bytes, { cut: 50_000 }),
      (nth) => metadataOf(nth === 0 ? bytes : someBytes(10)),
    );
    const { body } = await openFile(setting.client, name, setting.options);
    await expect(read(body)).rejects.toMatchObject({ reason: "changed" });
  });

  it("may be left", async () => {
    const setting = await setUp(
      (asked, response) => sendBytes(asked, response, bytes),
      () => metadataOf(bytes),
    );
    const { body } = await openFile(setting.client, name, setting.options);
    const reader = body.getReader();
    expect((await reader.read()).done).toBe(false);
    await reader.cancel();
    expect((await reader.read()).done).toBe(true);
  });

  /** A storage that sends a little and then nothing, and what it sees of its first connection. */
  const silent = async () => {
    let closed = (): void => undefined;
    const end = new Promise<void>((resolve) => (closed = resolve));
    const setting = await setUp(
      (_, response) => {
        response.on("close", closed);
        response.writeHead(200, { "content-length": bytes.length });
        response.write(bytes.subarray(0, 1_000));
      },
      () => metadataOf(bytes),
    );
    return { ...setting, end };
  };

  it("may be left while the storage is silent: the connection ends with it, and no other link is asked for", async () => {
    const { client, api, end } = await silent();
    const parent = new AbortController();
    const { body } = await openFile(client, name, { signal: parent.signal });
    const reader = body.getReader();
    await reader.read();
    const waiting = reader.read();
    await reader.cancel(new Error("left"));
    expect((await waiting).done).toBe(true);
    await end;
    expect(api.calls).toHaveLength(1);
    expect(getEventListeners(parent.signal, "abort")).toHaveLength(0);
  });

  it("ends with the reason of its signal, also while the storage is silent", async () => {
    const { client, end } = await silent();
    const parent = new AbortController();
    const { body } = await openFile(client, name, { signal: parent.signal });
    const reader = body.getReader();
    await reader.read();
    const waiting = expect(reader.read()).rejects.toThrow("enough");
    parent.abort(new Error("enough"));
    await waiting;
    await end;
  });

  it("lets go of the connection where onProgress throws", async () => {
    const { client, end } = await silent();
    const onProgress = (): never => {
      throw new Error("no progress bar");
    };
    const { body } = await openFile(client, name, { onProgress });
    await expect(read(body)).rejects.toThrow("no progress bar");
    await end;
  });
});

describe("the checksum", () => {
  /** As workerd has it. */
  class DigestStream extends WritableStream<Uint8Array> {
    readonly digest: Promise<ArrayBuffer>;
    constructor() {
      const hash = nodeHash("sha256");
      let finish: (digest: ArrayBuffer) => void;
      super({
        write: (chunk) => void hash.update(chunk),
        close: () => finish(new Uint8Array(hash.digest()).buffer),
      });
      this.digest = new Promise((resolve) => {
        finish = resolve;
      });
    }
  }

  it("is made by a DigestStream where there is no node:crypto", async () => {
    const hash = createHash({}, DigestStream);
    await hash.update(bytes.subarray(0, 1000));
    await hash.update(bytes.subarray(1000));
    expect(await hash.end()).toBe(sha256(bytes));
  });

  it("cannot be made on other platforms, which is said", () => {
    expect(() => createHash({}, undefined)).toThrow("neither Node's crypto nor DigestStream");
  });
});

describe("against the sandbox", () => {
  let sandbox: Sandbox;
  let client: UpvestClient;
  let directory: string;

  beforeAll(async () => {
    sandbox = await startSandbox({ files: { "booking_references/list.txt": bytes } });
    client = createUpvestClient({ baseUrl: sandbox.url, ...sandbox.credentials });
    directory = await mkdtemp(join(tmpdir(), "upvest-download-"));
  });
  afterAll(async () => {
    await sandbox.close();
    await rm(directory, { recursive: true, force: true });
  });

  it("a file comes to the disk", async () => {
    const to = join(directory, "list.txt");
    const { checksum } = await downloadFile(client, name, to);
    expect(checksum).toBe(sha256(bytes));
    expect(sha256(await readFile(to))).toBe(sha256(bytes));
  });

  it("a file that is not there is refused by the API", async () => {
    await expect(
      downloadFile(client, { ...name, file_name: "other.txt" }, join(directory, "other.txt")),
    ).rejects.toMatchObject({ status: 404, code: "not_found" });
  });

  it("a link works once, knows ranges, and takes no header of the client's", async () => {
    const link = async () => {
      const { data } = await client.GET("/files/{folder}/{file_name}", { params: { path: name } });
      return data?.signed_url ?? "";
    };
    const once = await link();
    const first = await fetch(once);
    expect(sha256(new Uint8Array(await first.arrayBuffer()))).toBe(sha256(bytes));
    expect((await fetch(once)).status).toBe(403);
    const rest = await fetch(await link(), { headers: { range: "bytes=199990-" } });
    expect([rest.status, rest.headers.get("content-range")]).toEqual([206, "bytes 199990-199999/200000"]);
    expect(Buffer.from(await rest.arrayBuffer())).toEqual(bytes.subarray(199_990));
    const other = { range: "bytes=5-", "if-range": '"another"' };
    expect((await fetch(await link(), { headers: other })).status).toBe(200);
    expect((await fetch(await link(), { headers: { range: "bytes=200000-" } })).status).toBe(416);
    expect((await fetch(await link(), { headers: { authorization: "Bearer x" } })).status).toBe(400);
  });

  it("with redirect=1 the answer leads to the storage, which the client does not follow", async () => {
    const { error } = await client.GET("/files/{folder}/{file_name}", {
      params: { path: name, query: { redirect: "1" } },
    });
    expect(error).toMatchObject({ status: 302, code: "redirect_refused" });
    expect(JSON.stringify(error)).not.toContain("token=");
  });

  it("a report comes to the disk as PDF", async () => {
    const to = join(directory, "report.pdf");
    const result = await downloadReport(client, crypto.randomUUID(), to);
    const written = await readFile(to);
    expect(written.subarray(0, 5).toString()).toBe("%PDF-");
    expect(result).toEqual({ path: to, bytes: written.length });
    expect((await stat(to)).mode & 0o777).toBe(0o600);
    expect((await readdir(directory)).filter((entry) => entry.endsWith(".part"))).toEqual([]);
  });

  it("every name has a file where none are given", async () => {
    const plain = await startSandbox();
    try {
      const other = createUpvestClient({ baseUrl: plain.url, ...plain.credentials });
      const { body } = await openFile(other, name);
      expect((await read(body)).toString()).toContain("booking_references/list.txt");
    } finally {
      await plain.close();
    }
  });
});

describe("a report that is none", () => {
  it.each([
    ["JSON", json({ id: "r-1" })],
    ["no PDF in spite of its type", { body: "<html>", headers: { "content-type": "application/pdf" } }],
  ])("%s is refused, and nothing written", async (_, answer) => {
    const api = await startApi(() => answer);
    const to = join(tmpdir(), `upvest-${crypto.randomUUID()}.pdf`);
    const going = downloadReport(createUpvestClient(api.options), crypto.randomUUID(), to);
    await expect(going).rejects.toMatchObject({ reason: "answer" });
    await expect(stat(to)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

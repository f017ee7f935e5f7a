import { createHash, randomUUID } from "node:crypto";
import type { Received } from "./gateway.js";
import type { OwnCall, OwnOperations } from "./own-operations.js";
import type { Answer } from "./problems.js";
import { Refusal } from "./refusal.js";

export interface Files {
  readonly operations: OwnOperations;
  /** What the storage behind the links answers; undefined for a request to the API. */
  readonly serve: (received: Received) => Answer | undefined;
}

interface File {
  readonly id: string;
  readonly createdAt: string;
  readonly bytes: Buffer;
  readonly checksum: string;
}

/** A link works once and for 15 minutes (Upvest docs, Files). ms. */
const LIFETIME = 15 * 60 * 1000;

const STORAGE = "/storage/";

/** What belongs to the API alone: sent to a storage, it would be handed to a stranger. */
const OURS = /^(?:authorization|signature|signature-input|upvest-.*)$/;

/** `GET /files/{folder}/{file_name}` and the storage that its links lead to, here on the same port. */
export function createFiles(parts: {
  /** By `folder/file_name`; undefined: every name has a short text. */
  readonly contents: Readonly<Record<string, string | Uint8Array>> | undefined;
  readonly clock: () => number;
  readonly origin: () => string;
}): Files {
  const { contents, clock, origin } = parts;
  const files = new Map<string, File>();
  const links = new Map<string, { readonly file: File; readonly until: number }>();

  const fileOf = ({ values }: OwnCall): File => {
    const name = `${values["folder"]}/${values["file_name"]}`;
    const given = contents === undefined ? `The local sandbox's ${name}.\n` : contents[name];
    if (given === undefined) throw new Refusal("not_found", { detail: "There is no such file" });
    const bytes = Buffer.from(given);
    const checksum = createHash("sha256").update(bytes).digest("hex");
    const known = files.get(name);
    if (known?.checksum === checksum) return known;
    const file = { id: randomUUID(), createdAt: new Date(clock()).toISOString(), bytes, checksum };
    files.set(name, file);
    return file;
  };

  const link = (call: OwnCall): string => {
    const id = randomUUID();
    links.set(id, { file: fileOf(call), until: clock() + LIFETIME });
    return `${origin()}${STORAGE}${call.values["file_name"]}?token=${id}`;
  };

  const serve = ({ method, path, query, headers }: Received): Answer | undefined => {
    if (!path.startsWith(STORAGE)) return undefined;
    const leaked = [...headers.keys()].filter((name) => OURS.test(name));
    if (leaked.length > 0) return plain(400, `Of no business to a storage: ${leaked.join(", ")}\n`);
    if (method !== "GET") return plain(405, "GET only\n");
    const token = new URLSearchParams(query).get("token") ?? "";
    const found = links.get(token);
    links.delete(token);
    if (found === undefined || clock() > found.until) return plain(403, "The link was used, or is too old\n");
    return part(found.file, headers);
  };

  return {
    serve,
    operations: ({ method, path }) =>
      method === "GET" && path === "/files/{folder}/{file_name}"
        ? {
            redirect: (call) => (call.query.get("redirect") === "1" ? link(call) : undefined),
            answer: (call) => {
              const { id, createdAt, bytes, checksum } = fileOf(call);
              return {
                id,
                created_at: createdAt,
                updated_at: createdAt,
                signed_url: link(call),
                file_name: call.values["file_name"],
                content_length: bytes.length,
                checksum,
              };
            },
          }
        : undefined,
  };
}

/** The whole, or from some byte on (RFC 9110 section 14; one range that is open at its end). */
function part({ bytes, checksum }: File, headers: Received["headers"]): Answer {
  const etag = `"${checksum}"`;
  const common = { "content-type": "application/octet-stream", "accept-ranges": "bytes", etag };
  const [, first] = /^bytes=(\d+)-$/.exec(headers.get("range") ?? "") ?? [];
  const condition = headers.get("if-range") ?? etag;
  if (first === undefined || condition !== etag) return { status: 200, headers: common, body: bytes };
  const from = Number(first);
  if (from >= bytes.length) {
    const range = { "content-range": `bytes */${bytes.length}` };
    return { status: 416, headers: { ...common, ...range }, body: Buffer.alloc(0) };
  }
  const range = { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
  return { status: 206, headers: { ...common, ...range }, body: bytes.subarray(from) };
}

const plain = (status: number, text: string): Answer => ({
  status,
  headers: { "content-type": "text/plain" },
  body: Buffer.from(text),
});

import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Operation } from "../pipeline/request.js";
import { CliError } from "./exit-codes.js";
import type { Io } from "./io.js";

/** What `--data` holds. */
export interface GivenBody {
  /** As it was given: parsing and writing it again would change numbers (1.10, or more digits than a double has). */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly value: unknown;
}

/**
 * Reads what `--data` names: JSON as it stands, `@file`, or `-` for stdin.
 *
 * @returns undefined where the operation takes no body and none was given
 * @throws CliError for what is no JSON, naming where it breaks, and for a body too many or too few
 */
export async function readBody(
  io: Io,
  operation: Operation,
  data: string | undefined,
): Promise<GivenBody | undefined> {
  const { id, requestBody } = operation;
  if (data === undefined) {
    if (requestBody === undefined || operation.method === "DELETE") return undefined;
    throw new CliError(`${id} takes a body: give it with --data JSON, --data @file or --data -`);
  }
  if (requestBody === undefined) throw new CliError(`${id} takes no body: leave --data out`);
  const { bytes, from } = await readBytes(io, data);
  try {
    return { bytes, value: JSON.parse(utf8.decode(bytes)) as unknown };
  } catch (error) {
    const reason = error instanceof Error ? error.message : "unreadable";
    const meant = from === "--data" && (await namesFile(io, data)) ? `; did you mean @${data}?` : "";
    throw new CliError(`${from} is not JSON: ${reason}${meant}`);
  }
}

// A mark at the beginning is no JSON (RFC 8259 section 8.1), and would be sent.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Whether there is such a file, or it looks as if there should be. */
const namesFile = async (io: Io, data: string): Promise<boolean> =>
  /^[^\s{}[\]"',:]+\.json$/i.test(data) ||
  (await stat(resolve(io.cwd, data)).then(
    (found) => found.isFile(),
    () => false,
  ));

async function readBytes(
  io: Io,
  data: string,
): Promise<{ readonly bytes: GivenBody["bytes"]; readonly from: string }> {
  if (data === "-") return { bytes: new Uint8Array(await io.input()), from: "what came on stdin" };
  if (!data.startsWith("@")) return { bytes: new TextEncoder().encode(data), from: "--data" };
  const file = data.slice(1);
  try {
    return { bytes: new Uint8Array(await readFile(resolve(io.cwd, file))), from: file };
  } catch (error) {
    throw new CliError(`--data: ${error instanceof Error ? error.message : `${file} cannot be read`}`);
  }
}

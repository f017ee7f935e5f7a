import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Operation } from "../pipeline/request.js";
import { CliError } from "./exit-codes.js";
import type { Io } from "./io.js";

/**
 * Reads what `--data` names: JSON as it stands, `@file`, or `-` for stdin.
 *
 * @returns parsed; undefined where the operation takes no body and none was given
 * @throws CliError for what is no JSON, naming where it breaks, and for a body too many or too few
 */
export async function readBody(io: Io, operation: Operation, data: string | undefined): Promise<unknown> {
  const { id, requestBody } = operation;
  if (data === undefined) {
    if (requestBody === undefined || operation.method === "DELETE") return undefined;
    throw new CliError(`${id} takes a body: give it with --data JSON, --data @file or --data -`);
  }
  if (requestBody === undefined) throw new CliError(`${id} takes no body: leave --data out`);
  const { text, from } = await readText(io, data);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new CliError(`${from} is not JSON: ${error instanceof Error ? error.message : "unreadable"}`);
  }
}

async function readText(io: Io, data: string): Promise<{ readonly text: string; readonly from: string }> {
  if (data === "-") return { text: (await io.input()).toString("utf8"), from: "what came on stdin" };
  if (!data.startsWith("@")) return { text: data, from: "--data" };
  const file = data.slice(1);
  try {
    return { text: await readFile(resolve(io.cwd, file), "utf8"), from: file };
  } catch (error) {
    throw new CliError(`--data: ${error instanceof Error ? error.message : `${file} cannot be read`}`);
  }
}

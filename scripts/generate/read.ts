import { readFile } from "node:fs/promises";
import { LineCounter, parseDocument } from "yaml";
import { InputError } from "./input-error.js";
import { isObject, type Json, type JsonObject } from "./json.js";

/**
 * Reads a YAML or JSON file into plain JSON values.
 *
 * The YAML 1.2 core schema is used, so a timestamp stays the string that was written. Throws {@link InputError} when the
 * file cannot be read, is not YAML, or is not an object.
 */
export async function readObject(file: string): Promise<JsonObject> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
    throw new InputError(file, "", `cannot be read (${code})`);
  }
  return parseObject(file, text);
}

export function parseObject(file: string, text: string): JsonObject {
  const value = parse(file, text);
  if (!isObject(value)) throw new InputError(file, "", "expected an object at the top of the file");
  return value;
}

function parse(file: string, text: string): Json {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: "1.2",
    schema: "core",
    uniqueKeys: true,
    prettyErrors: false,
    lineCounter: lines,
  });
  const [problem] = document.errors;
  if (problem !== undefined) {
    const { line, col } = lines.linePos(problem.pos[0]);
    throw new InputError(file, "", `not YAML: ${problem.message} (line ${line}, column ${col})`);
  }
  try {
    // An alias bomb expands without end; nothing in a description needs more than a few aliases.
    return JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: 100 }) ?? null)) as Json;
  } catch (error) {
    throw new InputError(file, "", `not YAML: ${error instanceof Error ? error.message : "unreadable"}`);
  }
}

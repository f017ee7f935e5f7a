/** Gets hold of a description: from an address, or from a file that was downloaded by hand. */
import { readFile } from "node:fs/promises";
import { jsonTwin, parseAddress, PUBLISHED } from "./address.js";
import { UsageError } from "./command.js";
import { fetchText } from "./fetch-text.js";
import { recognise, type Recognised } from "./recognise.js";

export interface Obtained extends Recognised {
  /** As it came, to the byte. */
  readonly text: string;
  /** The address or the file. */
  readonly source: string;
}

export interface Source {
  readonly url?: string | undefined;
  readonly file?: string | undefined;
  /** Seconds, as text; default 60. */
  readonly timeout?: string | undefined;
}

/**
 * Nothing is written. An address that ends in `.yaml` is tried first, then its twin in JSON.
 *
 * Throws an `Error` that names each address tried with the reason, and the way around.
 */
export async function obtain({ url, file, timeout = "60" }: Source): Promise<Obtained> {
  if (url !== undefined && file !== undefined) throw new UsageError("Give --url or --file, not both.");
  if (!/^\d+(?:\.\d+)?$/.test(timeout) || Number(timeout) === 0) {
    throw new UsageError(`--timeout: expected a number of seconds above 0, got "${timeout}".`);
  }
  if (file !== undefined) {
    const text = await readText(file);
    return { text, source: file, ...recognise(text, file) };
  }
  const address = parseAddress(url ?? PUBLISHED);
  const twin = jsonTwin(address);
  const failures: string[] = [];
  for (const candidate of twin === undefined ? [address] : [address, twin]) {
    try {
      const text = await fetchText(candidate, Number(timeout) * 1000);
      return { text, source: candidate.href, ...recognise(text, candidate.href) };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failures.push(reason.startsWith(candidate.href) ? reason : `${candidate.href}: ${reason}`);
    }
  }
  throw new Error(
    `The description could not be downloaded:\n${failures.map((failure) => `  ${failure}`).join("\n")}\n` +
      "Download it by hand and give it with --file FILE. Nothing was changed.",
  );
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
    throw new Error(`${file}: cannot be read (${code}). Nothing was changed.`, { cause: error });
  }
}

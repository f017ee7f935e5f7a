import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { stringAt, own } from "../generate/json.js";
import { readObject } from "../generate/read.js";
import { PUBLISHED } from "./address.js";
import { EXIT, runCommand, UsageError, type Terminal } from "./command.js";
import { obtain } from "./obtain.js";
import { inProject } from "./project.js";
import { putInPlace } from "./put-in-place.js";

const HELP = `Fetches the publisher's description of the API and puts it in the place of ours.

  npm run spec:download [-- --url URL | --file FILE] [--out FILE] [--timeout SECONDS]

  --url URL          where from (default: ${PUBLISHED});
                     https only; an address that ends in .yaml is followed by its twin in .json
  --file FILE        a file that was downloaded by hand, instead of the network
  --out FILE         where to (default: openapi/upvest.yaml)
  --timeout SECONDS  for each address (default: 60)

What comes must be OpenAPI 3.x, bear the title of this API and have a plausible number of operations.

Exit code: 0 done; 1 failed, nothing changed; 2 called wrongly`;

export async function downloadCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  return await runCommand(HELP, args, terminal, async () => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        url: { type: "string" },
        file: { type: "string" },
        out: { type: "string", default: inProject("openapi/upvest.yaml") },
        timeout: { type: "string" },
      },
    });
    if (positionals.length > 0) throw new UsageError(`Unexpected argument "${positionals[0] ?? ""}".`);
    const { text, source, version, operations } = await obtain(values);
    const former = await formerVersion(values.out);
    if (former.text === text) {
      terminal.out(`${values.out}: already ${version}, the same as ${source}`);
      return EXIT.ok;
    }
    await putInPlace(new Map([[values.out, text]]));
    terminal.out(`${values.out}: ${former.version} -> ${version}, ${operations} operations, from ${source}`);
    return EXIT.ok;
  });
}

/** What is in the place now: that it is unreadable or missing is no reason not to replace it. */
async function formerVersion(file: string): Promise<{ readonly version: string; readonly text?: string }> {
  try {
    const text = await readFile(file, "utf8");
    const version = stringAt(own(await readObject(file), "info"), "version");
    return { text, version: version ?? "a file without a version" };
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    return { version: missing ? "nothing" : "an unreadable file" };
  }
}

import { parseArgs } from "node:util";
import { EXIT, runCommand, UsageError, type Terminal } from "./command.js";
import { readDescription } from "./description.js";
import { diff } from "./diff.js";
import { inProject } from "./project.js";
import { jsonReport } from "./report-json.js";
import { textReport } from "./report-text.js";

const HELP = `Says what changed between two descriptions of the API, and what that means.

  npm run spec:diff -- OLD NEW [--json] [--overlay FILE]

  OLD, NEW        OpenAPI 3.x files, YAML or JSON
  --json          the machine form
  --overlay FILE  corrections to apply to both first (default: openapi/overlay.yaml, as in \`npm run generate\`)

Every change is judged twice: by the publisher's rules for compatible changes, and by what it does to our types.

Exit code: 0 no change, or compatible changes only
           3 breaking, by either judgement
           2 called wrongly
           1 a file cannot be read or is no OpenAPI description`;

export async function diffCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  return await runCommand(HELP, args, terminal, async () => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        overlay: { type: "string", default: inProject("openapi/overlay.yaml") },
      },
    });
    const [before, after, ...others] = positionals;
    if (before === undefined || after === undefined || others.length > 0) {
      throw new UsageError(`Expected two files, OLD and NEW, but got ${positionals.length}.`);
    }
    const found = diff(
      await readDescription(before, values.overlay),
      await readDescription(after, values.overlay),
    );
    terminal.out(values.json ? jsonReport(found) : textReport(found));
    return found.breaking ? EXIT.breaking : EXIT.ok;
  });
}

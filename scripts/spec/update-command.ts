import { parseArgs } from "node:util";
import { PUBLISHED } from "./address.js";
import { EXIT, runCommand, UsageError, type Terminal } from "./command.js";
import { obtain } from "./obtain.js";
import { inProject } from "./project.js";
import { textReport } from "./report-text.js";
import { update } from "./update.js";

const HELP = `Moves the package to the publisher's newest description: download, generate, diff, changelog entry.

  npm run spec:update [-- --url URL | --file FILE] [--timeout SECONDS]

  --url URL          where from (default: ${PUBLISHED})
  --file FILE        a file that was downloaded by hand, instead of the network
  --timeout SECONDS  for each address (default: 60)
  --spec FILE        the description to replace (default: openapi/upvest.yaml)
  --overlay FILE     corrections to it (default: openapi/overlay.yaml)
  --generated DIR    what is made from it (default: generated)
  --changelog FILE   where the change is told, under [Unreleased] (default: CHANGELOG.md)

If any step fails, nothing is changed.

Exit code: 0 done, whatever the change asks for; 1 failed, nothing changed; 2 called wrongly`;

export async function updateCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  return await runCommand(HELP, args, terminal, async () => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        url: { type: "string" },
        file: { type: "string" },
        timeout: { type: "string" },
        spec: { type: "string", default: inProject("openapi/upvest.yaml") },
        overlay: { type: "string", default: inProject("openapi/overlay.yaml") },
        generated: { type: "string", default: inProject("generated") },
        changelog: { type: "string", default: inProject("CHANGELOG.md") },
      },
    });
    if (positionals.length > 0) throw new UsageError(`Unexpected argument "${positionals[0] ?? ""}".`);
    const obtained = await obtain(values);
    const { diff, files } = await update(obtained, values);
    if (files.length === 0) {
      terminal.out(
        `${values.spec}: already ${obtained.version}, the same as ${obtained.source}. Nothing to do.`,
      );
      return EXIT.ok;
    }
    terminal.out(textReport(diff));
    terminal.out(`\nWritten, from ${obtained.source}:\n${files.map((file) => `  ${file}`).join("\n")}`);
    terminal.out(nextSteps(values.changelog));
    return EXIT.ok;
  });
}

const nextSteps = (changelog: string): string => `
What to do next:
  1. npm run types && npm test     code and tests that the change has overtaken show here
  2. git diff generated            what users of the package will see
  3. ${changelog}: say in your own words what matters to users
  4. Release with the version bump that is asked for above, or a greater one.`;

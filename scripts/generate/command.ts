import { parseArgs } from "node:util";
import { generate } from "./generate.js";
import { compareWith, write } from "./output.js";

/** Where the command reads and writes when it is not told otherwise, and where its lines go. */
export interface CommandContext {
  readonly spec: string;
  readonly overlay: string;
  readonly out: string;
  readonly log: (line: string) => void;
  readonly error: (line: string) => void;
}

/** Runs the command with its arguments; gives the exit code. Never throws: what goes wrong is told in one line. */
export async function generateCommand(args: readonly string[], context: CommandContext): Promise<number> {
  try {
    return await run(args, context);
  } catch (error) {
    // The message says where and why; where in this program it was noticed helps no one.
    context.error(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      spec: { type: "string", default: context.spec },
      overlay: { type: "string", default: context.overlay },
      out: { type: "string", default: context.out },
      check: { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
    },
  });
  const { files, corrections } = await generate(values.spec, values.overlay);
  if (values.verbose) {
    for (const { target, matches } of corrections) {
      context.log(
        matches === 0 ? `not found, nothing to correct: ${target}` : `corrected ${matches}: ${target}`,
      );
    }
  }
  if (!values.check) {
    await write(values.out, files);
    context.log(`${values.out}: ${files.size} files from ${values.spec}`);
    return 0;
  }
  const drift = await compareWith(values.out, files);
  for (const { file, state } of drift) context.error(`${values.out}/${file}: ${state}`);
  if (drift.length === 0) return 0;
  context.error("Run `npm run generate`, and commit what it writes.");
  return 1;
}

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installed, root, type Block } from "./documents.js";
import { cleanEnvironment, ended, type Ended, type Environment } from "./run.js";

/** A block that holds nothing but calls of our command line, and so can be run. */
export const isCommandLine = ({ language, code }: Block): boolean =>
  language === "sh" &&
  code
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#") && !/^\s/.test(line))
    .every((line) => line.startsWith("npx upvest-client ")) &&
  code.includes("npx upvest-client ");

const command =
  installed === undefined
    ? `"${process.execPath}" --import "${root}node_modules/tsx/dist/esm/index.mjs" "${root}src/cli/main.ts"`
    : `"${installed}/node_modules/.bin/upvest-client"`;

/** Stands for `npx`, so that nothing is downloaded. */
const npx = `#!/bin/sh
[ "$1" = upvest-client ] || { echo "npx: the documents run nothing but upvest-client" >&2; exit 127; }
shift
exec ${command} "$@"
`;

/** Runs a block in a folder of its own, and stops at the first command that fails; two minutes at most. */
export async function runShell({ code }: Pick<Block, "code">, env: Environment): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), "upvest-client-docs-"));
  writeFileSync(join(folder, "npx"), npx, { mode: 0o755 });
  const inherited = cleanEnvironment();
  const child = spawn("/bin/sh", ["-e", "-c", code], {
    cwd: folder,
    env: {
      ...inherited,
      ...env,
      PATH: `${folder}:${inherited["PATH"] ?? ""}`,
      ...(installed === undefined && { TSX_TSCONFIG_PATH: `${root}tsconfig.json` }),
    },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: what a command started ends with it.
    detached: true,
  });
  const patience = setTimeout(() => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  }, 120_000);
  try {
    return await ended(child);
  } finally {
    clearTimeout(patience);
    rmSync(folder, { recursive: true, force: true });
  }
}

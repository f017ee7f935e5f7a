/** `npm run spec:diff -- OLD NEW`: what changed between two descriptions; see `--help`. */
import { terminal } from "./spec/command.js";
import { diffCommand } from "./spec/diff-command.js";

process.exitCode = await diffCommand(process.argv.slice(2), terminal);

/** `npm run spec:download`: the publisher's description in the place of ours; see `--help`. */
import { terminal } from "./spec/command.js";
import { downloadCommand } from "./spec/download-command.js";

process.exitCode = await downloadCommand(process.argv.slice(2), terminal);

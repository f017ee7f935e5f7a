/** `npm run spec:update`: moves the package to another description; see `--help`. */
import { terminal } from "./spec/command.js";
import { updateCommand } from "./spec/update-command.js";

process.exitCode = await updateCommand(process.argv.slice(2), terminal);

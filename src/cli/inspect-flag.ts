import type { Command } from "commander";
import { whole } from "./arguments.js";

/** What `--inspect` leaves in a command's options. */
export interface InspectFlag {
  readonly inspect?: true | { readonly port: number };
}

/** Adds `--inspect`: a page that shows calls and deliveries as they come. */
export const inspectFlag = (command: Command): Command =>
  command.option(
    "--inspect [port]",
    "a page that shows what happens, live (default: any free port)",
    (text) => ({
      port: whole(0, 65_535)(text),
    }),
  );

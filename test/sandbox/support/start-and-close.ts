import { setImmediate as turn } from "node:timers/promises";
import { startSandbox } from "../../../src/sandbox/index.js";
import { createCaller } from "./caller.js";

/** Run as a program: closes a sandbox that holds a request back for longer than anyone waits, then must end. */
const sandbox = await startSandbox();
const caller = createCaller(sandbox);
const token = await caller.token("accounts:admin");
sandbox.fail({ operation: "list_accounts", delay: 1_000_000 });
const held = caller.call("GET", "/accounts", { token }).catch(() => undefined);
await caller.call("GET", "/account_groups", { token });
process.stdout.write("held\n");
await sandbox.close();
await held;
process.stdout.write("closed\n");
// The agent of the caller is left as it is: its connections must have been ended from the other side.
await turn();
process.stdout.write(
  `${String(sandbox.requests.find(({ operationId }) => operationId === "list_accounts")?.status)}\n`,
);

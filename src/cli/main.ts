#!/usr/bin/env node
import { processIo } from "./process-io.js";
import { run } from "./program.js";

const io = processIo();
await run(io);
// Not exit(): what was written must arrive first.
process.exitCode = io.exitCode;

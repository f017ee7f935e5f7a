/**
 * Checks what is published as it is published: the packed tarball, its exact files and their sizes, laid out as an install
 * would, used from ESM and from CommonJS, and type-checked by every compiler that it promises to work with; so is what
 * earlier releases promised (test/types/released).
 *
 * Run it after a build: npm run package:check
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { typesWrong } from "./package/attw.js";
import { consume } from "./package/consume.js";
import { weigh } from "./package/sizes.js";
import { faultsOf, install, longTwins, pack } from "./package/tarball.js";
import { compile, PROGRAMS, releasedSets, SETTINGS } from "./package/types.js";

const scratch = mkdtempSync(join(tmpdir(), "upvest-client-package-"));
try {
  const packed = pack(scratch);
  const directory = install(packed, scratch);
  const { table, faults } = await weigh(directory, packed.size);
  console.log(table);
  const long = longTwins(packed);
  if (long.length > 0) console.log(`too long to share bytes between the two forms: ${long.join(", ")}`);

  consume(scratch);
  const today = SETTINGS.filter(({ compiler, dom }) => compiler === "typescript" && dom);
  const found = [
    ...faultsOf(packed, directory),
    ...faults,
    ...typesWrong(join(scratch, packed.filename), scratch),
    ...SETTINGS.map((setting) => compile(scratch, PROGRAMS, setting)),
    ...releasedSets().flatMap((set) => today.map((setting) => compile(scratch, set, setting))),
  ].filter((fault) => fault !== "");
  for (const fault of found) console.error(fault);
  if (found.length > 0) process.exitCode = 1;
  else {
    const sets = `${SETTINGS.length} settings of compilers, ${releasedSets().length} releases before`;
    console.log(`${packed.filename}: ${packed.files.length} files; ESM, CommonJS and types work (${sets})`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

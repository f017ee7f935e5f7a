/**
 * Files to the disk: with progress, checked against the checksum that the API gives, and going on where an earlier try
 * broke off. And a report as PDF.
 *
 * Run it: npx tsx examples/reports-and-files.ts
 * (with UPVEST_API_... in the environment, and FILE=folder/name: that file, from the sandbox that they are for)
 */
import { mkdtemp, readdir, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadFile, downloadReport } from "upvest-client/download";
import { connect } from "./support/connect.js";
import { newCustomer } from "./support/customer.js";

const [folder = "", file_name = "", ...more] = (process.env["FILE"] ?? "mifir/transactions.csv").split("/");
if (folder === "" || file_name === "" || more.length > 0) {
  console.error("FILE must be a folder and a name: FILE=folder/name");
  process.exit(1);
}
const size = 3_000_000;
const { client, sandbox, close } = await connect({
  files: { "mifir/transactions.csv": new Uint8Array(size).fill(0x2c) },
});
const directory = await mkdtemp(join(tmpdir(), "upvest-files-"));
const to = join(directory, file_name);

console.log(`\n1. ${folder}/${file_name}, broken off in the middle, to`);
console.log(`   ${to}`);
const impatient = new AbortController();
try {
  await downloadFile(client, { folder, file_name }, to, {
    signal: impatient.signal,
    onProgress: ({ bytes, total }) => {
      if (bytes > total / 3) impatient.abort(new Error("the user closed the laptop"));
    },
  });
} catch (error) {
  console.log(`   broken off: ${error instanceof Error ? error.message : String(error)}`);
}
for (const name of await readdir(directory)) {
  console.log(`   in the directory now: ${name}, ${(await stat(join(directory, name))).size} bytes`);
}

console.log("\n2. The same again: it goes on from there");
let tenth = 0;
const file = await downloadFile(client, { folder, file_name }, to, {
  onProgress: ({ bytes, total }) => {
    const now = Math.floor((10 * bytes) / total);
    if (now > tenth) console.log(`   ${"#".repeat(now).padEnd(10, ".")} ${bytes} of ${total} bytes`);
    tenth = Math.max(now, tenth);
  },
});
console.log(`   ${file.bytes} bytes, ${file.resumed} of them from before`);
console.log(`   SHA-256 ${file.checksum}`);
if (file.metadata.checksum !== undefined) console.log("   as the API says");

console.log("\n3. A file that is not there");
try {
  await downloadFile(client, { folder, file_name: "no-such-file.csv" }, join(directory, "nothing"));
  console.log("   It came all the same: a local sandbox without files of its own has one of every name.");
} catch (error) {
  console.log(`   ${error instanceof Error ? error.message : String(error)}`);
}

console.log("\n4. The reports of a user, and the first of them as PDF");
const { user } = await newCustomer(client, "TRADING");
let pdf: string | undefined;
for await (const report of client.paginate("/users/{user_id}/reports", {
  params: { path: { user_id: user.id } },
})) {
  console.log(`   ${report.created_at}  ${report.type}`);
  if (pdf !== undefined) continue;
  const saved = await downloadReport(client, report.id, join(directory, "report.pdf"));
  pdf = saved.path;
  console.log(`   saved as ${saved.path}, ${saved.bytes} bytes`);
}
if (sandbox !== undefined) console.log("   (The local sandbox's PDF is one empty page.)");

console.log(`\nLook into ${directory}.`);
console.log("Files are of mode 600: they hold what is your customers'.");
await close();
if (sandbox !== undefined && (file.bytes !== size || file.resumed === 0)) process.exitCode = 1;

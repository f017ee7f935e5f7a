/**
 * What a bundler makes of each entry: minified and gzipped by esbuild, dependencies in it, what is loaded on demand on lines
 * of its own. A kB is 1,000 bytes. With `--detail`, how much each source file of the core takes.
 */
import { readFileSync } from "node:fs";
import { report, type Goal } from "../harness/row.js";
import { bundle, type Bundle } from "../support/bundle.js";

const { exports, peerDependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
};

/** A user who wants them installs them, so they are not ours to weigh. */
const external = [...Object.keys(peerDependencies), "@stoplight/*", "undici"];

/** Entries for Node alone. */
const FOR_NODE = new Set(["./sandbox", "./undici"]);

const kB = (bytes: number): number => bytes / 1000;
const underKB = (value: number): Goal => ({ of: "ours", is: "<=", value });

const rowsOf = (name: string, { size, onDemand }: Bundle, goal?: Goal) => [
  { name, ours: kB(size), unit: "kB", ...(goal && { goal }) },
  ...onDemand.map((chunk) => ({
    name: `${name}, on demand: ${chunk.name.replace(/^node_modules\//, "")}`,
    ours: kB(chunk.size),
    unit: "kB",
  })),
];

const rows = [
  ...rowsOf(
    "min+gzip: createUpvestClient",
    await bundle('export { createUpvestClient } from "upvest-client"'),
    underKB(11),
  ),
  ...rowsOf(
    "min+gzip: createWebhookReceiver, verificationKeys",
    await bundle('export { createWebhookReceiver, verificationKeys } from "upvest-client/webhooks"'),
    underKB(6),
  ),
];
for (const entry of Object.keys(exports)) {
  if (entry.endsWith(".json")) continue;
  const specifier = entry.replace(/^\./, "upvest-client");
  const options = { external, platform: FOR_NODE.has(entry) ? "node" : "neutral" } as const;
  const made = await bundle(`export * from ${JSON.stringify(specifier)}`, options);
  rows.push(...rowsOf(`min+gzip: all of ${specifier}`, made));
}
report(rows);

if (process.argv.includes("--detail")) {
  const entries = {
    createUpvestClient: "./src/client.ts",
    createWebhookReceiver: "./src/webhooks/receiver.ts",
  };
  for (const [name, file] of Object.entries(entries)) {
    const { files } = await bundle(`export { ${name} } from ${JSON.stringify(file)}`);
    const total = files.reduce((sum, [, bytes]) => sum + bytes, 0);
    console.error(`\n${name}: minified bytes by source file, ${total.toLocaleString("en")} in all`);
    for (const [source, bytes] of files) console.error(`${String(bytes).padStart(8)}  ${source}`);
  }
}

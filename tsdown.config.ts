import { readFileSync } from "node:fs";
import { defineConfig, type Rolldown, type UserConfig } from "tsdown";
import { cjsMarker, esmDoors } from "./scripts/build/doors.js";
import { elsewhere } from "./scripts/build/elsewhere.js";
import { packDescription } from "./scripts/build/pack-description.js";
import { requires } from "./scripts/build/requires.js";
import { schemaApart } from "./scripts/build/schema-apart.js";
import { shortLines } from "./scripts/build/short-lines.js";
import { validatorsMinified } from "./scripts/build/validators.js";

/**
 * What is published: `dist/esm` and `dist/cjs` hold the same code in both module forms, under the same names. npm packs files
 * sorted by extension and name, so the two forms of a file lie side by side in the tarball, where gzip (which looks back 32 kB)
 * finds one in the other. That is why the chunks are cut as they are, and why the second form costs next to nothing.
 */

/** Run wherever fetch and WebCrypto are: nothing of Node's is imported. Readable, for it will be read. */
const anywhere = {
  index: "src/index.ts",
  webhooks: "src/webhooks/index.ts",
  redis: "src/redis/index.ts",
  download: "src/download/index.ts",
  undici: "src/undici/index.ts",
};
/** The local sandbox is a server for Node. It shares no code with the client that it judges. */
const sandbox = { sandbox: "src/sandbox/index.ts" };
/** The command line uses the package as its users do, so that nothing of it is in the tarball twice. */
const commandLine = { cli: "src/cli/main.ts" };

const common: UserConfig = {
  target: "es2022",
  dts: false,
  clean: true,
  hash: false,
  outDir: "dist",
  outExtensions: () => ({ js: ".js", dts: ".d.ts" }),
  deps: {
    // Final upstream and small: taken in, so that its ESM serves both of our forms and nobody's install can change it.
    alwaysBundle: ["openapi-fetch"],
    neverBundle: [/^upvest-client(?:\/|$)/],
    onlyBundle: false,
  },
  // The plug-in that writes the declarations is most of the build, and says so each time.
  checks: { pluginTimings: false },
};

/** Names without hashes, for the list of files in the tarball is exact. */
const named = (directory: "esm" | "cjs", more: Rolldown.OutputOptions = {}): Rolldown.OutputOptions => ({
  entryFileNames: `${directory}/[name].js`,
  chunkFileNames: `${directory}/[name].js`,
  minifyInternalExports: false,
  // What a comment explains, it explains in the declarations or in the repository.
  comments: { legal: false, annotation: true, jsdoc: false },
  ...more,
});

const chunks: Rolldown.OutputOptions["codeSplitting"] = {
  groups: [
    { name: "operations", test: /generated\/operations/, priority: 4 },
    // All that the smaller entries need of the client. In "shared" they would take the errors of calls along.
    { name: "base", test: /src\/(?:base-errors|joined|plain-object|unwrap)\./, priority: 5 },
    { name: "signature", test: /src\/signature/, minShareCount: 2, priority: 3 },
    { name: "attempts", test: /src\/pipeline/, minShareCount: 2, priority: 3 },
    { name: "shared", minShareCount: 2, priority: 2 },
    { name: "verify", test: /src\/webhooks\/(?:fields|message|policy|verify)\.ts/, priority: 1 },
    { name: "pages", test: /src\/(?:walk|verified-walk|pagination)\.ts/, priority: 1 },
    { name: "pipeline", test: /src\/pipeline/, priority: 1 },
  ],
};

export default defineConfig([
  {
    ...common,
    entry: anywhere,
    format: "esm",
    platform: "neutral",
    plugins: [elsewhere(/generated\/validators\.js$/, "validators")],
    outputOptions: named("esm", { codeSplitting: chunks }),
  },
  {
    ...common,
    entry: anywhere,
    format: "cjs",
    platform: "neutral",
    plugins: [cjsMarker(), validatorsMinified(), requires()],
    outputOptions: named("cjs", { codeSplitting: chunks }),
  },
  {
    ...common,
    // With it the proxy of the command line, which shows the same inspector.
    entry: { ...sandbox, proxy: "src/proxy/proxy.ts" },
    format: "cjs",
    deps: { onlyBundle: false },
    platform: "node",
    minify: true,
    plugins: [
      // By file: to Node "dist/cjs" is a package of its own, in which the name is not known.
      elsewhere(/^upvest-client$/, "index"),
      elsewhere(/^upvest-client\/webhooks$/, "webhooks"),
      elsewhere(/generated\/operations\.js$/, "operations"),
      packDescription(),
      requires(),
      esmDoors("code", Object.keys(sandbox)),
      shortLines(),
    ],
    outputOptions: named("cjs"),
  },
  {
    ...common,
    entry: commandLine,
    format: "esm",
    platform: "node",
    minify: true,
    plugins: [
      elsewhere(/\/proxy\/proxy\.js$/, "proxy"),
      elsewhere(/generated\/description\.js$/, "description"),
      elsewhere(/generated\/operations\.js$/, "operations", "esm"),
      elsewhere(/signature\/keys\.js$/, "signature", "esm"),
      shortLines(),
    ],
    outputOptions: named("esm"),
  },
  // The types exist once, as those of the CommonJS form, which ESM can import; the other way round TypeScript 5.4 says no.
  {
    ...common,
    entry: { ...anywhere, ...sandbox },
    format: "esm",
    platform: "node",
    dts: { emitDtsOnly: true },
    inputOptions: (options) => ({
      ...options,
      plugins: [schemaApart(() => readFileSync("generated/schema.d.ts", "utf8")), options.plugins],
    }),
    plugins: [esmDoors("declarations", Object.keys({ ...anywhere, ...sandbox }))],
    outputOptions: {
      entryFileNames: "cjs/[name].js",
      chunkFileNames: "cjs/[name].js",
      minifyInternalExports: false,
      codeSplitting: { groups: [{ name: "types.d", minShareCount: 2 }] },
    },
  },
]);

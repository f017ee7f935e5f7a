import { defineConfig, type UserConfig } from "tsdown";

const common: UserConfig = {
  format: ["esm", "cjs"],
  target: "es2022",
  dts: true,
  fixedExtension: true,
  // Final upstream and small: taken in, so that its ESM serves both of our forms and nobody's install can change it.
  deps: { alwaysBundle: ["openapi-fetch"] },
  // The plug-in that writes the declarations is most of the build, and says so each time.
  inputOptions: { checks: { pluginTimings: false } },
};

export default defineConfig([
  // Run wherever fetch and WebCrypto are: nothing of Node's is imported.
  {
    ...common,
    entry: { index: "src/index.ts", webhooks: "src/webhooks/index.ts", redis: "src/redis/index.ts" },
    platform: "neutral",
  },
  // The local sandbox is a server for Node.
  { ...common, entry: { sandbox: "src/sandbox/index.ts" }, platform: "node", clean: false },
  // The command line uses the package as its users do, so that nothing of it is in the tarball twice.
  {
    ...common,
    entry: { cli: "src/cli/main.ts" },
    format: "esm",
    dts: false,
    platform: "node",
    clean: false,
    deps: { ...common.deps, neverBundle: [/^upvest-client(?:\/|$)/] },
  },
]);

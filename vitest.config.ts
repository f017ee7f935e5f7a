import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^upvest-client$/, replacement: source("./test/support/watched-client.ts") },
      {
        find: /^upvest-client\/(download|redis|sandbox|undici|webhooks)$/,
        replacement: `${source("./src")}/$1/index.ts`,
      },
    ],
  },
  test: {
    include: ["test/**/*.test.ts", "examples/testing/*.vitest.test.ts"],
    setupFiles: ["test/support/canary.ts"],
    // Against what never ends. Some tests start a sandbox or a whole program, which a busy machine takes its time for.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    typecheck: {
      enabled: true,
      include: ["test/**/*.test-d.ts"],
      tsconfig: "./tsconfig.json",
      // By its path: `tsc` may be any of the versions that are installed.
      checker: source("./node_modules/typescript/bin/tsc"),
    },
  },
});

import { defineConfig } from "tsdown";

export default defineConfig({
  entry: { index: "src/index.ts", sandbox: "src/sandbox/index.ts" },
  format: ["esm", "cjs"],
  platform: "neutral",
  target: "es2022",
  dts: true,
  sourcemap: false,
  fixedExtension: true,
});

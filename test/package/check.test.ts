/** The check of the package notices what it is there for. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, test } from "vitest";
import { FILES } from "../../scripts/package/budget.js";
import { longLinesIn, root, secretsIn, wrongFiles } from "../../scripts/package/tarball.js";
import { compile, releasedSets, type Setting } from "../../scripts/package/types.js";

test("a file too many and a file too few are both named", () => {
  expect(wrongFiles(FILES)).toEqual([]);
  const [first = "", ...others] = FILES;
  expect(wrongFiles([...others, "dist/esm/surprise.js"])).toEqual([
    "nobody asked for dist/esm/surprise.js",
    `${first} is missing`,
  ]);
});

test.each([
  ["-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIFYX", "a private key"],
  ["-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGbMFcGCSqGSIb3DQEFDTBK", "a private key"],
  [`{"kty":"OKP","d":"${"x".repeat(43)}"}`, "a private key as JWK"],
  [`token = "ghp_${"a".repeat(36)}"`, "a token"],
  ["at run (/home/ada/code/upvest/src/index.ts:1:1)", "a path of somebody's machine"],
  ["C:\\Users\\ada", "a path of somebody's machine"],
  ["fetch('https://build.internal/x')", "a host of somebody's network"],
  ["//# sourceMappingURL=index.js.map", "a source map"],
])("what must not be published is found: %j", (text, what) => {
  expect(secretsIn("dist/esm/index.js", text)).toEqual([`dist/esm/index.js holds ${what}`]);
});

test("an environment file is found; talk of keys is not one", () => {
  expect(secretsIn("dist/.env", "A=1")).toEqual(["dist/.env is an environment file"]);
  expect(
    secretsIn("README.md", "a PEM starts with -----BEGIN PRIVATE KEY----- and `/accounts/{account_id}`"),
  ).toEqual([]);
});

test("code on long lines is found; data may be on them", () => {
  const lines = `short\n${"x".repeat(1001)}\n`;
  expect(longLinesIn("dist/cjs/sandbox.js", lines)).toEqual([
    "dist/cjs/sandbox.js has a line of 1001 characters",
  ]);
  expect(longLinesIn("dist/cjs/validators.js", lines)).toEqual([]);
  expect(longLinesIn("README.md", lines)).toEqual([]);
});

test("test vectors may hold keys, and nothing else of the kind", () => {
  const key = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIFYX";
  expect(secretsIn("test/vectors/keys.json", key)).toEqual([]);
  expect(secretsIn("test/vectors/keys.json", `ghp_${"a".repeat(36)}`)).toEqual([
    "test/vectors/keys.json holds a token",
  ]);
});

let project: string;
const setting: Setting = { compiler: "ts7", resolution: "nodenext", dom: false };

/** A package of one function, and a program that uses it as a release's frozen type tests would. */
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "upvest-client-released-"));
  const own = join(project, "node_modules", "upvest-client");
  mkdirSync(own, { recursive: true });
  mkdirSync(join(project, "node_modules", "@types"));
  for (const name of ["@types/node", "undici-types"]) {
    symlinkSync(join(root, "node_modules", name), join(project, "node_modules", name), "dir");
  }
  writeFileSync(
    join(own, "package.json"),
    JSON.stringify({ name: "upvest-client", type: "commonjs", exports: { ".": { types: "./index.d.ts" } } }),
  );
  mkdirSync(join(project, "0.0.1"));
  writeFileSync(
    join(project, "0.0.1", "program.ts"),
    `import { unwrap } from "upvest-client";\nexport const data: Promise<number> = unwrap(Promise.resolve(1));\n`,
  );
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

it.each([
  ["as it was", "export declare function unwrap<T>(call: Promise<T>): Promise<T>;", ""],
  ["without an export", "export {};", "unwrap"],
  [
    "with another result",
    "export declare function unwrap<T>(call: Promise<T>): Promise<string>;",
    "Promise<string>",
  ],
  [
    "with one more argument",
    "export declare function unwrap<T>(call: Promise<T>, how: string): Promise<T>;",
    "Expected 2",
  ],
])("a released program against the package %s", (_, declarations, complaint) => {
  writeFileSync(join(project, "node_modules", "upvest-client", "index.d.ts"), declarations);
  const said = compile(project, join(project, "0.0.1"), setting);
  if (complaint === "") expect(said).toBe("");
  else expect(said).toContain(complaint);
});

it("every release has its set, and an empty one is no set", () => {
  expect(releasedSets().length).toBeGreaterThan(0);
  mkdirSync(join(project, "empty"));
  expect(() => compile(project, join(project, "empty"), setting)).toThrow("no programs");
});
